# Sourced before the checks: a guest whose init is systemd, as its user has it, and pods as a kubelet makes them.
state=/var/lib/vm-checks          # on the disk: still there after a reboot
# Unlike `sleep` as process 1 it goes on SIGTERM, so that no reboot waits for it.
waiting='trap exit TERM; sleep 2147483647 & wait'

cri() { /vm/hardening-cri "$@"; }

# run_pod POD CRI-OPTION...: one container that waits, in a slice as the kubelet's systemd driver gives it. Its ids are kept for later checks.
run_pod() {
  local pod=$1
  shift
  cri run --systemd --namespace web-1 --pod "$pod" --image "$image" "$@" -- /bin/sh -c "$waiting" > "$state/pod-$pod"
}
sandbox_of() { cut -d' ' -f1 "$state/pod-$1"; }
container_of() { cut -d' ' -f2 "$state/pod-$1"; }

# first_process NAMESPACE ID: read from the shim's folder, because asking ctr takes a second here.
first_process() { cat "/run/containerd/io.containerd.runtime.v2.task/$1/$2/init.pid"; }

# status_of PID KEY: a line of /proc/PID/status.
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

# moment UNIT PROPERTY: one of systemd's monotonic time stamps, in microseconds.
moment() { systemctl show -p "$2TimestampMonotonic" --value "$1"; }

# quick_reboots: who does not go when asked to is killed after 5 s instead of 90.
quick_reboots() {
  mkdir -p /etc/systemd/system.conf.d
  printf '[Manager]\nDefaultTimeoutStopSec=5s\n' > /etc/systemd/system.conf.d/quick.conf
  systemctl daemon-reexec
}

# tree: all that an installation could touch or leave behind. Without what engines, systemd and this suite keep for themselves.
tree() {
  find /boot /etc /opt /root /srv /usr /var -xdev \
    \( -path /var/lib/containerd -o -path /var/lib/containers -o -path /var/lib/cni -o -path /var/lib/systemd -o -path /var/log -o -path /var/tmp \
       -o -path /etc/cni/net.d/cni.lock -o -path "$state" \) -prune -o -printf '%p %y %m %l\n' | sort
  find /etc -xdev -type f ! -path /etc/cni/net.d/cni.lock -exec sha256sum {} + | sort -k 2
}
