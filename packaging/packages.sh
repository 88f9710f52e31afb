# Sourced by the demo and the tests. need_packages PROGRAM=PACKAGE...: installs with apt what is missing, and only that.
# A word with a slash names a file instead of a program. The machine's own engines stay as they were found: no service is started, or
# else (where the machine has a policy of its own for that) it is stopped again.
need_packages() {
  local pair missing=() unit running=() log services=(containerd podman.socket podman-auto-update.timer docker.socket docker)
  for pair in "$@"; do
    case ${pair%%=*} in
      */*) [ -e "${pair%%=*}" ] || missing+=("${pair#*=}") ;;
      *) command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}") ;;
    esac
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]} (Debian's names), and there is no apt-get here. Install them by hand and try again." >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "Missing: ${missing[*]}, and only root can install them. Run: sudo apt-get install ${missing[*]}" >&2
    return 1
  fi
  log=$(mktemp)
  for unit in "${services[@]}"; do
    if [ "$(systemctl is-active "$unit" 2>/dev/null || true)" = active ]; then running+=("$unit"); fi
  done
  echo "installing ${missing[*]}" >&2
  if ! install_packages "${missing[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "apt could not install ${missing[*]} (its last messages are above)." >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  for unit in "${services[@]}"; do
    if [[ " ${running[*]-} " != *" $unit "* ]] && [ "$(systemctl is-active "$unit" 2>/dev/null || true)" = active ]; then
      systemctl stop "$unit"
    fi
  done
}

# A Docker that ran for a second leaves a bridge and packet filter rules behind, so nothing starts in the first place: Debian's packages ask policy-rc.d.
install_packages() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  fi
  apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove install "$@"
)
