# Sourced before the checks: the guest as a container node, by the same commands that a user types.
image=hardening.invalid/probe:1
user_image=hardening.invalid/probe-user:1   # the same as user 1000: containerd 1.6's ctr has no --user
release=/vm/release

# install_node [INSTALL-OPTION...]: once; later calls do nothing. On a guest without systemd it also starts containerd.
install_node() {
  [ ! -e /usr/bin/hardenctl ] || return 0
  mkdir -p /etc/containerd
  [ -e /etc/containerd/config.toml ] || printf 'version = 2\n' > /etc/containerd/config.toml
  "$release/install.sh" --default --no-test "$@"
}

# shipped NAME: the exact name of an AppArmor profile that this release describes, as the build machine's hardenctl says it.
shipped() { sed -n "s/^$1 //p" /vm/apparmor-names; }

# versioned NAME: the exact name of an AppArmor profile in the generation in force; nothing where no policy names it.
versioned() { grep -ohE "\"$1-[0-9a-f]{8}\"" /var/lib/hardening/policy/current/index.json 2>/dev/null | tr -d '"' | head -n 1; }

# place_node: the programs and profiles where install.sh puts them and nothing else, for checks to which the installation is no matter: it
# takes a tenth of the time. No policy is applied, so the hook's built-in one decides until a check applies its own.
place_node() {
  [ ! -e /usr/bin/hardenctl ] || return 0
  mkdir -p /etc/hardening/policies /usr/share/hardening
  install -m 0755 "$release"/bin/* /usr/bin/
  cp -r "$release/profiles" /usr/share/hardening/
  printf '{ "runtime": "%s" }\n' "$(command -v runc)" > /etc/hardening/hook.json
}

# start_containerd: on a guest without systemd; once.
start_containerd() {
  containerd_answers && return 0
  setsid containerd </dev/null >>/run/vm-logs/containerd.log 2>&1 &
  wait_until 60 containerd_answers || { tail -n 20 /run/vm-logs/containerd.log; return 1; }
}
containerd_answers() { ctr version >/dev/null 2>&1; }

# stop_containerd: containers, in their shims, go on.
stop_containerd() {
  local pid
  pid=$(pidof containerd) || return 0
  kill "$pid"
  wait_until 30 test ! -d "/proc/$pid"
}

# import_image: the probe's image, once.
import_image() {
  [ -n "$(ctr image ls -q "name==$image")" ] || ctr image import --snapshotter overlayfs /vm/image.tar
}

# start_hardeningd: without systemd; its OTLP goes to files in /var/lib/hardening/telemetry unless OTEL_* says otherwise.
start_hardeningd() {
  [ -S /run/hardening/hardeningd.sock ] && return 0
  mkdir -p /run/hardening
  setsid /usr/bin/hardeningd </dev/null >>/run/vm-logs/hardeningd.log 2>&1 &
  echo $! > /run/vm-logs/hardeningd.pid
  wait_until 30 test -S /run/hardening/hardeningd.sock || { tail -n 20 /run/vm-logs/hardeningd.log; return 1; }
}

# policy NAME < YAML: writes /etc/hardening/policies/NAME.yaml and applies all of them. Without input it removes that file.
policy() {
  if [ -t 0 ]; then rm -f "/etc/hardening/policies/$1.yaml"; else cat > "/etc/hardening/policies/$1.yaml"; fi
  hardenctl policy apply /etc/hardening/policies
}

# start_container ID [CTR-OPTION...] [-- COMMAND...]: detached, through the hook. Without a command it sleeps.
start_container() {
  local id=$1 options=() command=(sleep 1000000)
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  if [ $# -gt 1 ]; then shift; command=("$@"); fi
  ctr run --detach --runc-binary /usr/bin/hardening-hook "${options[@]}" "$image" "$id" "${command[@]}"
}
container_pid() { ctr task ls | awk -v id="$1" '$1 == id { print $2 }'; }
in_container() { local id=$1; shift; ctr task exec --exec-id "x$RANDOM$RANDOM" "$id" "$@"; }
remove_container() {
  ctr task rm --force "$1" >/dev/null 2>&1 || true
  ctr container rm "$1" >/dev/null
}

# journal_line ID: the hook's last line about a container.
journal_line() { cat /var/lib/hardening/journal/*.jsonl | grep -F "\"id\":\"$1\"" | tail -n 1; }
