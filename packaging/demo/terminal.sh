# Sourced by demo.sh: what the person sees. One line a step with the time that has passed, and one way to fail.
started=$EPOCHREALTIME
current_step="starting"
bold="" red="" green="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

elapsed() { awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%5.1f s", b - a }'; }

step() {
  current_step=$1
  printf '[%s] %s\n' "$(elapsed)" "$1"
}

say() { printf '          %s\n' "$*"; }

heading() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

# fail WHY [LOG]: names the step, says why, shows the end of the log, and leaves; the exit trap cleans up.
fail() {
  printf '[%s] %sfailed: %s%s\n          %s\n' "$(elapsed)" "$red" "$current_step" "$plain" "$1" >&2
  if [ -s "${2:-}" ]; then
    printf '          the end of %s:\n' "$(basename "$2")" >&2
    tail -n 15 "$2" | sed 's/^/          | /' >&2
  fi
  exit 1
}

# wait_for SECONDS COMMAND...: 0 as soon as the command succeeds, 1 when the time is over.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}
