# Sourced before the checks: how a check says what it expected. Every helper prints what it found when it fails.
fail() { printf '%s\n' "$*"; exit 1; }
skip() { printf '%s\n' "$*"; exit 77; }

# is ACTUAL EXPECTED [WHAT]
is() { [ "$1" = "$2" ] || fail "${3:-the value} is '$1', expected '$2'"; }

# contains TEXT WANTED [WHAT], lacks TEXT UNWANTED [WHAT]. Nothing lacks everything, and is what a command prints that failed: lacks wants some text.
contains() { [[ "$1" == *"$2"* ]] || fail "$1"$'\n'"${3:-the text} (above) does not contain '$2'"; }
lacks() {
  [ -n "$1" ] || fail "${3:-the text} is empty, so what it does not contain proves nothing"
  [[ "$1" != *"$2"* ]] || fail "$1"$'\n'"${3:-the text} (above) contains '$2', which it must not"
}

# refused COMMAND...: it must fail; prints what it said, for the caller to look at.
refused() {
  local output
  if output=$("$@" 2>&1); then fail "this succeeded and must be refused: $*"$'\n'"$output"; fi
  printf '%s\n' "$output"
}

# wait_until SECONDS COMMAND...
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || { printf 'waited in vain for: %s\n' "$*"; return 1; }
    sleep 0.2
  done
}
