# Containers at their limits on pure cgroup v2: what hardeningd sends against the kernel's own files.
suite=bookworm
areas=(kernel cgroup)
seconds=600
