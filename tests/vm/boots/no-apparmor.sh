# The same kernel with AppArmor switched off: what a policy that asks for a profile comes to there.
suite=bookworm
areas=(no-apparmor)
words="apparmor=0"
seconds=400
