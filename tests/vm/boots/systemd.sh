# Debian 12 as its users run it: systemd, containerd as its unit, and a reboot in the middle.
suite=bookworm
init=systemd
areas=(install)
seconds=400
