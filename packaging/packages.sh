# Sourced by the demo and the tests. need_packages PROGRAM=PACKAGE...: installs with apt what is missing, and only that.
# A word with a slash names a file instead of a program. A service that an installation starts is stopped again, so that
# the machine's own engine stays as it was found.
need_packages() {
  local pair missing=() unit running=() log units=(containerd podman.socket podman-auto-update.timer nginx)
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
  for unit in "${units[@]}"; do
    if [ "$(systemctl is-active "$unit" 2>/dev/null || true)" = active ]; then running+=("$unit"); fi
  done
  echo "installing ${missing[*]}" >&2
  if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "apt could not install ${missing[*]} (its last messages are above)." >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  for unit in "${units[@]}"; do
    if [[ " ${running[*]-} " != *" $unit "* ]] && [ "$(systemctl is-active "$unit" 2>/dev/null || true)" = active ]; then
      systemctl stop "$unit"
    fi
  done
}
