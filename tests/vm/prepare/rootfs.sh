#!/bin/bash
# usage: rootfs.sh SUITE
# Prints a disk image with a Debian root file system of that suite (bookworm, trixie, sid) and its container engines. Nothing of
# ours is in it. Kept in the user's cache by the versions of those engines; runs in parallel wait for one another.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=${1:?usage: rootfs.sh SUITE}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-hardening/vm
fail() { echo "tests/vm/prepare/rootfs.sh: $*" >&2; exit 1; }

engines=(containerd runc crun podman conmon)
[ "$suite" != bookworm ] || engines+=(docker.io)
packages=("${engines[@]}" systemd systemd-sysv dbus udev kmod apparmor busybox-static jq iproute2 procps strace util-linux mount
  ca-certificates hostname gzip)

mkdir -p "$cache"
exec 9>"$cache/root-$suite.lock"
flock -w 900 9 || fail "another run has held $cache/root-$suite.lock for 15 minutes. See who: fuser $cache/root-$suite.lock"
. "$here/../../lib/debian.sh"
debian_suite "$suite" "$cache/apt-$suite" || exit
versions=$(for package in "${engines[@]}" systemd apparmor libc6; do echo "$package $(candidate "$package")"; done)
image=$cache/root-$suite-$({ echo "$versions"; cat "${BASH_SOURCE[0]}"; } | sha256sum | cut -c1-16).ext4
if [ -f "$image" ]; then
  touch "$image"
  echo "$image"
  exit 0
fi

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Whether an index may be older than its date allows is this machine's own setting (a frozen mirror needs it); mmdebstrap does not read it.
valid_until=$(apt-config shell value Acquire::Check-Valid-Until)
eval "${valid_until:-value=true}"
echo "preparing the root file system of $suite ($(echo "$versions" | head -n 3 | paste -sd, | sed 's/,/, /g'))" >&2
nice mmdebstrap --variant=essential --include="$(IFS=,; echo "${packages[*]}")" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --aptopt='APT::Install-Recommends "false"' --aptopt="Acquire::Check-Valid-Until \"$value\"" \
  "$suite" "$work/root" "$debian_source" >"$work/build.log" 2>&1 \
  || { tail -n 15 "$work/build.log" >&2; fail "the root file system of $suite could not be built (messages above)."; }
# A machine of its own: a name, no password prompts, and engines that only start when a check says so.
echo guest > "$work/root/etc/hostname"
printf '127.0.0.1 localhost guest\n' > "$work/root/etc/hosts"
: > "$work/root/etc/machine-id"
rm -f "$work"/root/etc/systemd/system/*.wants/{containerd,docker,podman*,apt-*,systemd-timesyncd,fstrim,dpkg-db-backup,e2scrub*}.* 2>/dev/null || true
mkdir -p "$work/root/vm" "$work/root/lib/modules"
truncate -s 4G "$work/image"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/root" "$work/image"
echo "$versions" > "${image%.ext4}.versions"
mv "$work/image" "$image"
# Older images of this suite are of no use any more.
find "$cache" -maxdepth 1 -name "root-$suite-*" ! -path "${image%.ext4}.*" -mtime +2 -delete
echo "$image"
