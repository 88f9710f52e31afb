# What every other check relies on: if this fails, the guest is not the machine that we think it is.
the-kernel-has-apparmor-enabled() { is "$(cat /sys/module/apparmor/parameters/enabled)" Y /sys/module/apparmor/parameters/enabled; }

every-controller-is-on-cgroup-v2() {
  is "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs "the file system at /sys/fs/cgroup"
  for controller in cpuset cpu io memory pids; do
    contains " $(cat /sys/fs/cgroup/cgroup.controllers) " " $controller " "cgroup.controllers"
  done
}

pressure-is-measured() { contains "$(cat /proc/pressure/cpu)" "some avg10=" /proc/pressure/cpu; }

seccomp-filters-can-be-installed() { contains "$(cat /proc/sys/kernel/seccomp/actions_avail)" "errno" actions_avail; }

checks the-kernel-has-apparmor-enabled every-controller-is-on-cgroup-v2 pressure-is-measured seccomp-filters-can-be-installed
