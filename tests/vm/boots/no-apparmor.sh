# The same kernel with AppArmor switched off: what a policy that asks for a profile comes to there; and limits on pure cgroup v2, with the oldest runc and crun.
suite=bookworm
areas=(no-apparmor resources)
words="apparmor=0"
seconds=600
