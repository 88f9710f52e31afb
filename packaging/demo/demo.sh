#!/bin/bash
# usage: sudo ./install.sh --demo [--keep]
# Runs the same container twice on a private containerd, once as it comes and once through the hardening hook, tries the
# same attacks in both, and prints what happened and the telemetry that arrived. Exit 0 only if every attack that succeeded
# in the bare container was refused in the hardened one (at least six), and every expected metric and event arrived.
# Everything lives in one temporary folder and is removed at the end; --keep leaves the folder for reading.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
. "$here/terminal.sh"
. "$here/node.sh"
. "$here/attacks.sh"
. "$here/telemetry.sh"
. "$repository/packaging/packages.sh"

keep=false
case ${1:-} in
  "") ;;
  --keep) keep=true ;;
  *) echo "usage: sudo ./install.sh --demo [--keep]" >&2; exit 2 ;;
esac

node="" containerd_pid="" hardeningd_pid=""
leave() {
  local code=$?
  trap - EXIT
  if [ -n "$node" ]; then
    remove_node
    if $keep; then
      echo "kept: $node"
    else
      rm -rf "$node"
    fi
  fi
  exit "$code"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step "checking this machine"
[ "$(uname -s)" = Linux ] || fail "containers are Linux programs; this is $(uname -s)."
[ "$(id -u)" = 0 ] || fail "starting containers needs root. Run: sudo ./install.sh --demo"
packages=(containerd=containerd ctr=containerd runc=runc busybox=busybox-static jq=jq pgrep=procps)
if [ ! -x "$here/prebuilt/probe" ]; then
  packages+=(gcc=gcc /usr/include/stdio.h=libc6-dev)
fi
programs=""
for folder in "$repository/bin" "$repository/publish" "$repository"; do
  if [ -x "$folder/hardening-hook" ] && [ -x "$folder/hardenctl" ] && [ -x "$folder/hardeningd" ]; then
    programs=$folder
    break
  fi
done
if [ -z "$programs" ]; then
  command -v dotnet >/dev/null \
    || fail "neither the three programs in $repository/bin or $repository/publish nor a 'dotnet' to build them were found. Install the .NET 10 SDK or unpack a release."
  packages+=(gcc=gcc /usr/include/zlib.h=zlib1g-dev)
fi
need_packages "${packages[@]}" || fail "what the demo needs could not be installed."

if [ -z "$programs" ]; then
  step "building the three programs (native; some minutes the first time)"
  programs=$("$repository/packaging/publish.sh") || fail "the build did not succeed."
fi

step "starting a private containerd"
node=$(mktemp -d "${TMPDIR:-/tmp}/hardening-demo.XXXXXX")
namespace=hardening-demo-${node##*.}
write_settings
start_containerd
say "$(containerd --version | cut -d' ' -f1-3), $(runc --version | head -n 1), in $node"

step "building the image and importing it"
"$here/image.sh" "$node/image.tar" >"$node/image.log" 2>&1 || fail "the image could not be built." "$node/image.log"
ctr_node image import --snapshotter native "$node/image.tar" >"$node/image.log" 2>&1 || fail "ctr could not import the image." "$node/image.log"
install -m 0755 "$(find "$node/root" -path '*/fs/bin/probe' -o -path '*/snapshots/*/bin/probe' | head -n 1)" "$node/probe" \
  || fail "the image was imported, but its probe is not in the snapshot."

step "applying the policy: packaging/demo/policies/demo.yaml"
cp -r "$repository"/profiles/{policies,seccomp,apparmor} "$node/profiles/" || fail "the shipped profiles are missing."
cp "$here"/policies/*.yaml "$node/policies/"
"$programs/hardenctl" policy apply "$node/policies" >"$node/apply.log" 2>&1 || fail "hardenctl did not accept the policy." "$node/apply.log"
sed 's/^/          /' "$node/apply.log"

step "starting hardeningd"
start_hardeningd

step "starting the container bare and hardened"
start_container bare
start_container hardened --runc-binary "$programs/hardening-hook"

step "trying the attacks in both"
write_greedy_process
try_attacks bare runc
try_attacks hardened "$programs/hardening-hook"

step "waiting for the telemetry"
wait_for_telemetry || true   # what is missing is shown and counted below

heading "What the kernel says about the two containers"
print_confinement
heading "The same attacks in both"
print_attacks
heading "What arrived over OTLP"
print_telemetry
heading "Result"
echo "  $refused of $counted attacks that succeeded in the bare container were refused in the hardened one"
echo "  $arrived of $expected expected metrics and events arrived"
current_step="judging the result"
[ "$counted" -ge 6 ] || fail "only $counted attacks succeeded in the bare container; six are needed for a proof."
[ "${#leaks[@]}" = 0 ] || fail "not refused in the hardened container: ${leaks[*]}" "$node/hardened.log"
[ "${#missing[@]}" = 0 ] || fail "did not arrive: ${missing[*]}" "$node/hardeningd.log"
printf '[%s] %sok%s\n' "$(elapsed)" "$green" "$plain"
