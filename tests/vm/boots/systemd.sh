# Debian 12 as its users run it: systemd, containerd as its unit with systemd's cgroup driver, install.sh, and a reboot in the middle.
suite=bookworm
init=systemd
areas=(install kinds daemon upgrade reboot after-reboot uninstall)
seconds=900
