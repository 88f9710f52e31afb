# Profiles are described, and the kernel has versions of them: what is loaded when, and what is never taken away from a container that runs.
[ ! -d /vm/guest ] || . /vm/guest/apparmor.sh

setup() {
  apparmor_node
  confined old ours
}

revision() { timeout 5 head -n 1 /sys/kernel/security/apparmor/revision; }

loading-again-changes-nothing-in-the-kernel() {
  local before
  hardenctl apparmor load > /dev/null
  before=$(revision)
  is "$(hardenctl apparmor load -o json | jq -r '.profiles[].outcome' | sort -u)" unchanged "what the second load did"
  is "$(revision)" "$before" "the kernel's count of changes to its profiles"
}

status-says-mode-users-and-what-differs-from-what-was-loaded() {
  local said
  said=$(status_of_profile "$profile" mode processes containers problem)
  [[ $said =~ ^enforce\ [1-9][0-9]*\ [1-9][0-9]*\ $ ]] || fail "mode, processes, containers by records and problem are '$said', expected enforce, at least one of each, and none"
  contains "$(hardenctl apparmor status)" "$profile"$'\t'enforce$'\t'/usr/share/hardening/profiles/apparmor/hardened-restricted.yaml$'\t' "the table of status"
  sed 's|^}|  deny "/etc/group" r,\n}|' "$text" > /run/apparmor-changed
  apparmor_parser -r -K /run/apparmor-changed
  contains "$(status_of_profile "$profile" problem)" "replaced by another text since it was loaded" "what status says of another text under the same name"
  is "$(load_outcome "$profile")" mended "what hardenctl apparmor load did"
  is "$(status_of_profile "$profile" problem)" "" "the problem after loading it again"
}

# A description of the node's own stands before the shipped one of that name.
own_restricted() {
  mkdir -p /etc/hardening/profiles/apparmor
  sed 's|^    deny:$|    deny:\n      - { paths: [/etc/group], access: [read] }|' /usr/share/hardening/profiles/apparmor/hardened-restricted.yaml \
    > /etc/hardening/profiles/apparmor/hardened-restricted.yaml
}
readable_group() { in_container "$1" cat /etc/group 2>&1 || true; }

a-changed-description-is-another-profile-beside-the-one-that-containers-run-under() {
  local newer
  own_restricted
  contains "$(hardenctl policy apply /etc/hardening/policies 2>&1)" "Loaded the AppArmor profile hardened-restricted-" "what policy apply said"
  newer=$(versioned hardened-restricted)
  [ "$newer" != "$profile" ] || fail "the changed description has the old name $profile"
  confined newer ours
  is "$(container_label newer)" "$newer (enforce)" "the label of a container that was created since"
  contains "$(readable_group newer)" "Permission denied" "what the new one reads"
  is "$(container_label old)" "$profile (enforce)" "the label of the container that ran before"
  contains "$(readable_group old)" root:x:0: "what the old one reads"
  hardenctl apparmor load > /dev/null
  is "$(status_of_profile "$profile" mode)" enforce "the older version after a load"
  remove_container newer
}

a-rollback-finds-the-version-that-it-names() {
  # As after a boot, when only the versions in force were loaded.
  remove_container old
  apparmor_parser -R "$text"
  lacks "$(cat /sys/kernel/security/apparmor/profiles)" "$profile" "the kernel's list"
  contains "$(hardenctl policy rollback 2>&1)" "Loaded the AppArmor profile $profile" "what policy rollback said"
  is "$(versioned hardened-restricted)" "$profile" "the profile in force after the rollback"
  confined old ours
  is "$(container_label old)" "$profile (enforce)" "the label after the rollback"
  contains "$(readable_group old)" root:x:0:
  rm /etc/hardening/profiles/apparmor/hardened-restricted.yaml
  hardenctl policy apply /etc/hardening/policies
}

nothing-is-put-in-force-whose-profile-cannot-be-loaded() {
  local before code=0
  before=$(readlink /var/lib/hardening/policy/current)
  own_restricted
  sed -i 's|/etc/group|/etc/gshadow|' /etc/hardening/profiles/apparmor/hardened-restricted.yaml
  mv /usr/sbin/apparmor_parser /usr/sbin/apparmor_parser.away
  hardenctl policy apply /etc/hardening/policies > /run/apparmor-said 2>&1 || code=$?
  mv /usr/sbin/apparmor_parser.away /usr/sbin/apparmor_parser
  rm /etc/hardening/profiles/apparmor/hardened-restricted.yaml
  is "$code" 2 "the exit code of policy apply"
  contains "$(cat /run/apparmor-said)" "every container of the policies ours, stacked would be refused. Nothing was put in force."
  is "$(readlink /var/lib/hardening/policy/current)" "$before" "the generation in force"
}

