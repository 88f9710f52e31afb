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

node_says() { { hardenctl node status -o json || [ $? = 1 ]; } | jq -r ".apparmor.$1 // empty"; }
node-status-counts-what-is-loaded-drifted-and-missing() {
  hardenctl apparmor load > /dev/null
  [[ $(node_says value) =~ ^on:\ [1-9][0-9]*\ loaded,\ 0\ drifted,\ 0\ missing$ ]] || fail "the row is '$(node_says value)', problem '$(node_says problem)'"
  sed 's|^}|  deny "/etc/group" r,\n}|' "$text" > /run/apparmor-changed
  apparmor_parser -r -K /run/apparmor-changed
  apparmor_parser -R <<< "profile $(shipped hardened-jvm) { }"
  contains "$(node_says value)" ", 1 drifted, 1 missing" "the row"
  contains "$(node_says problem)" "$profile: replaced by another text since it was loaded" "the problem"
  contains "$(node_says problem)" "$(shipped hardened-jvm): not loaded" "the problem"
  hardenctl apparmor load > /dev/null
  is "$(node_says problem)" "" "the problem after a load"
}

# The name tells the text only of what hardenctl itself has loaded.
a-text-that-somebody-else-loaded-under-our-name-is-replaced() {
  local name
  name=$(shipped hardened-web)
  apparmor_parser -R <<< "profile $name { }"
  jq --arg name "$name" 'del(.[$name])' /run/hardening/apparmor-loaded.json > /run/apparmor-note
  cp /run/apparmor-note /run/hardening/apparmor-loaded.json
  apparmor_parser -r -K <<< "profile $name { file, capability, network, mount, }"
  contains "$(status_of_profile "$name" problem)" "so its text is not known" "what status says of it"
  is "$(load_outcome "$name")" mended "what hardenctl apparmor load did"
  is "$(load_outcome "$name")" unchanged "what the next load did"
}

