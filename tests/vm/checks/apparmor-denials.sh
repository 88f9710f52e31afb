# What the shipped profile denies, without the help of seccomp, capabilities or masks; and what the kernel tells of it.
[ ! -d /vm/guest ] || . /vm/guest/apparmor.sh

setup() {
  apparmor_node
  operations bare none
  dmesg -C
  operations ours ours
  dmesg | grep -a 'apparmor="DENIED"' > /run/apparmor-records
  # The same profile with every capability: what is refused under it is refused by the rules for files, mounts, sockets and processes.
  sed "s/$profile/hardened-capable/; s/capability setuid,/capability,/" "$text" > /run/apparmor-capable
  apparmor_parser -r /run/apparmor-capable
  operations capable none --apparmor-profile hardened-capable
  # Neither the kernel's log nor anybody else is told when a program that is denied a file dies: this one stays, to be found.
  confined stays ours -- sh -c 'echo h > /proc/sysrq-trigger; while true; do sleep 1000; done'
}

kernel-files-are-denied() {
  all_denied capable kcore-read sysrq-write core-pattern-write vm-write irq-write module-parameter-write sys-kernel-write block-queue-write \
    firmware-read apparmor-read
}
mounts-are-denied() { all_denied capable mount bind-mount remount umount pivot-root; }
processes-outside-are-denied() { all_denied capable signal-outside ptrace-outside memory-outside; }
leaving-the-profile-is-denied() { all_denied capable change-profile; }
raw-and-packet-sockets-are-denied() { all_denied capable raw-socket packet-socket; }
capabilities-beyond-the-list-are-denied() {
  could capable chroot || fail "the variant with every capability must allow it: $(grep '^chroot ' /run/apparmor/capable)"
  all_denied ours chroot mknod umount
  contains "$(cat /run/apparmor-records)" 'capname="sys_chroot"' "the records"
}
a-program-can-still-list-its-addresses() { could ours netlink-socket || fail "$(grep netlink /run/apparmor/ours)"; }

record_of() { grep -aE "operation=\"$1\".*$2" /run/apparmor-records || fail "no record of $1 with $2 among: $(cat /run/apparmor-records)"; }
each-denial-leaves-a-record-that-names-the-profile() {
  local line
  while read -r line; do contains "$line" "profile=\"$profile\"" "the record"; done < /run/apparmor-records
  record_of open 'name="/proc/sysrq-trigger".*denied_mask="w' >/dev/null
  record_of open 'name="/proc/sys/kernel/core_pattern".*denied_mask="w' >/dev/null
  record_of open 'name="/proc/kcore".*denied_mask="r' >/dev/null
  record_of open 'name="/sys/kernel/mm/ksm/sleep_millisecs".*denied_mask="w' >/dev/null
  record_of mount 'name="/mnt/"' >/dev/null
  record_of signal 'denied_mask="send" signal=exists peer="unconfined"' >/dev/null
  record_of ptrace 'denied_mask="trace" peer="unconfined"' >/dev/null
  record_of create 'family="inet" sock_type="raw"' >/dev/null
  record_of create 'family="packet"' >/dev/null
}

a-record-leads-to-the-container() {
  local pid record
  pid=$(container_pid stays)
  wait_until 20 bash -c "dmesg | grep -aq 'apparmor=\"DENIED\".* pid=$pid '"
  record=$(denials " pid=$pid ")
  contains "$record" 'comm="sh"'
  contains "$record" 'name="/proc/sysrq-trigger"'
  contains "$(cat "/proc/$pid/cgroup")" "/stays" "the cgroup of the process that the record names"
}

# The records of what ps reads of its neighbours would bury all others.
listing-processes-leaves-no-record() {
  dmesg -C
  contains "$(in_container stays busybox ps)" "sh -c"
  is "$(denials)" "" "the records of a ps"
}

checks kernel-files-are-denied mounts-are-denied processes-outside-are-denied leaving-the-profile-is-denied raw-and-packet-sockets-are-denied \
  capabilities-beyond-the-list-are-denied a-program-can-still-list-its-addresses each-denial-leaves-a-record-that-names-the-profile \
  a-record-leads-to-the-container listing-processes-leaves-no-record
