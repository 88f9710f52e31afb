# Debian 12 on its stock kernel, for the attack table alone: it applies policies of its own and takes the kernel's modules apart.
suite=bookworm
areas=(attacks)
seconds=1500
