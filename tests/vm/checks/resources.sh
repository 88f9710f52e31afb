# What policies bound stays bounded on cgroup v2, below runc and below crun, whatever the spec's raw files and an update ask for.
. "${BASH_SOURCE[0]%/*}/../guest/podman.sh"
check_seconds=240 setup_seconds=400
root=/run/containerd/runc/default
bounds="64 67108864 50000 100000"
files='"unified":{"pids.max":"max","memory.max":"max","cpu.max":"max 100000"}'
greedy='{"pids":{"limit":-1},"memory":{"limit":1073741824},"cpu":{"quota":-1,"period":100000},'$files'}'

setup() {
  local runtime
  place_node
  policy bounded <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: bounded }
spec:
  match:
    - annotations: { tier: bounded }
  resources: { pidsMax: 64, memoryMax: 64Mi, cpuMax: 0.5 }
YAML
  start_containerd
  import_image
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    start_container "$runtime" --annotation tier=bounded
  done
}

# limits NAME: what the kernel holds the container to.
limits() {
  local group=/sys/fs/cgroup/default/$1
  echo "$(cat "$group/pids.max") $(cat "$group/memory.max") $(cat "$group/cpu.max")"
}

a-container-is-bounded-below-both-runtimes() {
  local runtime
  [ -e "$root/runc/state.json" ] || fail "$root/runc is not runc's"
  [ -e "$root/crun/status" ] || fail "$root/crun is not crun's"
  for runtime in runc crun; do is "$(limits $runtime)" "$bounds" "pids.max, memory.max and cpu.max below $runtime"; done
}

an-update-on-standard-input-lifts-no-bound() {
  local runtime
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    printf '%s' "$greedy" | hardening-hook --root $root update --resources - $runtime
    is "$(limits $runtime)" "$bounds" "the limits below $runtime"
    contains "$(journal_line $runtime)" '"verb":"update","decision":"allow"' "the journal"
    # The bare runtime does what it is told: else the above would prove nothing.
    printf '%s' "$greedy" | $runtime --root $root update --resources - $runtime
    lacks "$(limits $runtime)" 64 "the limits that bare $runtime leaves"
  done
}

an-update-by-file-takes-a-lifted-bound-back() {
  local runtime
  printf '%s' "$greedy" > /run/greedy.json
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    hardening-hook --root $root update --resources /run/greedy.json $runtime
    is "$(limits $runtime)" "$bounds" "the limits below $runtime"
  done
  is "$(cat /run/greedy.json)" "$greedy" "the caller's file"
}

a-flag-that-lifts-a-bound-is-refused-with-its-reason() {
  local runtime
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    contains "$(refused hardening-hook --root $root update --pids-limit=-1 $runtime)" "allows at most 64" "what the hook says"
    hardening-hook --root $root update --pids-limit=60 $runtime
    contains " $(limits $runtime)" " 60 " "the limits below $runtime"
  done
}

# ctr gives its containers 1024 open files. runc hands them to a process that is described by flags, crun its caller's.
a-process-described-by-flags-has-the-containers-limits() {
  local runtime own
  ulimit -Sn 1000
  ulimit -Hn 4000
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    own=$(files_of "$(cat "/proc/$(container_pid $runtime)/limits")")
    is "$own" "1024 1024" "the open files of the container below $runtime"
    is "$(files_of "$(hardening-hook --root $root exec $runtime cat /proc/self/limits)")" "$([ $runtime = runc ] && echo "$own" || echo 1000 1024)" "those of a process below $runtime"
  done
  is "$(files_of "$(crun --root $root exec crun cat /proc/self/limits)")" "1000 4000" "those of a process below bare crun"
}
files_of() { awk '/^Max open files/ { print $4, $5 }' <<< "$1"; }

# The spec of a container that runs, with the files of cgroup v2 in it that would lift what stands beside them.
raw-files-in-the-spec-lift-no-bound() {
  local runtime bundle=/run/raw given
  for runtime in runc crun; do
    real_runtime "$(command -v $runtime)"
    given=/run/containerd/io.containerd.runtime.v2.task/default/$runtime
    mkdir -p $bundle
    sed "s|\"resources\":{|&$files,|; s|\"path\":\"rootfs\"|\"path\":\"$given/rootfs\"|; s|/default/$runtime\"|/default/raw\"|" "$given/config.json" > $bundle/config.json
    grep -qF "$files" $bundle/config.json || fail "the spec has no resources to add files to: $(cat $bundle/config.json)"
    hardening-hook --root /run/raw-state create --bundle $bundle raw </dev/null >/dev/null
    is "$(limits raw)" "$bounds" "the limits below $runtime"
    hardening-hook --root /run/raw-state delete --force raw
  done
}

checks a-container-is-bounded-below-both-runtimes an-update-on-standard-input-lifts-no-bound an-update-by-file-takes-a-lifted-bound-back \
  a-flag-that-lifts-a-bound-is-refused-with-its-reason a-process-described-by-flags-has-the-containers-limits raw-files-in-the-spec-lift-no-bound
