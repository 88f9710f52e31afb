# Podman with runc below the hook, once more as its configuration names a runtime (containers.conf) instead of by path.
. "${BASH_SOURCE[0]%/*}/../guest/versions.sh"
. "${BASH_SOURCE[0]%/*}/../guest/strict.sh"
. "${BASH_SOURCE[0]%/*}/../guest/podman.sh"
check_seconds=300 setup_seconds=900

setup() {
  install_node
  strict_policy
  install_podman
  real_runtime "$(command -v runc)"
  # runtime_supports_json gives the hook a --log file, so that Podman shows its sentence and not conmon's guess.
  cat > /etc/containers/containers.conf.d/50-hardened.conf <<'TOML'
[engine]
runtime = "hardened"
runtime_supports_json = ["crun", "runc", "hardened"]
[engine.runtimes]
hardened = ["/usr/bin/hardening-hook"]
TOML
  podman_run strict --user 1000:1000 --annotation tier=strict --security-opt seccomp=unconfined
}

podman-and-runc-have-the-versions-that-this-boot-promises() { check_versions podman runc; }

podman-runs-runc-below-the-hook() { ran_below_the_hook strict runc; }

every-layer-holds-a-restricted-container() {
  local pid
  pid=$(podman_says strict '{{.State.Pid}}')
  is_strict "$(cat "/proc/$pid/status")" "$(cat "/proc/$pid/attr/apparmor/current")"
  is_strict "$(podman exec strict cat /proc/self/status)" "$(podman exec strict cat /proc/self/attr/apparmor/current)"
}

a-refused-container-tells-podmans-user-why-in-one-error() {
  is "$(refused podman run --network none --name rooted --annotation tier=strict "$image" true | grep -c "hardening-hook: policy 'strict', require.user:")" 1 "lines with the hook's sentence"
  podman rm --force rooted
}

a-runtime-by-name-is-the-hook() {
  podman run --detach --network none --name named "$image" sleep 1000000
  is "$(podman_says named '{{.OCIRuntime}}')" hardened "the runtime that Podman knows"
  contains "$(journal_line "$(podman_says named '{{.Id}}')")" '"engine":"podman"' "the journal"
  podman rm --force --time 0 named
}

an-attached-run-prints-what-the-container-prints-and-nothing-else() {
  is "$(podman run --rm --network none "$image" id -u)" 0 "what the container printed"
}

a-removed-container-is-gone() {
  local id
  id=$(podman_says strict '{{.Id}}')
  podman kill strict
  podman rm --force --time 0 strict
  [ ! -e "/run/runc/$id" ] || fail "/run/runc/$id is still there"
}

checks podman-and-runc-have-the-versions-that-this-boot-promises podman-runs-runc-below-the-hook every-layer-holds-a-restricted-container \
  a-refused-container-tells-podmans-user-why-in-one-error a-runtime-by-name-is-the-hook \
  an-attached-run-prints-what-the-container-prints-and-nothing-else a-removed-container-is-gone
