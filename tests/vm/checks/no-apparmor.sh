# A kernel without AppArmor: nothing that a policy asked for is silently missing.
[ ! -d /vm/guest ] || . /vm/guest/apparmor.sh

setup() {
  is "$(cat /sys/module/apparmor/parameters/enabled)" N /sys/module/apparmor/parameters/enabled
  mkdir -p /run/vm-logs
  install_node > /run/apparmor-install
  start_containerd
  import_image
  policy apparmor < /vm/guest/apparmor/policies.yaml > /dev/null 2> /run/apparmor-applied
}
switched_off="this host's kernel has AppArmor switched off"

install-says-that-it-skips-apparmor() {
  contains "$(cat /run/apparmor-install)" "skipped: the kernel of this node runs without AppArmor. Policies that ask for a profile report that; seccomp, capabilities and the rest are enforced all the same."
  is "$(find /etc/apparmor.d /etc/systemd/system -name 'harden*apparmor*' -o -name 'hardened-*')" "" "what it installed for AppArmor"
}

hardenctl-says-so-and-its-exit-codes-do-too() {
  local switched_off="This host's kernel has AppArmor switched off, so no profile can be loaded and none confines anything." code=0
  contains "$(cat /run/apparmor-applied)" "$switched_off What that means for containers of the policies that ask for one: ours: refused, stacked: refused." "hardenctl policy apply"
  hardenctl apparmor load > /run/apparmor-said 2>&1 || code=$?
  is "$code" 2 "the exit code of hardenctl apparmor load"
  is "$(cat /run/apparmor-said)" "hardenctl: $switched_off"
  code=0
  hardenctl apparmor status -o json > /run/apparmor-said 2>/dev/null || code=$?
  is "$code $(jq -r .enabled /run/apparmor-said)" "1 false" "exit code and answer of hardenctl apparmor status"
  code=0
  hardenctl node status -o json > /run/apparmor-said || code=$?
  is "$code $(jq -r .apparmor.value /run/apparmor-said)" "1 switched off in this kernel; asked for by missing-error missing-passes missing-refused missing-reported ours stacked" "hardenctl node status"
  contains "$(jq -r .apparmor.problem /run/apparmor-said)" "Every container of missing-error missing-refused ours stacked is refused here." "hardenctl node status"
  contains "$(hardenctl apparmor render /usr/share/hardening/profiles/apparmor/hardened-web.yaml 2>/dev/null)" "profile hardened-web-" "hardenctl apparmor render"
}

a-policy-that-reports-lets-the-container-start-and-journals-why() {
  confined reported missing-reported
  contains "$(journal_line reported)" '"decision":"allow"'
  contains "$(journal_line reported)" "\"outcome\":\"report\",\"message\":\"$switched_off, so 'hardened-missing' does not confine the container\""
  remove_container reported
}

a-policy-that-refuses-says-so-to-whoever-starts-the-container() {
  contains "$(refused confined refused-one ours)" "policy 'ours', apparmor: $switched_off, and the policy requires '$profile'" "ctr's message"
  contains "$(journal_line refused-one)" '"decision":"refuse"'
}

without-otherwise-the-policys-on-error-decides() {
  contains "$(refused confined error-one missing-error)" "policy 'missing-error', apparmor: $switched_off, and the policy asks for 'hardened-missing'" "ctr's message"
  confined passed missing-passes
  contains "$(journal_line passed)" '"decision":"passThrough"'
  contains "$(journal_line passed)" "$switched_off"
  remove_container passed
}

explain-says-it-before-anything-is-started() {
  local code=0
  mkdir -p /run/apparmor-bundle
  (cd /run/apparmor-bundle && rm -f config.json && runc spec)
  jq '.annotations = {apparmor: "missing-reported"}' /run/apparmor-bundle/config.json > /run/apparmor-reported.json
  jq '.annotations = {apparmor: "ours"}' /run/apparmor-bundle/config.json > /run/apparmor-refused.json
  contains "$(hardenctl policy explain --output json /run/apparmor-reported.json | jq -r '.. | strings')" "$switched_off, so" "explain"
  hardenctl policy explain --output json /run/apparmor-refused.json > /run/apparmor-explained || code=$?
  is "$code" 1 "the exit code of explain for a container that will be refused"
  contains "$(jq -r '.. | strings' /run/apparmor-explained)" "$switched_off, and the policy requires '$profile'" "explain"
}

checks install-says-that-it-skips-apparmor hardenctl-says-so-and-its-exit-codes-do-too a-policy-that-reports-lets-the-container-start-and-journals-why \
  a-policy-that-refuses-says-so-to-whoever-starts-the-container without-otherwise-the-policys-on-error-decides explain-says-it-before-anything-is-started
