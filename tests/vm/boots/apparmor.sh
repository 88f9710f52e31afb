# AppArmor profiles under containerd, with the shipped policies out of the way so that nothing else can be what refuses.
suite=bookworm
areas=(apparmor apparmor-versions apparmor-denials apparmor-engines)
seconds=900
