# Sourced by attacks.sh: runs the probe in every way in which an attacker can come to run, and keeps what it said. A result is a line of
# policy, way (init, exec, request), attack, succeeded|refused|untried, detail; each container writes a file of its own in $work/results.
runtime_root=/run/containerd/runc/default

runtime_of() { if [ "$1" = bare ]; then command -v runc; else echo /usr/bin/hardening-hook; fi; }

# keep POLICY WAY FILE: the probe's lines in FILE become results.
keep() { awk -F '\t' -v policy="$1" -v way="$2" 'NF == 3 { print policy "\t" way "\t" $0 }' "$3" >> "$work/results/$1"; }

# write_processes: execs as a stolen engine socket would send them: every capability, ambient ones for a user, no_new_privs off, no profile.
write_processes() {
  local all
  all=$(printf '%s\n' "${careless[@]}" | grep '^CAP_' | jq -Rn '[inputs]')
  jq -n --argjson all "$all" '{terminal: false, cwd: "/", noNewPrivileges: false, apparmorProfile: "unconfined", env: ["PATH=/bin"],
    user: {uid: 0, gid: 0}, args: ["/bin/probe", "kind", "exec"], capabilities: {bounding: $all, effective: $all, permitted: $all}}' > "$work/root.json"
  jq --argjson all "$all" '.user = {uid: 1000, gid: 1000} | .args = ["/bin/probe", "kind", "user"]
    | .capabilities = {bounding: $all, effective: ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"], inheritable: ["CAP_NET_RAW"], ambient: ["CAP_NET_RAW"]}' \
    "$work/root.json" > "$work/user.json"
}

# start_column POLICY: the container in which every attack of the ordinary kind has been tried by its first process.
start_column() {
  local policy=$1 runtime=() said=$work/$1.init
  [ "$policy" = bare ] || runtime=(--runc-binary /usr/bin/hardening-hook --annotation "attacks.policy=$policy")
  ctr run --detach --log-uri "file://$said" "${careless[@]}" "${runtime[@]}" "$image" "$policy" /bin/probe stay
  wait_until 60 grep -qsx done "$said"
  keep "$policy" init "$said"
}

# greedy POLICY: the two processes that ask for more than the container has. The hook hardens their files in place, so each gets its own.
greedy() {
  local policy=$1 who
  for who in root user; do
    cp "$work/$who.json" "$work/$policy.$who.json"
    # The probe's exit code is that of its last attack.
    "$(runtime_of "$policy")" --root "$runtime_root" exec --process "$work/$policy.$who.json" "$policy" > "$work/$policy.$who" || true
    keep "$policy" exec "$work/$policy.$who"
  done
}

# watch POLICY NAME...: processes inside that wait for the runtime to come by. Sets watchers; keep_watched waits for them.
watch() {
  local policy=$1 name
  watchers=()
  shift
  for name in "$@"; do
    { ctr task exec --exec-id "$name" "$policy" /bin/probe each "$name" || true; } > "$work/$policy.$name" 2>&1 &
    watchers+=("$!")
    sleep 1
  done
}
keep_watched() {
  local policy=$1 name
  shift
  wait "${watchers[@]}"
  for name in "$@"; do keep "$policy" exec "$work/$policy.$name"; done
}

# join POLICY: everything again by processes that join, while two of the earlier ones watch for the runtime.
join() {
  watch "$1" runtime-exe runtime-ptrace
  ctr task exec --exec-id all "$1" /bin/probe all > "$work/$1.all"
  keep "$1" exec "$work/$1.all"
  greedy "$1"
  keep_watched "$1" runtime-exe runtime-ptrace
}

# try_column POLICY, try_layer POLICY REQUEST...: in a layer's container, what the first process cannot try is tried by processes that join; the
# requests are those that `restricted` starts.
try_column() {
  start_column "$1"
  join "$1"
  remove_container "$1"
}
try_layer() {
  start_column "$1"
  watch "$1" runtime-ptrace
  greedy "$1"
  keep_watched "$1" runtime-ptrace
  remove_container "$1"
  [ $# = 1 ] || ask_all "$@"
}