# What ends in the middle of loading leaves the kernel with some of the profiles, and no note of them.
a-load-that-was-killed-is-made-good-by-the-next-and-two-at-once-do-not-disturb-each-other() {
  local name pid first second
  for name in web worker jvm node; do apparmor_parser -R <<< "profile $(shipped "hardened-$name") { }"; done
  mv /usr/sbin/apparmor_parser /usr/sbin/apparmor_parser.quick
  printf '#!/bin/sh\n/usr/sbin/apparmor_parser.quick "$@"\ncode=$?\nsleep 5\nexit $code\n' > /usr/sbin/apparmor_parser
  chmod +x /usr/sbin/apparmor_parser
  hardenctl apparmor load > /dev/null 2>&1 &
  pid=$!
  wait_until 30 grep -q "^hardened-jvm-" /sys/kernel/security/apparmor/profiles
  kill -KILL "$pid"
  wait "$pid" || true
  mv /usr/sbin/apparmor_parser.quick /usr/sbin/apparmor_parser
  lacks "$(cat /sys/kernel/security/apparmor/profiles)" "$(shipped hardened-web)" "the kernel's list after a load that was killed half-way"
  hardenctl apparmor load > /run/apparmor-first 2>&1 &
  first=$!
  hardenctl apparmor load > /run/apparmor-second 2>&1 &
  second=$!
  wait "$first" || fail "the first of two loads: $(cat /run/apparmor-first)"
  wait "$second" || fail "the second of two loads: $(cat /run/apparmor-second)"
  for name in web worker jvm node restricted; do
    is "$(load_outcome "$(shipped "hardened-$name")")" unchanged "what a load finds to do after them with hardened-$name"
  done
  contains "$(status_of_profile "$profile" mode processes)" "enforce " "the profile of the container that ran all the time"
  is "$(container_label old)" "$profile (enforce)" "the label of that container"
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

# A generation whose text somebody deleted names a profile that nobody can load any more.
a-generation-without-its-text-is-not-put-in-force() {
  local before code=0
  own_restricted
  # Another one than that of a container which an earlier check made: its record still names that.
  sed -i 's|/etc/group|/etc/gshadow|' /etc/hardening/profiles/apparmor/hardened-restricted.yaml
  hardenctl policy apply /etc/hardening/policies > /dev/null 2>&1
  rm /etc/hardening/profiles/apparmor/hardened-restricted.yaml "/var/lib/hardening/policy/current/apparmor/$(versioned hardened-restricted)"
  apparmor_parser -R <<< "profile $(versioned hardened-restricted) { }"
  hardenctl policy apply /etc/hardening/policies > /dev/null 2>&1
  before=$(readlink /var/lib/hardening/policy/current)
  hardenctl policy rollback > /run/apparmor-said 2>&1 || code=$?
  is "$code" 2 "the exit code of policy rollback"
  contains "$(cat /run/apparmor-said)" "the kernel does not have it, and the generation" "what policy rollback said"
  is "$(readlink /var/lib/hardening/policy/current)" "$before" "the generation in force"
}

# The lines between two fences of the README, of the block in which a word stands.
readme_block() {
  awk -v word="$1" '/^```/ { if (inside && index(text, word)) printf "%s", text; inside = !inside; text = ""; next } inside { text = text $0 "\n" }' /vm/README.md
}
the-readmes-session-confines-a-container() {
  local line name said
  mkdir -p /etc/hardening/profiles/apparmor
  readme_block 'kind: AppArmorProfile' > /etc/hardening/profiles/apparmor/hardened-reports.yaml
  # Alone in a folder: the policies of these checks go by annotations, as ctr's containers must, and could match the same container.
  mkdir -p /run/apparmor-policies
  readme_block 'profile: hardened-reports' | sed 's/namespaces: \[reports\]/annotations: { app: reports }/' > /run/apparmor-policies/reports.yaml
  readme_block 'hardenctl apparmor render' | sed 's/^sudo //; s/ *#.*//; s|/etc/hardening/policies|/run/apparmor-policies|' > /run/apparmor-session
  is "$(cut -d' ' -f2,3 /run/apparmor-session | paste -sd,)" "apparmor render,apparmor load,apparmor load,policy apply,apparmor status,policy rollback" "the README's commands"
  while read -r line <&3; do
    if [[ $line == *rollback* ]]; then
      name=$(versioned hardened-reports)
      contains "$said" "$name"$'\t'enforce$'\t'/etc/hardening/profiles/apparmor/hardened-reports.yaml "what status says"
      start_container reports --privileged --annotation app=reports --mount type=tmpfs,src=tmpfs,dst=/data
      is "$(container_label reports)" "$name (enforce)" "the label of a container that the policy matches"
      in_container reports sh -c 'echo x > /tmp/x && mkdir /data/secrets && echo x > /data/x'
      contains "$(refused in_container reports sh -c 'echo x > /etc/x')" "Permission denied" "a file beyond what may be written"
      contains "$(refused in_container reports sh -c 'echo x > /data/secrets/x')" "Permission denied" "a file in a denied folder"
    fi
    said=$(bash -c "$line" 2>&1) || fail "'$line' ended with $?: $said"
  done 3< /run/apparmor-session
  lacks "$(cat /var/lib/hardening/policy/current/index.json)" hardened-reports "the policies in force after the rollback"
  is "$(container_label reports)" "$name (enforce)" "the label of the container after the rollback"
  remove_container reports
  rm /etc/hardening/profiles/apparmor/hardened-reports.yaml
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
  echo '{}' > /run/apparmor-own.json
  is "$(load_outcome "$version" --config /run/apparmor-own.json)$(load_outcome "$version" --profiles /usr/share/hardening/profiles)" "" "what was done by one who does not see all that the node needs"
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
  node-status-counts-what-is-loaded-drifted-and-missing a-text-that-somebody-else-loaded-under-our-name-is-replaced \
  a-load-that-was-killed-is-made-good-by-the-next-and-two-at-once-do-not-disturb-each-other \
  a-changed-description-is-another-profile-beside-the-one-that-containers-run-under a-rollback-finds-the-version-that-it-names \
  nothing-is-put-in-force-whose-profile-cannot-be-loaded a-generation-without-its-text-is-not-put-in-force \
  the-readmes-session-confines-a-container a-version-is-taken-out-only-when-nobody-is-under-it \
  every-shipped-profile-starts-a-container-and-those-for-services-start-nothing-from-tmp \
  under-the-sandboxs-profile-the-pause-program-starts-and-nothing-else
