# Many containers at once while everything around the hook fails. The full suite has the same with more of them (load-full).
suite=bookworm
areas=(load)
seconds=400
words="vm.containers=12"
