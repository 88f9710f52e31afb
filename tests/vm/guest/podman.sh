# Sourced by areas that drive Podman: the hook where Podman expects its runtime, and the guest's own word about which runtime really ran.

# install_podman: no systemd and no network below it here.
install_podman() {
  mkdir -p /etc/containers/containers.conf.d
  printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' > /etc/containers/containers.conf.d/10-guest.conf
  [ -s /etc/containers/policy.json ] || printf '{ "default": [{ "type": "insecureAcceptAnything" }] }\n' > /etc/containers/policy.json
  podman load --quiet --input /vm/image.tar
}

# real_runtime PATH: what the hook becomes from now on.
real_runtime() { printf '{ "runtime": "%s" }\n' "$1" > /etc/hardening/hook.json; }

# podman_run NAME [OPTION...] [-- COMMAND...]: detached, through the hook. Without a command it sleeps.
podman_run() {
  local name=$1 options=() command=(sleep 1000000)
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  if [ $# -gt 1 ]; then shift; command=("$@"); fi
  podman --runtime /usr/bin/hardening-hook run --detach --network none --name "$name" "${options[@]}" "$image" "${command[@]}"
}

# podman_says NAME TEMPLATE
podman_says() { podman inspect --format "$2" "$1"; }

# ran_below_the_hook NAME RUNTIME: Podman called the hook, the hook decided, and crun or runc (whose state lies in /run/NAME) has the container.
ran_below_the_hook() {
  local id other=runc conmon
  [ "$2" = crun ] || other=crun
  id=$(podman_says "$1" '{{.Id}}')
  is "$(podman_says "$1" '{{.OCIRuntime}}')" /usr/bin/hardening-hook "the runtime that Podman knows of $1"
  conmon=$(cat "$(podman_says "$1" '{{.ConmonPidFile}}')")
  contains "$(tr '\0' ' ' < "/proc/$conmon/cmdline")" " -r /usr/bin/hardening-hook " "conmon's command line"
  [ -d "/run/$2/$id" ] || fail "$2 has no container $id: /run/$2 holds '$(ls "/run/$2" 2>/dev/null)'"
  [ ! -e "/run/$other/$id" ] || fail "$other has the container $id too"
  contains "$(grep -hF "\"id\":\"$id\",\"verb\":\"create\"" /var/lib/hardening/journal/*.jsonl)" '"decision":"allow","engine":"podman"' "the journal's line of $id"
}
