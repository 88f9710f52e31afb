#!/bin/bash
# usage: sudo ./install.sh --demo [--keep]     shows on this machine what the hardening stops; leaves nothing behind
#        sudo ./install.sh [OPTION...]         installs on a node that runs containerd; --help lists the options
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "${1:-}" = --demo ]; then
  shift
  exec "$here/packaging/demo/demo.sh" "$@"
fi
exec "$here/packaging/node/install.sh" "$@"
