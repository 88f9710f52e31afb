# Sourced by demo.sh: tries every attack inside a container and prints what came of it. Nothing here knows what the outcome
# should be: both columns are what the probe printed in this run.

# Only AppArmor tells this file from others, and the demo loads no profile into the machine's kernel.
needs_apparmor=(proc-mem)

# An exec as `docker exec --privileged` or a stolen engine socket would send it: more than the container itself has.
write_greedy_process() {
  local sets=() set
  for set in bounding effective permitted; do
    sets+=("\"$set\":[\"CAP_SYS_ADMIN\",\"CAP_CHOWN\",\"CAP_NET_RAW\",\"CAP_SYS_PTRACE\"]")
  done
  printf '{"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/probe","exec-capabilities"],"cwd":"/","noNewPrivileges":false,"capabilities":{%s}}' \
    "$(IFS=,; echo "${sets[*]}")" > "$node/greedy.json"
  jq '.args = ["/bin/probe", "exec-ambient"] | .user = {uid: 1000, gid: 1000}
    | .capabilities = (["bounding", "effective", "permitted", "inheritable", "ambient"] | map({key: ., value: ["CAP_NET_RAW"]}) | from_entries)' \
    "$node/greedy.json" > "$node/ambient.json"
}

# one NAME COMMAND...: turns the outcome of a single attack into the line that `probe all` would print for it. When the
# process never got to try, what the engine or the runtime said is the reason.
one() {
  local name=$1 output code=0
  shift
  output=$("$@" 2>"$node/attack.err") || code=$?
  case $output in
    succeeded* | refused* | untried*) printf '%s\t%s\n' "$name" "$output" ;;
    *) printf '%s\tuntried\t%s\n' "$name" "$(tail -n 1 "$node/attack.err" | cut -c1-120) (exit $code)" ;;
  esac
}

# try_attacks ID RUNTIME: writes ID.tsv with a line per attack: name, succeeded|refused|untried, errno or reason.
try_attacks() {
  local id=$1 runtime=$2
  ctr_node task exec --exec-id all "$id" /bin/probe all >"$node/$id.tsv" 2>"$node/$id.exec.log" \
    || fail "the probe did not run in '$id'." "$node/$id.exec.log"
  one setuid-binary ctr_node task exec --exec-id user --user 1000:1000 "$id" /bin/probe setuid-binary >>"$node/$id.tsv"
  one exec-ambient "$runtime" --root "$node/containerd/runc/$namespace" exec --process "$node/ambient.json" "$id" >>"$node/$id.tsv"
  one exec-capabilities "$runtime" --root "$node/containerd/runc/$namespace" exec --process "$node/greedy.json" "$id" >>"$node/$id.tsv"
}

outcome() { awk -F '\t' -v name="$2" -v column="$3" '$1 == name { print $column }' "$node/$1.tsv"; }

# print_attacks: the table. Sets counted, refused and leaks. Left out are the attacks that need a request of their own, or a process that joins while they
# watch: packaging/docs/attacks.md has them all.
print_attacks() {
  local name description kind bare hardened detail
  counted=0 refused=0 leaks=()
  printf '  %s%-58s %-10s %-10s %s%s\n' "$bold" "attack" "bare" "hardened" "what stopped it" "$plain"
  while IFS=$'\t' read -r name description _ kind; do
    case $kind in inside | user) ;; exec) [ "$name" = exec-capabilities ] || continue ;; *) continue ;; esac
    bare=$(outcome bare "$name" 2)
    hardened=$(outcome hardened "$name" 2)
    detail=$(outcome hardened "$name" 3)
    if [ "$bare" != succeeded ]; then
      printf '  %-58s %-10s %-10s no proof here: bare %s\n' "$description" "${bare:-untried}" "${hardened:-untried}" "$(outcome bare "$name" 3)"
      continue
    fi
    if [ "$hardened" = refused ]; then
      counted=$((counted + 1)) refused=$((refused + 1))
      printf '  %-58s %s%-10s%s %s%-10s%s %s\n' "$description" "$red" "$bare" "$plain" "$green" "$hardened" "$plain" "$(meaning "$detail")"
    elif [[ " ${needs_apparmor[*]} " == *" $name "* ]]; then
      printf '  %-58s %-10s %-10s not counted: AppArmor stops it, and the demo loads no profile\n' "$description" "$bare" "$hardened"
    else
      counted=$((counted + 1))
      leaks+=("$name (${hardened:-untried}${detail:+: $detail})")
      printf '  %-58s %s%-10s %-10s%s %s\n' "$description" "$red" "$bare" "${hardened:-untried}" "$plain" "$detail"
    fi
  done < <("$node/probe" list)
}

meaning() {
  case $1 in
    EPERM) echo "EPERM: seccomp or a missing capability" ;;
    EACCES) echo "EACCES: a missing capability" ;;
    ENOSYS) echo "ENOSYS: seccomp, as if the kernel lacked it" ;;
    EROFS) echo "EROFS: read-only" ;;
    *) echo "$1" ;;
  esac
}

# What the kernel says about the running process, read from outside.
print_confinement() {
  local id pid
  printf '  %s%-10s %-18s %-18s %-12s %s%s\n' "$bold" "container" "CapEff" "CapBnd" "NoNewPrivs" "Seccomp" "$plain"
  for id in bare hardened; do
    pid=$(container_pid "$id")
    awk -v id="$id" '/^(CapEff|CapBnd|NoNewPrivs|Seccomp|Seccomp_filters):/ { v[$1] = $2 }
      END { printf "  %-10s %-18s %-18s %-12s %s (%s filters)\n", id, v["CapEff:"], v["CapBnd:"], v["NoNewPrivs:"], v["Seccomp:"], v["Seccomp_filters:"] }' \
      "/proc/$pid/status"
  done
}
