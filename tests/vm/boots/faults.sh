# Many containers at once while everything around the hook fails. The full suite has the same with more of them (faults-full).
suite=bookworm
areas=(load)
seconds=900
words="vm.containers=12"