# Without a container: whoever runs under a version keeps it in the kernel, and nobody else's profile is ever looked at.
a-version-is-taken-out-only-when-nobody-is-under-it() {
  local version pid
  own_profile hardened-other
  sed 's/name: hardened-restricted/name: hardened-passing/' /usr/share/hardening/profiles/apparmor/hardened-restricted.yaml > /run/hardened-passing.yaml
  version=$(hardenctl apparmor load -o json /run/hardened-passing.yaml | jq -r '.profiles[] | select(.outcome == "loaded") | .name')
  contains "$version" hardened-passing- "the version that was loaded"
  sh -c "echo 'exec $version' > /proc/self/attr/exec && exec sleep 1000000" &
  pid=$!
  wait_until 20 grep -q sleep "/proc/$pid/comm"
  is "$(label "$pid")" "$version (enforce)" "the label of the process"
  is "$(load_outcome "$version" --dry-run)" kept "what would be done while a process is under it"
  is "$(load_outcome "$version")" kept "what was done while a process is under it"
  is "$(label "$pid")" "$version (enforce)" "the label after that"
  kill -KILL "$pid"
  wait "$pid" || true
  is "$(load_outcome "$version" --dry-run)" removed "what would be done when it is gone"
  contains "$(cat /sys/kernel/security/apparmor/profiles)" "$version (enforce)" "the kernel's list after --dry-run"
  is "$(load_outcome "$version")" removed "what was done when it is gone"
  lacks "$(cat /sys/kernel/security/apparmor/profiles)" "$version" "the kernel's list"
  contains "$(cat /sys/kernel/security/apparmor/profiles)" "hardened-other (enforce)" "the kernel's list"
}

every-shipped-profile-starts-a-container-and-those-for-services-start-nothing-from-tmp() {
  local name
  for name in web worker jvm node; do
    printf -- '---\napiVersion: hardening/v1\nkind: Policy\nmetadata: { name: kind-%s }\nspec:\n  match: [{ annotations: { apparmor: %s } }]\n  apparmor: { profile: hardened-%s, otherwise: refuse }\n' \
      "$name" "$name" "$name"
  done | policy kinds
  for name in web worker jvm node; do
    confined "$name" "$name"
    is "$(container_label "$name")" "$(versioned "hardened-$name") (enforce)" "the label"
    contains "$(refused in_container "$name" sh -c 'cp /bin/busybox /tmp/busybox && /tmp/busybox true')" "Permission denied" "a program started from /tmp under hardened-$name"
    in_container "$name" sh -c 'ip addr > /tmp/addresses && grep -q 127.0.0.1 /tmp/addresses && mkdir /made && cp /bin/busybox /made/ && /made/busybox true'
    remove_container "$name"
  done
}

# What the engine starts, the first program and an exec's, is the engine's choice: the kernel asks a profile only about what is started from inside.
under-the-sandboxs-profile-the-pause-program-starts-and-nothing-else() {
  local version
  version=$(sed -n 's/^\(hardened-sandbox-[0-9a-f]\{8\}\) .*/\1/p' /sys/kernel/security/apparmor/profiles)
  start_container pause --privileged --apparmor-profile "$version" --mount type=bind,src=/bin/sleep,dst=/pause,options=bind:ro \
    --mount type=bind,src=/lib,dst=/lib,options=rbind:ro --mount type=bind,src=/lib64,dst=/lib64,options=rbind:ro -- /pause 1000000
  is "$(container_label pause)" "$version (enforce)" "the label"
  contains "$(refused in_container pause sh -c '/bin/busybox true')" "Permission denied" "another program"
  remove_container pause
}

checks loading-again-changes-nothing-in-the-kernel status-says-mode-users-and-what-differs-from-what-was-loaded \
  a-changed-description-is-another-profile-beside-the-one-that-containers-run-under a-rollback-finds-the-version-that-it-names \
  nothing-is-put-in-force-whose-profile-cannot-be-loaded a-version-is-taken-out-only-when-nobody-is-under-it \
  every-shipped-profile-starts-a-container-and-those-for-services-start-nothing-from-tmp \
  under-the-sandboxs-profile-the-pause-program-starts-and-nothing-else
