# Sourced by areas that need a container which every layer holds, whatever engine it is of.

# strict_policy: containers with the annotation tier=strict are restricted.
strict_policy() {
  policy strict <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: strict, description: "Restricted, for containers that are marked so" }
spec:
  extends: [restricted]
  match:
    - annotations: { tier: strict }
YAML
}

# is_strict STATUS LABEL: the kernel's own words about a process, from /proc.
is_strict() {
  contains "$1" $'\nSeccomp:\t2\n' "/proc/PID/status"
  contains "$1" $'\nNoNewPrivs:\t1\n' "/proc/PID/status"
  contains "$1" $'\nCapBnd:\t0000000000000400\n' "/proc/PID/status"
  contains "$1" $'\nCapEff:\t0000000000000000\n' "/proc/PID/status"
  contains "$1" $'\nUid:\t1000\t1000\t1000\t1000\n' "/proc/PID/status"
  is "$2" "$(versioned hardened-restricted) (enforce)" "the AppArmor label"
}
