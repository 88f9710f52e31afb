#!/bin/bash
# usage: tests/run.sh [--quick]
# Installs what the tests need, builds everything, publishes the three programs, runs every test project and ends with one
# line: N passed, N failed, N skipped. Exit 0 only if something passed and nothing failed. --quick leaves out the
# end-to-end tests, which need root and real containers, and the emulated machines. Results are kept in TestResults/.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. packaging/packages.sh
. tests/lib/results.sh

quick=false
case ${1:-} in
  "") ;;
  --quick) quick=true ;;
  *) echo "usage: tests/run.sh [--quick]" >&2; exit 2 ;;
esac

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
stop() { say "$*"; summary_line; exit 1; }   # a run that could not take place is a failed run

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
results=$PWD/TestResults
mkdir -p "$results"
find "$results" -mindepth 1 -maxdepth 1 ! -name vm -exec rm -rf {} +   # tests/vm/run.sh clears its own folder, which another run of it may hold

command -v dotnet >/dev/null || stop "no 'dotnet' found. Install the .NET 10 SDK."
packages=(jq=jq)
if ! $quick; then
  [ "$(id -u)" = 0 ] || stop "the end-to-end tests start real containers and need root. Run with sudo, or leave them out: tests/run.sh --quick"
  packages+=(gcc=gcc /usr/include/zlib.h=zlib1g-dev flock=util-linux containerd=containerd ctr=containerd runc=runc busybox=busybox-static
    strace=strace crun=crun podman=podman conmon=conmon /usr/sbin/dockerd=docker.io
    nginx=nginx redis-check-rdb=redis-tools python3=python3
    /usr/share/containers/seccomp.json=golang-github-containers-common)
fi
need_packages "${packages[@]}" || stop "the packages that the tests need are not all there."

say "building"
dotnet build Runtime.Hardening.sln -v q --disable-build-servers >"$results/build.log" 2>&1 \
  || { grep -E 'error|warning' "$results/build.log" | sort -u | head -n 30; stop "the solution does not build (all of it in TestResults/build.log)."; }

if $quick; then
  say "left out (--quick): publishing the native programs, the end-to-end tests, the emulated machines"
else
  say "publishing the native programs"
  HARDENING_PUBLISH=$(packaging/publish.sh) || stop "the native programs could not be published."
  export HARDENING_PUBLISH
  say "the OpenTelemetry Collector"
  OTELCOL=$(tests/receiver/build.sh) || OTELCOL=
  export OTELCOL   # empty: the tests that need it fail and say how to build it
fi

for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  if $quick && [ "$name" = Runtime.Hardening.EndToEnd.Tests ]; then
    continue
  fi
  say "$name"
  run_project "$name" "$(dirname "$project")/bin/Debug/net10.0/$name"
done

if ! $quick; then
  say "the emulated machines (tests/vm)"
  run_vm
fi

print_skipped
print_failed
say "done"
summary_line
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
