# Many containers at once while everything around the hook fails: the 50 of a busy node. In the full suite only, because each takes a second or
# two in the emulator; the tests of the build machine itself run 200 (LoadTests).
suite=bookworm
areas=(load)
seconds=1500
memory=3072
words="vm.containers=50"
only_full=true
