# The 50 containers of a busy node. Emulated, each takes a second or two, so the short suite has 12 (boot faults).
suite=bookworm
areas=(load)
seconds=1500
memory=3072
words="vm.containers=50"
only_full=true
