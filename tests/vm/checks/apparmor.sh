# A profile that a policy asks for: injected, carried by every process, and said so when it cannot be. What it denies: apparmor-denials.
[ ! -d /vm/guest ] || . /vm/guest/apparmor.sh

setup() {
  apparmor_node
  start_hardeningd
  confined ours ours
  confined free none
}

the-label-is-the-policys() {
  is "$(container_label free)" unconfined "the label of a container that no policy matches"
  is "$(container_label ours)" "$profile (enforce)" "the label in /proc/PID/attr/current"
  contains "$(grep -hF '"verb":"create"' /var/lib/hardening/journal/decisions.jsonl | grep -F '"id":"ours"')" \
    "{\"path\":\"process.apparmorProfile\",\"rule\":\"apparmor\",\"policy\":\"ours\",\"before\":\"absent\",\"after\":\"$profile\"}" "the journal's line"
}

an-execd-process-carries-the-label() { is "$(in_container ours cat /proc/self/attr/current)" "$profile (enforce)"; }

# ctr cannot ask for a profile of an exec; Docker and CRI do, by process.json. runc itself does as told, which shows that the hook does something.
an-exec-that-asks-to-be-unconfined-gets-the-label() {
  local file=/run/apparmor-exec.json runtime
  for runtime in runc hardening-hook; do
    echo '{"user":{"uid":0,"gid":0},"args":["/bin/cat","/proc/self/attr/current"],"cwd":"/","apparmorProfile":"unconfined"}' > "$file"
    "$runtime" --root /run/containerd/runc/default exec --process "$file" ours > "/run/apparmor-$runtime"
  done
  is "$(cat /run/apparmor-runc)" unconfined "the label that runc alone gives"
  is "$(cat /run/apparmor-hardening-hook)" "$profile (enforce)" "the label through the hook"
  contains "$(refused hardening-hook --root /run/containerd/runc/default exec --apparmor unconfined ours /bin/true)" \
    "--apparmor unconfined would replace '$profile' of container 'ours' (policy 'ours'); leave it out"
}

an-unloaded-profile-is-reported-refused-or-an-error-as-the-policy-says() {
  local not_loaded="AppArmor profile 'hardened-missing' is not loaded on this host (apparmor_parser -r FILE loads it, FILE being what defines it: /etc/apparmor.d/hardened-missing, normally)"
  confined m1 missing-reported
  is "$(container_label m1)" unconfined
  contains "$(journal_line m1)" '"outcome":"report"'
  contains "$(journal_line m1)" "$not_loaded, so 'hardened-missing' does not confine the container"
  remove_container m1
  contains "$(refused confined m2 missing-refused)" "policy 'missing-refused', apparmor: $not_loaded, and the policy requires 'hardened-missing'" "ctr's message"
  contains "$(journal_line m2)" '"decision":"refuse"'
  contains "$(refused confined m3 missing-error)" "policy 'missing-error', apparmor: $not_loaded, and the policy asks for 'hardened-missing'" "ctr's message"
  confined m4 missing-passes
  contains "$(journal_line m4)" '"decision":"passThrough"'
  contains "$(journal_line m4)" "$not_loaded"
  remove_container m4
}

# hardeningd_said ID: what hardeningd said of a container and of the execs in it.
hardeningd_said() {
  jq -r '.. | .stringValue? // empty' /var/lib/hardening/telemetry/logs.jsonl 2>/dev/null | grep -E "^(Container|Exec [^ ]* in container) $1: " || true
}
has_said() { [[ "$(hardeningd_said "$1")" == *"$2"* ]]; }

hardeningd-says-of-a-container-what-proc-says() {
  wait_until 60 has_said ours "Container ours: confined as recorded." || fail "it said: $(hardeningd_said ours)"
  contains "$(hardeningd_said ours | grep '^Container ours:')" "AppArmor: $(container_label ours)"
}

# status_of_profile NAME FIELD: what hardenctl apparmor status says of a version.
status_of_profile() {
  { hardenctl apparmor status -o json 2>/dev/null || [ $? = 1 ]; } | jq -r --arg name "$1" --arg field "$2" '.profiles[] | select(.name == $name) | .[$field] // "" | if type == "array" then length else . end'
}
# load_outcome NAME [LOAD-ARGUMENT...]: what hardenctl apparmor load did with a version.
load_outcome() {
  local name=$1
  shift
  hardenctl apparmor load -o json "$@" | jq -r --arg name "$name" '.profiles[] | select(.name == $name) | .outcome'
}
revision() { timeout 5 head -n 1 /sys/kernel/security/apparmor/revision; }

a-profile-in-complain-mode-is-not-taken-for-confinement() {
  apparmor_parser -r -C "$text"
  is "$(container_label ours)" "$profile (complain)"
  in_container ours sleep 3   # long enough to be read
  wait_until 60 has_said ours "apparmor: expected '$profile', found '$profile (complain)'" || fail "hardeningd said: $(hardeningd_said ours)"
  contains "$(refused confined c1 ours)" "AppArmor profile '$profile' is loaded in complain mode, which denies nothing (hardenctl apparmor load mends it)"
  contains "$(status_of_profile "$profile" problem)" "in complain mode, which denies nothing" "hardenctl apparmor status"
  is "$(load_outcome "$profile")" mended "what hardenctl apparmor load did"
  is "$(container_label ours)" "$profile (enforce)" "the label after loading it again"
}

