# Sourced by checks/load.sh: what containers can leave behind on a node, in a form that can be compared.

# leftovers: one line a thing, sorted. Neither the contents of journals nor what hardeningd and containerd keep for themselves is left over.
leftovers() {
  {
    cut -d' ' -f5 /proc/self/mountinfo | sed 's/^/mount /'
    find /sys/fs/cgroup -type d -printf 'cgroup %p\n'
    processes | sed 's/^/process /'
    find /run/containerd /run/hardening /var/lib/hardening /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots /tmp \
      -mindepth 1 ! -path '/var/lib/hardening/collector/*' ! -path '/var/lib/hardening/telemetry/*' -printf 'file %p\n' 2>/dev/null
  } | sort
}

# processes: the programs that run because of containers.
processes() {
  local folder
  for folder in /proc/[0-9]*; do
    cat "$folder/comm" 2>/dev/null || true
  done | grep -E '^(containerd-shim|runc|hardening-hook|ctr|sleep)' || true
}

# descriptors PID: how many it has open.
descriptors() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; }
