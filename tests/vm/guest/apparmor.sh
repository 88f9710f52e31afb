# Sourced by the apparmor areas. A container here has every capability, no seccomp filter and no masked path (ctr's --privileged), so what is
# refused is refused by AppArmor. Its annotation says which policy matches it.
profile=$(shipped hardened-restricted)
text=/run/apparmor-text

# apparmor_node: the node, policies that ask for an AppArmor profile and nothing else, and a kernel that prints every denial.
apparmor_node() {
  place_node
  start_containerd
  import_image
  # Without auditd the kernel prints its records itself, ten in five seconds.
  echo 0 > /proc/sys/kernel/printk_ratelimit
  policy apparmor < /vm/guest/apparmor/policies.yaml
  is "$(versioned hardened-restricted)" "$profile" "the version that the generation names"
  cp "/var/lib/hardening/policy/current/apparmor/$profile" "$text"
}

# confined ID ANNOTATION [OPTION...] [-- COMMAND...]
confined() {
  local id=$1 annotation=$2
  shift 2
  start_container "$id" --privileged --annotation "apparmor=$annotation" --mount type=bind,src=/vm/guest/apparmor,dst=/guest,options=rbind:ro "$@"
}

label() { tr -d '\0' < "/proc/$1/attr/current"; }
container_label() { label "$(container_pid "$1")"; }

# own_profile NAME [RULE...]: loads a profile as a platform team would write it, like the engines' default.
own_profile() {
  local name=$1
  shift
  printf '%s\n' '#include <tunables/global>' "profile $name flags=(attach_disconnected,mediate_deleted) {" '  network, capability, file, umount,' \
    '  signal (receive) peer=unconfined,' "  signal (send, receive) peer=$name," "$@" '  deny mount,' '}' > "/etc/apparmor.d/$name"
  apparmor_parser -r "/etc/apparmor.d/$name"
}

# operations ID ANNOTATION [OPTION...]: what the container could do of all that operations.sh tries, kept in /run/apparmor/ID. It shares the
# host's processes, so that there is somebody outside to signal and to trace.
operations() {
  local id=$1 annotation=$2
  shift 2
  [ ! -s "/run/apparmor/$id" ] || return 0
  [ -s /run/apparmor-outside ] || { setsid sleep 1000000 </dev/null >/dev/null 2>&1 & echo $! > /run/apparmor-outside; }
  confined "op-$id" "$annotation" "$@" --with-ns pid:/proc/1/ns/pid --mount type=bind,src=/sys/kernel/security,dst=/sys/kernel/security,options=rbind:ro \
    --mount type=tmpfs,src=tmpfs,dst=/unmount --mount type=tmpfs,src=tmpfs,dst=/pivot
  mkdir -p /run/apparmor
  in_container "op-$id" sh /guest/operations.sh "$(cat /run/apparmor-outside)" > "/run/apparmor/$id"
  remove_container "op-$id"
}
could() { sed -n "s/^$2 //p" "/run/apparmor/$1" | grep -qx done; }
denied() { grep -qE "^$2 refused .*(Permission denied|Operation not permitted|EACCES|EPERM)" "/run/apparmor/$1"; }

# all_denied ID OPERATION...: each must be refused there, and done by the container without a profile: else the check could not fail.
all_denied() {
  local id=$1 operation
  shift
  for operation in "$@"; do
    could bare "$operation" || fail "'$operation' fails without a profile as well, so it proves nothing: $(grep "^$operation " /run/apparmor/bare)"
    denied "$id" "$operation" || fail "'$operation' is not denied in '$id': $(grep "^$operation " "/run/apparmor/$id" || echo not tried)"
  done
}

# signals ID: what signals.sh and an exec'd process noted in that container, sorted.
signals() {
  local notes
  notes=/proc/$(container_pid "$1")/root/tmp/signals
  wait_until 20 grep -sqx ready "$notes"
  in_container "$1" sh /guest/exec.sh
  wait_until 10 grep -q parent-to-exec "$notes"
  sort "$notes" | grep -vx ready | paste -sd' '
}
every_signal="child-to-exec child-to-parent exec-to-child exec-to-parent parent-to-child parent-to-exec"

# ends_by ID SIGNAL: the engine's own way to stop it.
ends_by() {
  ctr task kill --signal "$2" "$1"
  wait_until 20 stopped "$1" || fail "'ctr task kill --signal $2 $1' did not stop it"
}
stopped() { ctr task ls | grep -qE "^$1 .*STOPPED"; }

# denials WORD...: the kernel's records of denials that have every word.
denials() {
  local records word
  records=$(dmesg | grep -a 'apparmor="DENIED"' || true)
  for word in "$@"; do records=$(grep -aF -e "$word" <<< "$records" || true); done
  printf '%s\n' "$records"
}

# status_of_profile NAME FIELD...: what hardenctl apparmor status says of a version, the number of entries for a list.
status_of_profile() {
  local name=$1
  shift
  { hardenctl apparmor status -o json 2>/dev/null || [ $? = 1 ]; } \
    | jq -r --arg name "$name" '.profiles[] | select(.name == $name) | [.[$ARGS.positional[]] | if type == "array" then length else . // "" end | tostring] | join(" ")' --args "$@"
}
# load_outcome NAME [LOAD-ARGUMENT...]: what hardenctl apparmor load did with a version.
load_outcome() {
  local name=$1
  shift
  hardenctl apparmor load -o json "$@" | jq -r --arg name "$name" '.profiles[] | select(.name == $name) | .outcome'
}
