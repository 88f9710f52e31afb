# crun below the hook below containerd: the third runtime that a node may have under the same engine.
. "${BASH_SOURCE[0]%/*}/../guest/versions.sh"
. "${BASH_SOURCE[0]%/*}/../guest/strict.sh"
. "${BASH_SOURCE[0]%/*}/../guest/podman.sh"
check_seconds=300 setup_seconds=900
root=/run/containerd/runc/default

setup() {
  install_node
  strict_policy
  real_runtime /usr/bin/crun
  start_containerd
  import_image
  ctr image import /vm/user-image.tar
  image=$user_image start_container strict --annotation tier=strict
}

containerd-and-crun-have-the-versions-that-this-boot-promises() { check_versions containerd crun; }

# runc keeps state.json there, crun a file status.
crun-really-has-the-container() {
  [ -e "$root/strict/status" ] || fail "$root/strict is not crun's: $(ls "$root/strict")"
  ctr run --detach "$image" bare sleep 1000000
  [ -e "$root/bare/state.json" ] || fail "$root/bare is not runc's, so these checks cannot tell them apart: $(ls "$root/bare")"
  remove_container bare
}

every-layer-holds-a-restricted-container() { is_strict "$(cat "/proc/$(container_pid strict)/status")" "$(cat "/proc/$(container_pid strict)/attr/apparmor/current")"; }

an-exec-is-held-to-the-containers-record() {
  is_strict "$(in_container strict cat /proc/self/status)" "$(in_container strict cat /proc/self/attr/apparmor/current)"
}

a-refused-container-tells-ctrs-user-why() {
  contains "$(refused start_container rooted --annotation tier=strict)" \
    "OCI runtime create failed: hardening-hook: policy 'strict', require.user: the container runs as root (uid 0)" "ctr's message"
  [ ! -e "$root/rooted" ] || fail "crun has a container of a refused id in $root/rooted"
  ctr container rm rooted
}

what-crun-itself-refuses-is-told-in-cruns-words() {
  contains "$(refused start_container none -- /no/such/program)" "/no/such/program" "ctr's message"
  ctr container rm none
}

what-is-not-ours-reaches-crun() {
  local group word
  group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$(container_pid strict)/cgroup")
  ctr task pause strict
  contains "$(cat "$group/cgroup.events")" "frozen 1" "cgroup.events"
  ctr task resume strict
  contains "$(cat "$group/cgroup.events")" "frozen 0" "cgroup.events"
  for word in --version features; do
    # crun 1.8 has no features; then the hook must not have any either.
    is "$(answer_of /usr/bin/hardening-hook "$word")" "$(answer_of crun "$word")" "the hook's answer to $word"
  done
}
# answer_of COMMAND...: what it prints, and its exit code, whatever that is.
answer_of() { local code=0; "$@" 2>&1 || code=$?; echo "$code"; }

a-killed-container-leaves-nothing-behind() {
  ctr task kill --signal SIGKILL strict
  wait_until 20 is_stopped strict
  ctr task rm strict
  ctr container rm strict
  [ ! -e "$root/strict" ] || fail "$root/strict is still there"
}
is_stopped() { [ "$(ctr task ls | awk -v id="$1" '$1 == id { print $3 }')" = STOPPED ]; }

checks containerd-and-crun-have-the-versions-that-this-boot-promises crun-really-has-the-container every-layer-holds-a-restricted-container \
  an-exec-is-held-to-the-containers-record a-refused-container-tells-ctrs-user-why what-crun-itself-refuses-is-told-in-cruns-words \
  what-is-not-ours-reaches-crun a-killed-container-leaves-nothing-behind
