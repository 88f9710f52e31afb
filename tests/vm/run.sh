#!/bin/bash
# usage: tests/vm/run.sh [OPTION...] [NAME...]
# Boots Debian's stock kernel in an emulator, once for each file in boots/, and runs the checks of that boot inside. NAME is an
# area (apparmor) or one check (apparmor/the-label-...); without names every boot of the short suite runs.
#   --list           every boot, area and check
#   --full           also the boots that only the full suite has; writes tests/vm/results/DATE.md
#   --shell [BOOT]   an interactive shell in the guest of BOOT (cgroup)
#   --jobs N         boots at a time (2, or 1 on one processor)
# Exit code: 0 all passed, 1 something failed, 2 wrong use, 77 no emulator can be had here (the reason is printed).
# Results: TestResults/vm/ (VM_RESULTS names another folder). HARDENING_PUBLISH: a folder with the three published programs.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
. "$repository/packaging/packages.sh"
. "$here/host/boots.sh"
. "$here/host/machine.sh"
. "$here/host/results.sh"
. "$here/host/record.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
full=false shell='' jobs=$(($(nproc) > 1 ? 2 : 1)) names=()
while [ $# -gt 0 ]; do
  case $1 in
    --list) list_checks; exit 0 ;;
    --full) full=true ;;
    --shell) shell=${2:-cgroup}; [ $# -lt 2 ] || shift ;;
    --jobs)
      jobs=${2:-}
      [[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "tests/vm/run.sh: --jobs needs a number of boots at a time, from 1. Try --help." >&2; exit 2; }
      shift ;;
    --help | -h) usage; exit 0 ;;
    -*) echo "tests/vm/run.sh: unknown option '$1'. Try --help." >&2; exit 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done
select_boots || exit 2

[ "$(uname -m)" = x86_64 ] || { echo "the emulated machine is x86-64 and its programs are this machine's: on $(uname -m) nothing can be packed into it."; exit 77; }
need_packages qemu-system-x86_64=qemu-system-x86 /usr/share/seabios/bios-256k.bin=seabios mmdebstrap=mmdebstrap \
  /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring cpio=cpio depmod=kmod \
  mke2fs=e2fsprogs busybox=busybox-static jq=jq gcc=gcc flock=util-linux \
  || { echo "the emulator or what prepares its disks could not be installed (reason above)."; exit 77; }

results=${VM_RESULTS:-$repository/TestResults/vm}
mkdir -p "$results"
exec 7>"$results/.lock"
flock -n 7 || { echo "tests/vm/run.sh: another run is writing to $results. Name another folder with VM_RESULTS." >&2; exit 2; }
# Nothing of an earlier run may count in this one.
[ "${#names[@]}" -gt 0 ] || find "$results" -mindepth 1 -maxdepth 1 ! -name .lock -exec rm -rf {} +
commit=$(git -C "$repository" rev-parse --short HEAD 2>/dev/null || echo unknown)$(git -C "$repository" diff --quiet HEAD 2>/dev/null || echo ' with local changes')
work=$(mktemp -d "${TMPDIR:-/tmp}/hardening-vm.XXXXXX")
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

HARDENING_PUBLISH=${HARDENING_PUBLISH:-$("$repository/packaging/publish.sh")} || exit 1
OTELCOL=${OTELCOL-$("$repository/tests/receiver/build.sh")} || OTELCOL=
export OTELCOL
kernel=$("$here/prepare/kernel.sh") || exit   # with its code: 77 where the machine knows no Debian mirror
for suite in $(suites_of "${boots[@]}"); do
  "$here/prepare/rootfs.sh" "$suite" > "$work/root-$suite" || exit
done
"$here/prepare/payload.sh" "$HARDENING_PUBLISH" "$work/payload.ext4" || exit 1

if [ -n "$shell" ]; then
  open_shell "$shell"
  exit
fi
# The longest first, so that none of them runs alone at the end.
for boot in $(longest_first "${boots[@]}"); do
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n; done
  run_boot "$boot" &
done
wait
if $full && [ "${#names[@]}" = 0 ]; then
  mkdir -p "$here/results"
  write_record "$here/results/$(date -u +%F).md"
fi
print_totals
