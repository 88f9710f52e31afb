# Debian 12 on its stock kernel, for the attack table alone, because its policies decide about every container. Quiet machines need 3 to 4 minutes.
suite=bookworm
areas=(attacks)
seconds=600
