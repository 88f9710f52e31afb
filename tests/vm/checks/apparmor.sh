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
  a-profile-in-complain-mode-is-not-taken-for-confinement the-units-command-loads-the-profiles
