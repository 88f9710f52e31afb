#!/bin/bash
# Runs the areas that the kernel line names, check by check, and reports on the second serial port. "reboot" among the areas starts
# the machine anew and goes on behind it. When only some checks are selected, the areas before them are still set up.
set -u
. /vm/guest/report.sh
. /vm/guest/lib.sh
. /vm/guest/node.sh
. /vm/guest/pods.sh

word() { sed -n "s/.*\\bvm\\.$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline; }
selection=$(word select)
IFS=, read -r -a areas <<< "$(word areas)"
# $state is on the disk, so that it is still there after a reboot.
mkdir -p "$state" /run/vm-logs
position=$(cat "$state/position" 2>/dev/null || echo 0)

selected() { [ -z "$selection" ] || [[ ,$selection, == *",$1,"* ]] || [[ ,$selection, == *",${1%%/*},"* ]]; }

# Whether an area from here on has a selected check.
wanted() {
  local area
  [ -n "$selection" ] || return 0
  for area in "${areas[@]:$position}"; do
    if [[ ,$selection, == *",$area"[,/]* ]]; then return 0; fi
  done
  return 1
}

# checks NAME...: the last line of each file in checks/.
checks() {
  local name setup_log=/run/vm-logs/$area-setup
  report_area "$area"
  if declare -F setup >/dev/null; then
    limited "${setup_seconds:-300}" "$setup_log" setup
    if [ "$code" != 0 ]; then
      for name in "$@"; do
        if selected "$area/$name"; then report_failure "$area/$name" 0 "the setup of $area failed: $(tail -n 20 "$setup_log")"; fi
      done
      return
    fi
  fi
  for name in "$@"; do
    if selected "$area/$name"; then run_check "$name"; fi
  done
}

# limited SECONDS LOG FUNCTION: in a shell of its own in which the first failing command ends it; leaves its exit code in `code`. Never to
# be called behind if, && or ||: there bash would ignore set -e inside.
limited() {
  local seconds=$1 log=$2 pid watchdog
  ( set -eE -o pipefail; trap 'echo "line $LINENO of $area: $BASH_COMMAND"' ERR; "$3" ) >"$log" 2>&1 </dev/null &
  pid=$!
  ( sleep "$seconds"; echo "not done within $seconds s" >>"$log"; kill -TERM "$pid" ) >/dev/null 2>&1 &
  watchdog=$!
  code=0
  wait "$pid" || code=$?
  kill "$watchdog" 2>/dev/null
  wait "$watchdog" 2>/dev/null
}

run_check() {
  local name=$1 log=/run/vm-logs/$area-$1 started=$SECONDS
  report_start "$area/$name"
  limited "${check_seconds:-120}" "$log" "$name"
  case $code in
    0) report_pass "$area/$name" $((SECONDS - started)) ;;
    77) report_skip "$area/$name" "$(tail -n 1 "$log")" ;;
    *) report_failure "$area/$name" $((SECONDS - started)) "$(tail -n 30 "$log")" ;;
  esac
}

while [ "$position" -lt "${#areas[@]}" ] && wanted; do
  area=${areas[$position]}
  position=$((position + 1))
  echo "$position" > "$state/position"
  if [ "$area" = reboot ]; then
    report_area "reboot"
    sync
    if [ -d /run/systemd/system ]; then
      touch /run/vm-reboot
      systemctl reboot --no-block
      exit 0
    fi
    reboot -f
  fi
  ( . "/vm/checks/$area.sh" )
done
report_end
