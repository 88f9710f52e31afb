#!/bin/bash
# usage: kernel.sh
# Prints a folder with Debian's stock cloud kernel for the emulated machine: vmlinuz, boot.cpio.gz (what mounts the disks), and
# modules.ext4 (all of its modules). Kept by version in the user's cache; runs in parallel wait for one another.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-hardening/vm
fail() { echo "tests/vm/prepare/kernel.sh: $*" >&2; exit 1; }

mkdir -p "$cache"
exec 9>"$cache/kernel.lock"
flock -w 900 9 || fail "another run has held $cache/kernel.lock for 15 minutes. See who: fuser $cache/kernel.lock"
. "$here/../../lib/debian.sh"
debian_suite bookworm "$cache/apt-bookworm" || exit

# One version, named by the metapackage: the packages of all versions together are a gigabyte.
image=$(apt-cache "${apt_options[@]}" depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2 "-unsigned"; exit }')
[ -n "$image" ] || fail "bookworm's linux-image-cloud-amd64 names no kernel package any more; see what took its place."
version=$(candidate "$image")
[ -n "$version" ] || fail "bookworm has no package $image, which its metapackage names."
folder=$cache/kernel-${version//[:\/]/_}-$(cat "${BASH_SOURCE[0]}" "$here/init" | sha256sum | cut -c1-8)
if [ -f "$folder/modules.ext4" ]; then
  touch "$folder"
  echo "$folder"
  exit 0
fi

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "preparing the kernel $image $version" >&2
(cd "$work" && apt-get "${apt_options[@]}" -q download "$image" >download.log 2>&1) \
  || { tail -n 5 "$work/download.log" >&2; fail "apt could not download $image."; }
mkdir -p "$work"/{unpacked,new,boot/modules,boot/bin,disk}
dpkg -x "$work"/linux-image-*.deb "$work/unpacked"
modules=$(echo "$work"/unpacked/lib/modules/*)
depmod -b "$work/unpacked" "$(basename "$modules")"
cp "$work"/unpacked/boot/vmlinuz-* "$work/new/vmlinuz"

# Loaded in this order by init; ext4 is built in.
for module in drivers/virtio/{virtio,virtio_ring,virtio_pci_legacy_dev,virtio_pci_modern_dev,virtio_pci} drivers/block/virtio_blk; do
  cp "$modules/kernel/$module.ko" "$work/boot/modules/"
done
install -m 0755 "$here/init" "$work/boot/init"
install -m 0755 "$(command -v busybox)" "$work/boot/bin/busybox"
(cd "$work/boot" && find . | cpio --quiet -o -H newc | gzip -1) > "$work/new/boot.cpio.gz"

mv "$modules" "$work/disk/"
truncate -s 256M "$work/new/modules.ext4"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/disk" "$work/new/modules.ext4"
mv "$work/new" "$folder"
# Older ones are of no use any more.
find "$cache" -maxdepth 1 -name 'kernel-*' -type d ! -path "$folder" -mtime +2 -exec rm -rf {} +
echo "$folder"
