# Docker's own default profile. In the full suite only: dockerd takes a minute to start in the emulator, and what differs from containerd is
# the template and Docker's way to stop and enter a container.
suite=bookworm
areas=(apparmor-docker)
seconds=500
only_full=true
