#!/bin/bash
# Publishes the three programs as native binaries into publish/ of the checkout and prints that folder. A program whose
# sources have not changed since is not built again. Two runs at once wait for one another.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
publish=$repository/publish
mkdir -p "$publish/.build"
exec 8>"$publish/.build/lock"
flock 8
cd "$repository"

command -v dotnet >/dev/null || { echo "publish.sh: no 'dotnet'. Install the .NET 10 SDK, or put the three published programs into $repository/bin." >&2; exit 1; }

# publish NAME FOLDER...: the first folder is the project's, the others are what it references.
publish() {
  local name=$1 project=$2 digest log started=$SECONDS
  shift
  digest=$({ dotnet --version; uname -m
    find "$@" Directory.Build.props Directory.Packages.props \( -name bin -o -name obj \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1)
  if [ -x "$publish/$name" ] && [ "$(cat "$publish/.build/$name.digest" 2>/dev/null)" = "$digest" ]; then
    return 0
  fi
  log=$publish/.build/$name.log
  echo "publishing $name" >&2
  rm -rf "${publish:?}/.build/$name"
  if ! dotnet publish "$project" -c Release -o "$publish/.build/$name" -v q -nologo --disable-build-servers >"$log" 2>&1; then
    grep -E 'error|warn' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    echo "publish.sh: $name did not build (messages above, all of them in $log)." >&2
    return 1
  fi
  install -m 0755 "$publish/.build/$name/$name" "$publish/.build/$name.new"
  mv "$publish/.build/$name.new" "$publish/$name"     # never half a program under this name
  echo "$digest" > "$publish/.build/$name.digest"
  echo "published $name in $((SECONDS - started)) s, $(($(stat -c %s "$publish/$name") / 1024)) KiB" >&2
}

publish hardening-hook hook profiles/Runtime.Hardening.Profiles profiles/seccomp   # one of these is compiled in
publish hardenctl profiles/hardenctl profiles
publish hardeningd collector profiles/Runtime.Hardening.Profiles
echo "$publish"
