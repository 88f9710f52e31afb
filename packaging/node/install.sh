#!/bin/bash
# Puts Runtime.Hardening on a node that runs containerd, or takes it off. packaging/docs/node.md says what it touches and why.
set -euo pipefail
umask 022   # whatever root's is: what others could write, neither the hook nor hardenctl trusts

usage() {
  cat <<'TEXT'
usage: install.sh [OPTION...]            put the hardening on this node (safe to run again: an upgrade, or a change of options)
       install.sh --uninstall [--purge]  take it off
  --default             make the hardened entry containerd's default: pods without a RuntimeClass go through it too
  --handler NAME        name of containerd's runtime entry (hardened)
  --from NAME           the entry whose options are copied (runc)
  --config FILE         containerd's main configuration file (/etc/containerd/config.toml)
  --address SOCKET      containerd's socket, for the test container (/run/containerd/containerd.sock)
  --programs DIR        folder with hardening-hook, hardenctl and hardeningd (default: bin/ or publish/ of this checkout, else built)
  --restart             restart containerd so that it sees the entry (running containers go on running)
  --start-daemon        where systemd does not run: start hardeningd right now
  --no-test             do not run the test container at the end
  --root DIR            install into DIR instead of /: for images and packages; nothing is started, loaded or applied
  --dry-run             print the plan, change nothing
  --uninstall           give containerd its configuration back byte for byte and remove the programs
  --purge               with --uninstall: also policies, own profiles, settings, journal and stored policies
  --force, --remove-only  with --uninstall: what to do if containerd's configuration was changed since (see hardenctl engine restore)
exit code: 0 done; 1 not done, or no runtime entry could be added (the last line says why); 2 wrong use
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
root='' handler=hardened from=runc config=/etc/containerd/config.toml address=/run/containerd/containerd.sock programs=''
default='' restart='' start_daemon='' no_test='' dry_run='' uninstall='' purge='' restore=()
while [ $# -gt 0 ]; do
  case $1 in
    --handler|--from|--config|--address|--programs|--root)
      [ $# -ge 2 ] || { echo "install.sh: $1 needs a value. Try --help." >&2; exit 2; }
      declare "${1#--}=$2"; shift ;;
    --default|--restart|--start-daemon|--no-test|--dry-run|--uninstall|--purge) name=${1#--}; declare "${name//-/_}=yes" ;;
    --force|--remove-only) restore+=("$1") ;;
    --help|-h) usage; exit 0 ;;
    *) echo "install.sh: unknown option '$1'. Try --help." >&2; exit 2 ;;
  esac
  shift
done
if [ -z "$uninstall" ] && [ -n "$purge${restore[*]}" ]; then
  echo "install.sh: --purge, --force and --remove-only go with --uninstall. Nothing was changed." >&2
  exit 2
fi
if [ -n "$root" ]; then
  [ -n "$dry_run" ] || mkdir -p "$root"
  root=$(realpath -m "$root")
  [ "$root" != / ] || root=''
fi
if [ "$(id -u)" != 0 ] && [ -z "$root" ]; then
  echo "install.sh: a node's files and containerd's configuration are root's, and so is the plan of changing them. Run it with sudo." >&2
  exit 2
fi

. "$here/files.sh"
if [ -n "$restart" ] && [ -z "$root" ] && ! systemd_runs; then
  fail "--restart: systemd does not run here, so this script does not know how containerd was started. Leave --restart out and restart it yourself afterwards. Nothing was changed."
fi
if [ -n "$uninstall" ]; then
  . "$here/uninstall.sh"
  uninstall_node
  exit 0
fi
. "$here/steps.sh"
. "$here/container.sh"
install_node
