# The profiles through Debian sid's apparmor_parser on the same kernel: another parser compiles the same text into other rules.
suite=sid
areas=(apparmor apparmor-denials)
seconds=800
only_full=true
