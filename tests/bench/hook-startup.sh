#!/bin/bash
# usage: tests/bench/hook-startup.sh [--runs N] [--record]
# How much longer a container's create, exec and any other verb take with hardening-hook in between than with a static C
# program that only calls execve. Both sides end in the same tiny static program in the runtime's place, run in turn; the
# figures are medians of several rounds. Beside the budgets stand, for comparison, what else an operator could put there, and how many
# instructions each takes in user space, which do not drift with the machine (valgrind counts them; "-" without it).
# --record keeps the tables under results/, with this machine described.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
runs=400 rounds=5 record=false
while [ $# -gt 0 ]; do
  case $1 in
    --runs) runs=${2:?--runs takes a number}; shift 2 ;;
    --record) record=true; shift ;;
    *) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

publish=${HARDENING_PUBLISH:-$("$repository/packaging/publish.sh")}
hook=$publish/hardening-hook
# Bundles and records live below /run, which is memory on a node; so it is here. The journal is on a disk there and here.
work=$(mktemp -d -p /dev/shm)
disk=$(mktemp -d)
trap 'rm -rf "$work" "$disk"' EXIT
for program in alternate tiny exec-only; do
  flags=-static
  [ "$program" = alternate ] && flags=
  gcc -O2 $flags -o "$work/$program" "$here/$program.c"
done

# A spec that containerd 1.6 really wrote, with its default seccomp profile (8 KB); a process of the size that pods have (4 KB).
fixture=$repository/tests/Fixtures/bundles/containerd-1.6-seccomp
mkdir "$work/bundle" "$work/policies"
cp "$fixture/config.json" "$work/config.template"
jq -c '.env = [range(64) | "HARDENING_BENCH_VARIABLE_\(.)=a value of some length"]' "$fixture/process.json" > "$work/process.template"
cat > "$work/policies/bench.yaml" <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: bench, description: "What a strict node applies to every container" }
spec:
  extends: [restricted]
  require: { user: { nonRoot: true, otherwise: report } }
YAML
cat > "$work/hook.json" <<JSON
{"runtime": "$work/tiny", "policyStore": "$disk/store", "stateDirectory": "$work/state", "journal": "$disk/journal"}
JSON
export HARDENING_CONFIG=$work/hook.json BENCH_RUNTIME=$work/tiny
"$publish/hardenctl" policy apply "$work/policies" --profiles "$repository/profiles" >/dev/null 2>&1
cp "$work/config.template" "$work/bundle/config.json"
"$hook" create --bundle "$work/bundle" bench   # the record that execs are held to
jq -e 'select(.decision == "allow" and (.changes | length) > 3)' "$disk/journal/decisions.jsonl" >/dev/null \
  || { echo "hook-startup.sh: the policy did not harden the spec, so there is nothing to measure." >&2; exit 1; }

# What people write in the runtime's place: a shell script, here the least that changes anything, and the least of all.
printf '#!/bin/sh\nexec %s "$@"\n' "$work/tiny" > "$work/script"
cat > "$work/script-with-jq" <<SH
#!/bin/sh
jq -c '.process.noNewPrivileges = true | .process.capabilities.bounding = []' "$work/bundle/config.json" > "$work/bundle/config.new" &&
mv "$work/bundle/config.new" "$work/bundle/config.json" && exec $work/tiny "\$@"
SH
chmod 0755 "$work/script" "$work/script-with-jq"

# compare TEMPLATE TARGET PROGRAM ARGUMENT...: microseconds of the C program, of the other, and their ratio.
compare() {
  local template=$1 target=$2 program=$3
  shift 3
  for _ in $(seq $rounds); do
    "$work/alternate" "$runs" "$template" "$target" -- "$work/exec-only" "$@" -- "$program" "$@" | tail -n 1   # behind whatever the programs print
  done | sort -k3 -n | sed -n "$((rounds / 2 + 1))p"
}

# instructions TEMPLATE TARGET PROGRAM ARGUMENT...: thousands, in user space, until the program becomes another; the least of three, as one create in
# sixteen sweeps old records. execve takes callgrind's result with it, so it writes one every few thousand blocks and what it wrote is added up.
instructions() {
  local template=$1 target=$2 folder
  shift 2
  command -v valgrind >/dev/null || { echo -; return; }
  for _ in 1 2 3; do
    [ "$template" = - ] || cp "$template" "$target"
    folder=$(mktemp -d -p "$work")
    valgrind --tool=callgrind --callgrind-out-file="$folder/out" --dump-every-bb=2000 "$@" >/dev/null 2>&1 || true
    cat "$folder"/out.* | awk '/^totals:/ { sum += $2 } END { printf "%d\n", sum / 1000 }'
  done | sort -n | head -n 1
}

# row NAME BUDGET TEMPLATE TARGET ARGUMENT...
row() {
  local name=$1 budget=$2 template=$3 target=$4 figures
  shift 4
  figures="$(compare "$template" "$target" "$hook" "$@") $(instructions "$template" "$target" "$hook" "$@")"
  # shellcheck disable=SC2086 # four words
  set -- $figures
  printf "| %s | %s | %s | %s | %s | %s |\n" "$name" "$1" "$2" "$3" "$budget" "$4"
}

# other NAME TEMPLATE TARGET PROGRAM ARGUMENT...
other() {
  local name=$1 figures
  shift
  figures=$(compare "$@")
  # shellcheck disable=SC2086 # three words
  set -- $figures
  printf "| %s | %s | %s | %s |\n" "$name" "$1" "$2" "$3"
}

table() {
  echo "| what | C program, us | hook, us | ratio | budget | thousand instructions |"
  echo "|---|---|---|---|---|---|"
  row "verb passed through" 2.2 - - state bench
  row "create under restricted" 3.5 "$work/config.template" "$work/bundle/config.json" create --bundle "$work/bundle" bench
  row "exec, 4 KB process.json" 2.8 "$work/process.template" "$work/process.json" exec --process "$work/process.json" bench
  echo
  echo "| in the same place, for comparison | C program, us | it, us | ratio |"
  echo "|---|---|---|---|"
  other "a shell script that only execs" - - "$work/script" state bench
  other "a shell script that edits config.json with jq" "$work/config.template" "$work/bundle/config.json" "$work/script-with-jq" create --bundle "$work/bundle" bench
  other "runc itself, asked for its version" - - "$(command -v runc)" --version
}

result=$(table)
echo "$result"
if $record; then
  file=$here/results/$(date -u +%Y-%m-%d)-hook-startup.md
  {
    echo "# hook-startup, $(date -u +%Y-%m-%d)"
    echo
    echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, Linux $(uname -r | cut -d- -f1), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)," \
      ".NET SDK $(dotnet --version), hook of $(stat -c %s "$hook") bytes, commit $(git -C "$repository" rev-parse --short HEAD)."
    echo "Load while measuring: $(cut -d' ' -f1-3 /proc/loadavg). $rounds rounds of $runs alternating runs; the round with the median ratio."
    echo
    echo "$result"
  } > "$file"
  echo "kept in ${file#"$repository"/}" >&2
fi