loading-again-changes-nothing-in-the-kernel() {
  local before
  hardenctl apparmor load > /dev/null
  before=$(revision)
  is "$(hardenctl apparmor load -o json | jq -r '.profiles[].outcome' | sort -u)" unchanged "what the second load did"
  is "$(revision)" "$before" "the kernel's count of changes to its profiles"
}

status-says-mode-users-and-what-differs-from-what-was-loaded() {
  is "$(status_of_profile "$profile" mode) $(status_of_profile "$profile" containers)" "enforce 1" "mode and containers by records"
  [ "$(status_of_profile "$profile" processes)" -ge 1 ] || fail "no process of the container is shown"
  is "$(status_of_profile "$profile" problem)" "" "the problem of a profile that is as it was loaded"
  sed 's|^}|  deny "/etc/group" r,\n}|' "$text" > /run/apparmor-changed
  apparmor_parser -r -K /run/apparmor-changed
  contains "$(status_of_profile "$profile" problem)" "replaced by another text since it was loaded" "what status says of another text under the same name"
  is "$(load_outcome "$profile")" mended "what hardenctl apparmor load did"
  is "$(status_of_profile "$profile" problem)" "" "the problem after loading it again"
}

# A description of the node's own stands before the shipped one of that name.
own_restricted() {
  mkdir -p /etc/hardening/profiles/apparmor
  sed 's|^    deny:|    deny:\n      - { paths: [/etc/group], access: [read] }|' /usr/share/hardening/profiles/apparmor/hardened-restricted.yaml \
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
  is "$(container_label ours)" "$profile (enforce)" "the label of the container that ran before"
  contains "$(readable_group ours)" root:x:0: "what the old one reads"
  hardenctl apparmor load > /dev/null
  is "$(status_of_profile "$profile" mode)" enforce "the older version after a load"
  remove_container newer
}

a-rollback-finds-the-version-that-it-names() {
  local newer
  newer=$(versioned hardened-restricted)
  # As after a boot, when only the versions in force were loaded.
  remove_container ours
  apparmor_parser -R "$text"
  lacks "$(cat /sys/kernel/security/apparmor/profiles)" "$profile" "the kernel's list"
  contains "$(hardenctl policy rollback 2>&1)" "Loaded the AppArmor profile $profile" "what policy rollback said"
  is "$(versioned hardened-restricted)" "$profile" "the profile in force after the rollback"
  confined ours ours
  is "$(container_label ours)" "$profile (enforce)" "the label after the rollback"
  contains "$(readable_group ours)" root:x:0:
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
    in_container "$name" sh -c 'ip addr > /tmp/addresses && grep -q 127.0.0.1 /tmp/addresses && cp /bin/busybox /home-made && /home-made true'
    remove_container "$name"
  done
}

# A pause container's root holds one program; ours is a busybox of that name.
under-the-sandboxs-profile-the-pause-program-starts-and-nothing-else() {
  local version
  version=$(sed -n 's/^\(hardened-sandbox-[0-9a-f]\{8\}\) .*/\1/p' /sys/kernel/security/apparmor/profiles)
  start_container pause --privileged --apparmor-profile "$version" --mount type=bind,src=/bin/sleep,dst=/pause,options=bind:ro \
    --mount type=bind,src=/lib,dst=/lib,options=rbind:ro --mount type=bind,src=/lib64,dst=/lib64,options=rbind:ro -- /pause 1000000
  is "$(container_label pause)" "$version (enforce)" "the label"
  contains "$(refused in_container pause /bin/busybox true)" "ermission denied" "another program"
  remove_container pause
}

# Last: without its profile a running process is unconfined, and stays so.
the-units-command-loads-the-profiles() {
  local command
  remove_container ours
  apparmor_parser -R "$text"
  if grep "^$profile " /sys/kernel/security/apparmor/profiles; then fail "the profile was not unloaded"; fi
  command=$(sed -n 's/^ExecStart=//p' /vm/release/packaging/systemd/hardening-apparmor.service)
  bash -c "$command"
  contains "$(cat /sys/kernel/security/apparmor/profiles)" "$profile (enforce)"
}

checks the-label-is-the-policys an-execd-process-carries-the-label an-exec-that-asks-to-be-unconfined-gets-the-label \
  an-unloaded-profile-is-reported-refused-or-an-error-as-the-policy-says hardeningd-says-of-a-container-what-proc-says \
  a-profile-in-complain-mode-is-not-taken-for-confinement loading-again-changes-nothing-in-the-kernel \
  status-says-mode-users-and-what-differs-from-what-was-loaded \
  a-changed-description-is-another-profile-beside-the-one-that-containers-run-under a-rollback-finds-the-version-that-it-names \
  nothing-is-put-in-force-whose-profile-cannot-be-loaded a-version-is-taken-out-only-when-nobody-is-under-it \
  every-shipped-profile-starts-a-container-and-those-for-services-start-nothing-from-tmp \
  under-the-sandboxs-profile-the-pause-program-starts-and-nothing-else the-units-command-loads-the-profiles
