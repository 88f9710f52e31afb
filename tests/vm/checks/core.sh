# The same claims for every version of containerd and runc: boots/ says which ones.
. "${BASH_SOURCE[0]%/*}/../guest/versions.sh"
. "${BASH_SOURCE[0]%/*}/../guest/strict.sh"
check_seconds=300 setup_seconds=900
root=/run/containerd/runc/default

# The engine's own configuration, as its package brings it.
setup() {
  [ -s /etc/containerd/config.toml ] || fail "containerd's package brought no /etc/containerd/config.toml"
  cp -p /etc/containerd/config.toml /run/vm-logs/original.toml
  install_node
  strict_policy
  mkdir -p /etc/hardening
  printf '{ "interval": "2s" }\n' > /etc/hardening/collector.json
  start_containerd
  start_hardeningd
  import_image
  start_container plain
  ctr image import /vm/user-image.tar
  image=$user_image start_container strict --annotation tier=strict
}

the-engine-has-the-version-that-this-boot-promises() {
  check_versions containerd runc
  is "$(ctr version | awk '/Server/ { server = 1 } server && $1 == "Version:" { print $2 }' | sed 's/^v//')" "$(version_of containerd)" "the version of the containerd that answers"
}

the-hook-is-containerds-default-runtime() {
  local dump
  dump=$(containerd config dump | tr -d "\"'")
  contains "$dump" "default_runtime_name = hardened" "containerd config dump"
  contains "$dump" "BinaryName = /usr/bin/hardening-hook" "containerd config dump"
  is "$(ctr plugins ls | awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" { print $NF }')" ok "containerd's CRI plugin"
  is "$(entry hardened)" "true true" "hardenctl engine status: covered and default of the entry 'hardened'"
  is "$(entry runc)" "false false" "hardenctl engine status: covered and default of the entry 'runc'"
}

# entry NAME: covered and default, as hardenctl sees it; nothing if there is no such entry. It exits with 1 where no entry is covered.
entry() {
  { hardenctl engine status --output json || [ $? = 1 ]; } \
    | jq -r --arg name "$1" '.entries[] | select(.engine == "containerd" and .entry == $name) | "\(.covered) \(.default)"'
}

node-default-gives-a-filter-that-the-engine-does-not() {
  ctr run --detach "$image" bare sleep 1000000
  is "$(status_of bare Seccomp)" 0 "seccomp of a container that goes round the hook"
  remove_container bare
  is "$(status_of plain Seccomp)" 2 "seccomp of a container through the hook"
  contains "$(cat "/proc/$(container_pid plain)/mountinfo")" " /proc/interrupts " "its mounts"
  contains "$(journal_line plain)" '"decision":"allow"' "the journal"
}
status_of() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$(container_pid "$1")/status"; }

a-restricted-container-is-held-by-every-layer() { is_strict "$(cat "/proc/$(container_pid strict)/status")" "$(cat "/proc/$(container_pid strict)/attr/apparmor/current")"; }

an-exec-is-held-to-the-containers-record() {
  is_strict "$(in_container strict cat /proc/self/status)" "$(in_container strict cat /proc/self/attr/apparmor/current)"
  contains "$(journal_line strict)" '"verb":"exec"' "the journal's last line of the container"
  contains "$(journal_line strict)" '"path":"process.capabilities.bounding"' "the journal's last line of the container"
}

a-refused-container-tells-ctrs-user-why() {
  contains "$(refused start_container rooted --annotation tier=strict)" \
    "OCI runtime create failed: hardening-hook: policy 'strict', require.user: the container runs as root (uid 0)" "ctr's message"
  lacks "$(ctr task ls)" rooted "ctr task ls"
  [ ! -e "$root/rooted" ] || fail "the runtime has a container of a refused id in $root/rooted"
  ctr container rm rooted
}

what-is-not-ours-reaches-the-runtime() {
  local group
  group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$(container_pid plain)/cgroup")
  ctr task pause plain
  is "$(cat "$group/cgroup.freeze")" 1 cgroup.freeze
  ctr task resume plain
  is "$(cat "$group/cgroup.freeze")" 0 cgroup.freeze
  # As the shims of containerd 1.x and 2.x spell it.
  printf '{"pids":{"limit":71}}' | /usr/bin/hardening-hook --root "$root" --log-format json update --resources - plain
  is "$(cat "$group/pids.max")" 71 pids.max
  printf '{"pids":{"limit":72}}' | /usr/bin/hardening-hook --root "$root" --log-format json update --resources=- plain
  is "$(cat "$group/pids.max")" 72 pids.max
  is "$(/usr/bin/hardening-hook --root "$root" ps --format json plain)" "[$(container_pid plain)]" "runc ps"
}

what-the-runtime-prints-about-itself-stays-clean() {
  local word
  for word in --version features; do
    is "$(/usr/bin/hardening-hook "$word" 2>/run/vm-logs/words)" "$(runc "$word")" "the hook's answer to $word"
    is "$(cat /run/vm-logs/words)" "" "standard error of $word"
  done
}

the-daemon-understands-this-containerd() {
  node=/var/lib/hardening
  . /vm/release/packaging/demo/telemetry.sh
  contains "$(events plain)" container.hardening.decision "the events of the container"
  contains "$(events plain)" container.lifecycle.started "the events of the container"
  contains "$(events plain)" container.hardening.verified "the events of the container"
  contains "$(events strict)" container.lifecycle.exec_started "the events of the container with an exec"
  wait_until 20 has_metric plain container.memory.usage
  has_metric plain container.cpu.time
  # The image's name is in no cgroup and no spec: only containerd's API has it.
  is "$(otlp_lines | jq -rR 'fromjson? | .resourceMetrics[]?.resource.attributes | select(any(.[]; .value.stringValue == "plain"))
    | .[] | select(.key == "container.image.name") | .value.stringValue' | sort -u)" "${image%:*}" "container.image.name"
}
has_metric() { metrics "$1" | cut -f1 | grep -qxF "$2"; }

a-killed-container-leaves-nothing-behind() {
  ctr task kill --signal SIGKILL strict
  wait_until 20 is_stopped strict
  ctr task rm strict
  ctr container rm strict
  [ ! -e "$root/strict" ] || fail "$root/strict is still there"
  remove_container plain
  is "$(ctr task ls -q)" "" "containerd's tasks"
}
is_stopped() { [ "$(ctr task ls | awk -v id="$1" '$1 == id { print $3 }')" = STOPPED ]; }

restore-gives-the-configuration-back-byte-for-byte() {
  cp /etc/containerd/config.toml /run/vm-logs/configured.toml
  hardenctl engine restore containerd
  cmp /etc/containerd/config.toml /run/vm-logs/original.toml
  is "$(entry hardened)" "" "hardenctl engine status of the entry 'hardened'"
  lacks "$(containerd config dump)" hardening-hook "containerd config dump"
  hardenctl engine configure containerd --default
  cmp /etc/containerd/config.toml /run/vm-logs/configured.toml
}

checks the-engine-has-the-version-that-this-boot-promises the-hook-is-containerds-default-runtime \
  node-default-gives-a-filter-that-the-engine-does-not a-restricted-container-is-held-by-every-layer an-exec-is-held-to-the-containers-record \
  a-refused-container-tells-ctrs-user-why what-is-not-ours-reaches-the-runtime what-the-runtime-prints-about-itself-stays-clean \
  the-daemon-understands-this-containerd a-killed-container-leaves-nothing-behind restore-gives-the-configuration-back-byte-for-byte
