# Debian 13: containerd 1.7 and runc 1.1.15. The versions are promises, as patterns: any other fails the boot.
suite=trixie
areas=(core)
words="vm.containerd=1.7.* vm.runc=1.1.15* vm.crun=1.21* vm.podman=5.4.*"
seconds=600
