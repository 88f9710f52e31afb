# Podman with crun below the hook, on pure cgroup v2: the hook stands where Podman expects its runtime.
. "${BASH_SOURCE[0]%/*}/../guest/versions.sh"
. "${BASH_SOURCE[0]%/*}/../guest/strict.sh"
. "${BASH_SOURCE[0]%/*}/../guest/podman.sh"
check_seconds=300 setup_seconds=900

setup() {
  install_node
  strict_policy
  install_podman
  real_runtime /usr/bin/crun
  podman_run strict --user 1000:1000 --annotation tier=strict --security-opt seccomp=unconfined
}

podman-and-crun-have-the-versions-that-this-boot-promises() { check_versions podman crun; }

podman-runs-crun-below-the-hook() { ran_below_the_hook strict crun; }

a-container-that-goes-round-the-hook-is-told-apart() {
  podman --runtime /usr/bin/crun run --detach --network none --name bare "$image" sleep 1000000
  if (ran_below_the_hook bare crun) > /run/vm-logs/bare; then fail "plain crun looks like crun below the hook to these checks"; fi
  podman rm --force --time 0 bare
}

every-layer-holds-a-restricted-container() {
  local pid
  pid=$(podman_says strict '{{.State.Pid}}')
  is_strict "$(cat "/proc/$pid/status")" "$(cat "/proc/$pid/attr/apparmor/current")"
}

a-podman-exec-is-held-to-the-containers-record() {
  is_strict "$(podman exec strict cat /proc/self/status)" "$(podman exec strict cat /proc/self/attr/apparmor/current)"
  is_strict "$(podman exec --privileged strict cat /proc/self/status)" "$(versioned hardened-restricted) (enforce)"
  contains "$(journal_line "$(podman_says strict '{{.Id}}')")" '"path":"process.capabilities.bounding"' "the journal's last line of the container"
}

cruns-own-spelling-of-an-exec-is-held-too() {
  local id
  id=$(podman_says strict '{{.Id}}')
  contains "$(/usr/bin/hardening-hook exec --user 1000:1000 "$id" cat /proc/self/status)" $'\nNoNewPrivs:\t1\n' "the status of an exec by flags"
  contains "$(refused /usr/bin/hardening-hook exec --cap CAP_SYS_ADMIN "$id" true)" "--cap CAP_SYS_ADMIN asks for more than container '$id' has" "the hook's message"
  # argp takes any prefix that is not ambiguous, and the value of a short flag in the same word.
  contains "$(refused /usr/bin/hardening-hook exec --appar unconfined "$id" true)" "--apparmor unconfined would replace" "the hook's message"
  jq -n '{args: ["/bin/cat", "/proc/self/status"], cwd: "/", user: {uid: 1000, gid: 1000}, capabilities: {bounding: ["CAP_SYS_ADMIN"], effective: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"]}}' \
    > /run/vm-logs/process.json
  # The root that crun uses by itself, spelled out: the same container.
  for root in "" --root=/run/crun; do
    contains "$(/usr/bin/hardening-hook --log-format=json $root exec -p/run/vm-logs/process.json "$id")" $'\nCapBnd:\t0000000000000000\n' "the status of an exec by a file (with '$root')"
  done
  # In one word with -t the rest is -t's own, and no process file: so these are flags.
  contains "$(refused /usr/bin/hardening-hook exec -tp/run/vm-logs/process.json --cap CAP_SYS_ADMIN "$id" true)" "--cap CAP_SYS_ADMIN asks for more" "the hook's message"
}

a-refused-container-tells-podmans-user-why() {
  contains "$(refused podman_run rooted --annotation tier=strict)" "hardening-hook: policy 'strict', require.user: the container runs as root (uid 0)" "podman's message"
  podman rm --force rooted
}

what-is-not-ours-reaches-crun() {
  local group
  group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$(podman_says strict '{{.State.Pid}}')/cgroup")
  podman pause strict
  contains "$(cat "$group/cgroup.events")" "frozen 1" "cgroup.events"
  podman unpause strict
  contains "$(cat "$group/cgroup.events")" "frozen 0" "cgroup.events"
  is "$(/usr/bin/hardening-hook --version)" "$(crun --version)" "the hook's answer to --version"
}

a-restarted-container-is-hardened-again() {
  local pid
  podman restart --time 0 strict
  ran_below_the_hook strict crun
  pid=$(podman_says strict '{{.State.Pid}}')
  is_strict "$(cat "/proc/$pid/status")" "$(cat "/proc/$pid/attr/apparmor/current")"
}

# Podman calls the hook to stop and delete what it made with it.
a-container-outlives-the-uninstallation-and-can-be-removed() {
  local id said
  id=$(podman_says strict '{{.Id}}')
  said=$("$release/install.sh" --uninstall)
  contains "$said" "  $id" "what install.sh --uninstall says of containers that still run"
  podman kill strict
  podman rm --force --time 0 strict
  [ ! -e "/run/crun/$id" ] || fail "/run/crun/$id is still there"
  stop_containerd   # another boot may have one, which would keep the hook's place taken
  "$release/install.sh" --uninstall
  [ ! -e /usr/bin/hardening-hook ] || fail "/usr/bin/hardening-hook is still there after its last container"
}

checks podman-and-crun-have-the-versions-that-this-boot-promises podman-runs-crun-below-the-hook a-container-that-goes-round-the-hook-is-told-apart \
  every-layer-holds-a-restricted-container a-podman-exec-is-held-to-the-containers-record cruns-own-spelling-of-an-exec-is-held-too \
  a-refused-container-tells-podmans-user-why what-is-not-ours-reaches-crun a-restarted-container-is-hardened-again \
  a-container-outlives-the-uninstallation-and-can-be-removed
