# Podman and crun of Debian 12, the oldest of both that is in use. The versions are promises, as patterns: any other fails the boot.
suite=bookworm
areas=(podman-crun)
words="vm.podman=4.3.* vm.crun=1.8.* vm.runc=1.1.5*"
seconds=600
