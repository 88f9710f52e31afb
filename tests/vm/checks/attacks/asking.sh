# Sourced by attacks.sh: makes the requests and keeps what came of them.

result() { printf '%s\trequest\t%s\t%s\t%s\n' "$@" >> "$work/results/$1"; }

# ask POLICY NAME...: one container that is asked for all of these at once, because every start costs seconds here. When the hook refuses, its
# journal names each rule and each thing for whose sake it does, and each of them would have been enough. What it did not name is asked for
# again without the others, until a container starts or nothing is left.
ask() {
  local policy=$1 id=$1.$2 said=$work/request.$1.$2 name rule left=()
  shift
  start_attack "$id" "$(policy_of "$policy" "$1")" "$@" > "$said" 2> "$said.error" || true
  if grep -q "^$1"$'\t' "$said"; then
    keep "$policy" request "$said"
    return
  fi
  refusals "$id" > "$said.refusals"
  for name in "$@"; do
    rule=$(grep -F -- "$(named "$name")" "$said.refusals" | cut -f1 | sort -u | paste -sd, | sed 's/,/, /g' || true)
    if [ -n "$rule" ]; then result "$policy" "$name" refused "$rule"; else left+=("$name"); fi
  done
  if [ "${#left[@]}" = "$#" ]; then   # it did not start, and not for a reason that the hook gave
    for name in "$@"; do result "$policy" "$name" "$(unstarted "$policy")" "the runtime does not start it: $(why "$said.error")"; done
  elif [ "${#left[@]}" -gt 0 ]; then
    ask "$policy" "${left[@]}"
  fi
}

# To meet the user rule, which `restricted` has as it is shipped.
policy_of() { if [ "$1/$2" = restricted/run-as-root ]; then echo as-shipped; else echo "$1"; fi; }

# A bare runtime that does not start a container has refused it; a hardened one that does not, for no reason of the hook's, was not measured.
unstarted() { if [ "$1" = bare ]; then echo refused; else echo untried; fi; }

why() { tail -n 1 "$1" | sed 's/.*OCI runtime create failed: //; s/: unknown$//' | tr -d '\t' | cut -c1-160; }

# refusals ID: rule and sentence of everything for whose sake the hook refused this container.
refusals() {
  { grep -hF "\"id\":\"$1\"" /var/lib/hardening/journal/refusals*.jsonl 2>/dev/null || true; } | tail -n 1 \
    | jq -r '.findings[] | select(.outcome == "refuse") | "\(.rule)\t\(.message)"'
}

# named NAME: how the hook's sentence names what this attack asked for. An empty line stands in no sentence.
named() {
  case $1 in
    run-as-root) echo "runs as root" ;;
    privileged) echo "is privileged" ;;
    host-pid | host-network | host-ipc) echo "the host's ${1#host-} namespace" ;;
    host-root) echo "mounts '/' of the host" ;;
    host-overlay) echo "'/etc' of the host" ;;
    host-log) echo "'/var/log' of the host" ;;
    engine-socket) echo "'/run/containerd/containerd.sock' of the host" ;;
    engine-socket-folder) echo "'/run/containerd' of the host" ;;
    docker-socket) echo "'/run/docker.sock' of the host" ;;
    socket-by-link) echo "'$work/link' of the host" ;;
    host-proc) echo "mounts '/proc' of the host, which" ;;
    second-proc | second-sysfs) echo "at '/host/$1')" ;;
    host-disk) echo "'$(root_device)' of the host" ;;
    *) echo "(no sentence of the hook is about $1)" ;;
  esac
}

# ask_all POLICY NAME...: together what can be asked of one container, the others apart, two containers at a time.
ask_all() {
  local policy=$1 name together=()
  shift
  for name in "$@"; do
    [[ " ${alone[*]} " == *" $name "* ]] || together+=("$name")
  done
  [ "${#together[@]}" = 0 ] || ask "$policy" "${together[@]}" &
  for name in "$@"; do
    [[ " ${alone[*]} " == *" $name "* ]] || continue
    while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n; done
    ask "$policy" "$name" &
  done
  wait
}
