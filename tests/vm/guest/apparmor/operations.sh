#!/bin/sh
# usage: operations.sh OUTSIDE-PID
# Runs inside a container, by its busybox: tries what AppArmor profiles deny and prints "NAME done" or "NAME refused WHY" for each.
# Values are written back as they were read; the container has /sys/kernel/security, a tmpfs at /unmount and one at /pivot.
outside=$1

try() {
  name=$1
  shift
  if why=$("$@" 2>&1); then echo "$name done"; else echo "$name refused $(echo "$why" | tail -n 1)"; fi
}
write_back() { value=$(cat "$1") && echo "$value" > "$1"; }
print_help() { echo h > /proc/sysrq-trigger; }
change_profile() { sh -c 'echo "changeprofile unconfined" > /proc/self/attr/current'; }
first_bytes() { dd if="$1" of=/dev/null bs=64 count=1; }
mkdir -p /mnt /pivot/old 2>/dev/null

try kcore-read first_bytes /proc/kcore
try sysrq-write print_help
try core-pattern-write write_back /proc/sys/kernel/core_pattern
try vm-write write_back /proc/sys/vm/overcommit_memory
try irq-write write_back /proc/irq/default_smp_affinity
try module-parameter-write write_back /sys/module/printk/parameters/time
try sys-kernel-write write_back /sys/kernel/mm/ksm/sleep_millisecs
try block-queue-write write_back /sys/block/vda/queue/read_ahead_kb
try firmware-read first_bytes /sys/firmware/acpi/tables/DSDT
try apparmor-read cat /sys/kernel/security/apparmor/profiles
try mount busybox mount -t tmpfs x /mnt
try bind-mount busybox mount --bind /tmp /mnt
try remount busybox mount -o remount,noatime /unmount
try change-profile change_profile
try signal-outside kill -0 "$outside"
try ptrace-outside probe ptrace
try memory-outside probe read-memory
try umount busybox umount /unmount
try raw-socket probe raw-socket
try packet-socket probe packet-socket
try chroot probe chroot
try mknod probe mknod
try netlink-socket busybox ip addr
# The last one, because it takes the root away.
try pivot-root busybox pivot_root /pivot /pivot/old
