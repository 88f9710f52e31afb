# Every configuration of containerd, NRI on and off, and both runtimes below both engines, with the versions of Debian's sid. Some minutes
# long, so not in the short suite, which has the core of it.
suite=sid
areas=(configs crun podman-runc podman-crun)
words="vm.containerd=2.* vm.runc=1.[3-9]* vm.crun=1.[2-9][0-9]* vm.podman=5.*"
seconds=2400
only_full=true
