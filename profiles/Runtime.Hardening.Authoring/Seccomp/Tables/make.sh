#!/bin/bash
# usage: profiles/Runtime.Hardening.Authoring/Seccomp/Tables/make.sh [SUITE]
# Writes syscalls.csv anew: every system call that the libseccomp of a Debian suite knows (sid without an argument), with its
# number on each architecture of ours. The package is downloaded into a temporary folder by apt and not installed. Needs gcc.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../../../tests/lib/debian.sh"
suite=${1:-sid}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

debian_suite "$suite" "$work/apt" || exit
version=$(candidate libseccomp2)
[ -n "$version" ] || { echo "make.sh: the suite $suite has no package libseccomp2." >&2; exit 1; }
(cd "$work" && apt-get "${apt_options[@]}" -q download "libseccomp2=$version" >&2)
dpkg-deb -x "$work"/libseccomp2_*.deb "$work/root"
library=$(find "$work/root" -name 'libseccomp.so.*' -type f)

gcc -O2 -Wall -o "$work/dump" "$here/dump.c"
{
  echo "# libseccomp $version (Debian $suite); made by make.sh, never by hand"
  "$work/dump" "$library"
} > "$work/syscalls.csv"
[ "$(wc -l < "$work/syscalls.csv")" -gt 400 ] || { echo "make.sh: $library gave $(wc -l < "$work/syscalls.csv") lines, so it is not what dump.c expects." >&2; exit 1; }
mv "$work/syscalls.csv" "$here/syscalls.csv"
echo "syscalls.csv: $(($(wc -l < "$here/syscalls.csv") - 2)) names of libseccomp $version" >&2
