#!/bin/bash
# usage: image.sh ARCHIVE [NAME [USER]]
# Writes an OCI image archive with busybox and the attack probe in it, for `ctr image import`: no registry, no network. Without a USER it runs as root.
# The probe is compiled with gcc, unless a prebuilt one lies in prebuilt/ beside this script or is named by HARDENING_PROBE.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
archive=${1:?usage: image.sh ARCHIVE [NAME [USER]]}
name=${2:-hardening.invalid/probe:1} user=${3:-}

fail() { echo "image.sh: $*" >&2; exit 1; }

busybox=$(command -v busybox) || fail "busybox not found. Install busybox-static."
if ldd "$busybox" >/dev/null 2>&1; then   # ldd fails on a static program
  fail "$busybox is linked dynamically and would not run in an image without libraries. Install busybox-static."
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
blobs=$work/oci/blobs/sha256
mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,usr,var} "$blobs"
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' > "$root/etc/group"

prebuilt=${HARDENING_PROBE:-$here/prebuilt/probe}
if [ -x "$prebuilt" ]; then
  install -m 0755 "$prebuilt" "$root/bin/probe"
else
  command -v gcc >/dev/null || fail "no prebuilt probe at $prebuilt, and no gcc to compile one. Install gcc and libc6-dev."
  gcc -std=gnu11 -O2 -static -s -o "$root/bin/probe" "$here"/probe/*.c || fail "the probe did not compile (compiler output above)."
fi
install -m 4755 "$root/bin/probe" "$root/bin/probe-setuid"
install -m 0755 "$busybox" "$root/bin/busybox"
for applet in sh sleep cat dd true false ls id; do
  ln -s busybox "$root/bin/$applet"
done

# Same bytes in, same image out: the layer carries no time, no owner and no order of this machine.
tar -C "$root" --numeric-owner --owner=0 --group=0 --mtime=@0 --sort=name -cf "$work/layer.tar" .

# add FILE MEDIA-TYPE: moves it among the blobs and prints its descriptor.
add() {
  local digest size
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  size=$(stat -c %s "$1")
  mv "$1" "$blobs/$digest"
  printf '{"mediaType":"%s","digest":"sha256:%s","size":%s}' "$2" "$digest" "$size"
}
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) fail "no name for the architecture $(uname -m) in an OCI image; known are x86_64 and aarch64." ;;
esac
layer=$(add "$work/layer.tar" application/vnd.oci.image.layer.v1.tar)
diff_id=$(sed 's/.*"digest":"\([^"]*\)".*/\1/' <<<"$layer")
# Left alone it waits, and goes when it is asked to, which `sleep` as process 1 does not: so it can also be the sandbox of a pod.
command='["/bin/sh","-c","trap exit TERM; sleep 2147483647 & wait"]'
printf '{"architecture":"%s","os":"linux","config":{"User":"%s","Env":["PATH=/bin"],"Cmd":%s},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
  "$architecture" "$user" "$command" "$diff_id" > "$work/config.json"
config=$(add "$work/config.json" application/vnd.oci.image.config.v1+json)
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
  "$config" "$layer" > "$work/manifest.json"
manifest=$(add "$work/manifest.json" application/vnd.oci.image.manifest.v1+json)
printf '{"schemaVersion":2,"manifests":[%s]}' \
  "${manifest%\}},\"annotations\":{\"io.containerd.image.name\":\"$name\"}}" > "$work/oci/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' > "$work/oci/oci-layout"
tar -C "$work/oci" -cf "$archive" .
