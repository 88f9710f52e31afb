# Every configuration of containerd, NRI on and off, and both runtimes below both engines, with the versions of Debian's bookworm. Some minutes
# long, so not in the short suite, which has the core of it.
suite=bookworm
areas=(core configs crun podman-runc)
words="vm.containerd=1.6.* vm.runc=1.1.5* vm.crun=1.8.* vm.podman=4.3.*"
seconds=2400
only_full=true
