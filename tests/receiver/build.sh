#!/bin/bash
# Builds the real OpenTelemetry Collector (main.go) from the Go library packages of Debian sid and prints the path of the
# binary. The machine's own packages are never touched: apt only resolves and downloads, against an empty status file, and
# the packages are unpacked into a folder that is removed again. Kept by package version in the user's cache; runs in
# parallel wait for one another. First run: about 330 MB of download and 3 minutes on two cores.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-hardening/otelcol
library=golang-opentelemetry-collector-dev

fail() { echo "tests/receiver/build.sh: $*" >&2; exit 1; }
say() { echo "tests/receiver/build.sh: $*" >&2; }

for tool in apt-get apt-cache dpkg flock sha256sum; do
  command -v "$tool" >/dev/null || fail "'$tool' not found. The Collector is built from Debian's packages and needs Debian's tools."
done
mkdir -p "$cache"
exec 9>"$cache/lock"
flock -w 600 9 || fail "another build has held $cache/lock for ten minutes. See who: fuser $cache/lock"

. "$here/../lib/debian.sh"
state=$cache/apt
debian_suite sid "$state" || fail "sid's packages cannot be had (reason above)."
version=$(candidate "$library")
[ -n "$version" ] || fail "sid has no package $library any more; see what took its place."
recipe=$(cat "$here/main.go" "$here/build.sh" | sha256sum | cut -c1-12)
binary=$cache/${version//[:\/]/_}-$recipe/otelcol
if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi

started=$SECONDS
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "building the OpenTelemetry Collector from $library $version (once per version, about 3 minutes)"
apt-get "${apt_options[@]}" -q -y --download-only install "$library" golang-go >"$work/download.log" 2>&1 \
  || { tail -n 5 "$work/download.log" >&2; fail "apt could not download $library and its dependencies from sid."; }
say "$((SECONDS - started)) s: $(ls "$state"/archives/*.deb | wc -l) packages downloaded, unpacking"
for package in "$state"/archives/golang-*.deb; do
  dpkg -x "$package" "$work/root" || fail "could not unpack $package; is the disk full? (2.5 GB are needed in $cache)"
done

# Debian's GOROOT links into /usr/share by absolute or climbing links: made to point inside the unpacked folder.
goroot=$(echo "$work"/root/usr/lib/go-[0-9]*)
[ -x "$goroot/bin/go" ] || fail "no Go toolchain in sid's golang-go (looked for $goroot/bin/go)."
share=$work/root/usr/share/$(basename "$goroot")
for name in src api lib misc test; do
  if [ -e "$share/$name" ]; then ln -sfn "$share/$name" "$goroot/$name"; fi
done
if [ -d "$share/pkg/include" ]; then ln -sfn "$share/pkg/include" "$goroot/pkg/include"; fi

say "$((SECONDS - started)) s: compiling"
mkdir -p "$work/root/usr/share/gocode/src/runtime-hardening/otelcol" "$work/gocache"
cp "$here/main.go" "$work/root/usr/share/gocode/src/runtime-hardening/otelcol/"
env -i HOME="$work" PATH=/usr/bin:/bin GOROOT="$goroot" GOPATH="$work/root/usr/share/gocode" GO111MODULE=off CGO_ENABLED=0 \
  GOTOOLCHAIN=local GOCACHE="$work/gocache" GOFLAGS=-trimpath \
  nice "$goroot/bin/go" build -ldflags "-s -w -X main.version=$version" -o "$work/otelcol" runtime-hardening/otelcol >"$work/compile.log" 2>&1 \
  || { tail -n 20 "$work/compile.log" >&2; fail "the Collector did not compile against $library $version (compiler output above)."; }
"$work/otelcol" --version >/dev/null || fail "the built Collector does not even print its version."

mkdir -p "$(dirname "$binary")"
mv "$work/otelcol" "$binary"
rm -f "$state"/archives/*.deb
say "$((SECONDS - started)) s: done"
echo "$binary"
