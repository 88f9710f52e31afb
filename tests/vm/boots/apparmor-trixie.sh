# The profiles through Debian trixie's apparmor_parser on the same kernel: another parser compiles the same text into other rules.
suite=trixie
areas=(apparmor apparmor-denials)
seconds=800
only_full=true
