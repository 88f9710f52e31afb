# Sourced by run-checks.sh: what the host reads on the second serial port, one line a fact. The first one is the console.
port=/dev/ttyS1
stty -F "$port" raw -echo 2>/dev/null || true

tell() { printf '%s\n' "$1" > "$port"; }
report_area() { tell "@area $1"; }
report_start() { tell "@start $1"; }
report_pass() { tell "@pass $1 $2"; }
report_skip() { tell "@skip $1 $2"; }
report_failure() {
  local line
  while IFS= read -r line; do tell "@say $1 $line"; done <<< "$3"
  tell "@fail $1 $2"
}
report_end() { tell "@end"; }

# artifact NAME FILE: a text file for the host's results folder.
artifact() {
  sed "s|^|@artifact $1 |" "$2" > "$port"
}
