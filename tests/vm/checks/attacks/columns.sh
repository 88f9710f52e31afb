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

# greedy POLICY: the two processes that ask for more than the container has.
greedy() {
  local who
  for who in root user; do
    "$(runtime_of "$1")" --root "$runtime_root" exec --process "$work/$who.json" "$1" > "$work/$1.$who" || true   # the probe's code is its last attack's
    keep "$1" exec "$work/$1.$who"
  done
}

# join POLICY: everything again by processes that join, while two of the earlier ones watch for the runtime.
join() {
  local policy=$1 name watchers=()
  for name in runtime-exe runtime-ptrace; do
    { ctr task exec --exec-id "$name" "$policy" /bin/probe "$name" || true; } 2>&1 | sed "s/^/$name\t/" > "$work/$policy.$name" &
    watchers+=($!)
    sleep 1
  done
  ctr task exec --exec-id all "$policy" /bin/probe all > "$work/$policy.all"
  greedy "$policy"
  wait "${watchers[@]}"
  for name in all runtime-exe runtime-ptrace; do keep "$policy" exec "$work/$policy.$name"; done
}

remove_column() { remove_container "$1"; }
