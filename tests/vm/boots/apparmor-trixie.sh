# The profiles through Debian trixie's apparmor_parser on the same kernel: another parser compiles the same text into other rules.
suite=trixie
areas=(apparmor apparmor-versions apparmor-denials)
seconds=900
only_full=true
