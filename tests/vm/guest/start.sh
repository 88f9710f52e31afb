#!/bin/bash
# Process 1 of a guest without systemd: mounts what a container node needs, runs the checks, switches the machine off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
set -u

mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t securityfs securityfs /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs tmp /tmp
hostname guest
ip link set lo up
modprobe overlay
# A controller can be given to children only while no process sits in the root's own children with it; here none does yet.
for controller in cpuset cpu io memory hugetlb pids; do echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control; done
mkdir /sys/fs/cgroup/init.scope
echo $$ > /sys/fs/cgroup/init.scope/cgroup.procs

if grep -qw vm.shell /proc/cmdline; then
  echo "A shell in the guest. The release is in /vm/release; '. /vm/guest/lib.sh; . /vm/guest/node.sh; install_node' makes it a node. 'exit' switches off."
  (cd /root && setsid --ctty --wait bash -i </dev/console >/dev/console 2>&1)
else
  /vm/guest/run-checks.sh
fi
sync
poweroff -f
