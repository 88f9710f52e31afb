# Debian's newest: containerd 2 and a runc after 1.2, for both of which other words are spelled differently. The versions are promises,
# as patterns: any other fails the boot.
suite=sid
areas=(core resources)
words="vm.containerd=2.* vm.runc=1.[3-9]* vm.crun=1.[2-9][0-9]* vm.podman=5.*"
seconds=900
