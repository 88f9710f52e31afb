# Every configuration of containerd, NRI on and off, and both runtimes below both engines, with the versions of Debian's trixie. Some minutes
# long, so not in the short suite, which has the core of it.
suite=trixie
areas=(configs crun podman-runc podman-crun)
words="vm.containerd=1.7.* vm.runc=1.1.15* vm.crun=1.21* vm.podman=5.4.*"
seconds=2400
only_full=true
