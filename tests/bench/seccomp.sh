#!/bin/bash
# usage: tests/bench/seccomp.sh [--jit] [--record]
# What the seccomp algebra costs in a native program, as the hook is one: the meet and the question whether a profile is tighter. Fails where a budget
# is exceeded. --jit runs BenchmarkDotNet too, which measures the same under the just-in-time compiler, with errors and garbage collections.
# --record keeps the tables under results/, with this machine described.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
jit=false record=false
while [ $# -gt 0 ]; do
  case $1 in
    --jit) jit=true; shift ;;
    --record) record=true; shift ;;
    *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet publish "$here/seccomp-native" -c Release -r "$(dotnet --info | awk '/^ *RID:/ { print $2; exit }' | sed 's/^debian\.[0-9]*-/linux-/')" -o "$work/native" -v q --nologo >"$work/publish.log" 2>&1 \
  || { tail -n 20 "$work/publish.log" >&2; echo "seccomp.sh: the benchmark could not be published (messages above)." >&2; exit 1; }
code=0
native=$("$work/native/Runtime.Hardening.Seccomp.Native.Benchmarks" "$repository") || code=$?
echo "$native"

if $jit; then
  (cd "$work" && HARDENING_REPOSITORY=$repository dotnet run -c Release --project "$here/seccomp" -- --artifacts "$work/artifacts" >"$work/jit.log" 2>&1) \
    || { tail -n 20 "$work/jit.log" >&2; echo "seccomp.sh: BenchmarkDotNet failed (messages above)." >&2; exit 1; }
  echo
  grep -h '^|' "$work"/artifacts/results/*-github.md | tee "$work/jit.md"
fi

if $record; then
  file=$here/results/$(date -u +%Y-%m-%d)-seccomp.md
  {
    echo "# seccomp, $(date -u +%Y-%m-%d)"
    echo
    echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, Linux $(uname -r | cut -d- -f1), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)," \
      ".NET SDK $(dotnet --version), commit $(git -C "$repository" rev-parse --short HEAD). Load while measuring: $(cut -d' ' -f1-3 /proc/loadavg)."
    echo
    echo "In a native program:"
    echo
    echo "$native"
    if $jit; then
      printf '\nUnder the just-in-time compiler (BenchmarkDotNet, short run):\n\n'
      cat "$work/jit.md"
    fi
  } > "$file"
  echo "kept in ${file#"$repository"/}" >&2
fi
exit "$code"
