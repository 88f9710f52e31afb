#!/bin/bash
# usage: publish.sh
# Publishes the CRI client as a native program, for machines without .NET, and prints its path. Kept in the user's cache by a digest of
# its sources; runs in parallel wait for one another.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-hardening/cri
fail() { echo "tests/cri/publish.sh: $*" >&2; exit 1; }

cd "$here/../.."
command -v dotnet >/dev/null || fail "no 'dotnet'. Install the .NET 10 SDK."
mkdir -p "$cache"
exec 8>"$cache/lock"
flock -w 600 8 || fail "another run has held $cache/lock for ten minutes. See who: fuser $cache/lock"
digest=$({ dotnet --version; uname -m
  find tests/cri Directory.Build.props Directory.Packages.props \( -name bin -o -name obj \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
} | sha256sum | cut -c1-16)
program=$cache/hardening-cri-$digest
if [ ! -x "$program" ]; then
  work=$(mktemp -d "$cache/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "publishing the CRI client" >&2
  nice dotnet publish tests/cri -c Release -o "$work" -v q -nologo --disable-build-servers >"$work/log" 2>&1 \
    || { grep -E 'error|warn' "$work/log" | sort -u | head -n 20 >&2; fail "it did not build (messages above)."; }
  find "$cache" -maxdepth 1 -name 'hardening-cri-*' -mtime +7 -delete
  install -m 0755 "$work/hardening-cri" "$program.new"
  mv "$program.new" "$program"
fi
touch "$program"
echo "$program"
