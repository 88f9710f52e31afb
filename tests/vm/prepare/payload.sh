#!/bin/bash
# usage: payload.sh PROGRAMS FILE
# Writes the disk that a run brings along: the release as a user unpacks it, the image of the attack probe, a client of the CRI, the Collector
# if OTELCOL names one, the README, and the checks. Read-only in the guest, at /vm.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
programs=${1:?usage: payload.sh PROGRAMS FILE}
file=${2:?usage: payload.sh PROGRAMS FILE}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
release=$work/vm/release
mkdir -p "$release/bin" "$release/profiles"
for name in hardening-hook hardenctl hardeningd; do install -m 0755 "$programs/$name" "$release/bin/$name"; done
cp -r "$repository/install.sh" "$repository/packaging" "$release/"
for kind in policies seccomp apparmor schema; do cp -r "$repository/profiles/$kind" "$release/profiles/"; done
cp "$repository/README.md" "$work/vm/"
cp -r "$repository/tests/vm/guest" "$repository/tests/vm/checks" "$work/vm/"
for description in "$release"/profiles/apparmor/*.yaml; do
  echo "$(basename "$description" .yaml) $("$programs/hardenctl" apparmor render --output json "$description" 2>/dev/null | jq -r .name)"
done > "$work/vm/apparmor-names"
"$repository/packaging/demo/image.sh" "$work/vm/image.tar"
"$repository/packaging/demo/image.sh" "$work/vm/user-image.tar" hardening.invalid/probe-user:1 1000:1000
install -m 0755 "$("$repository/tests/cri/publish.sh")" "$work/vm/hardening-cri"
if [ -n "${OTELCOL:-}" ]; then install -m 0755 "$OTELCOL" "$work/vm/otelcol"; fi
chown -R 0:0 "$work/vm"
truncate -s $(($(du -sm "$work/vm" | cut -f1) * 5 / 4 + 16))M "$file"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/vm" "$file"
