# Debian 12 on its stock kernel, without systemd: boots in seconds. AppArmor is on, cgroup v2 is alone, pressure is measured.
suite=bookworm
areas=(kernel node)
seconds=240
