# Sourced by install.sh: the steps of an installation, in their order.
install_node() {
  find_programs
  need_writable /usr/bin /usr/share /etc /etc/systemd/system /var/lib
  need_own_units hardening-apparmor.service hardeningd.service
  step "Real runtime"
  find_runtime
  step "Programs"
  folder /var/lib/hardening/install
  for name in hardening-hook hardenctl hardeningd; do put "$programs/$name" "/usr/bin/$name" 755; done
  step "Settings and policies"
  install_settings
  step "AppArmor"
  install_apparmor
  step "containerd's runtime entry"
  configure_containerd
  step "Daemon"
  install_daemon
  step "Test container"
  test_container
  step "What goes round the hook"
  "$programs/hardenctl" engine status --config "$config" ${root:+--root "$root"} || [ $? = 1 ] || fail "hardenctl engine status failed (message above)."
  say "Kubernetes: a RuntimeClass with 'handler: $handler' sends pods through the hook${default:+; pods without one go through it too}."
  [ -z "$dry_run" ] || say $'\nThis was the plan; nothing was changed.'
  [ -n "$entry" ] || fail "everything is installed, but no runtime entry was added (reason above): no pod goes through the hook."
}

# The programs: named by the user, shipped beside this script, or built with the SDK.
find_programs() {
  local place name
  if [ -z "$programs" ]; then
    for place in "$source/bin" "$source/publish"; do
      if [ -x "$place/hardening-hook" ] && [ -x "$place/hardenctl" ] && [ -x "$place/hardeningd" ]; then programs=$place; break; fi
    done
  fi
  if [ -z "$programs" ]; then
    command -v dotnet >/dev/null || fail "no programs in $source/bin or $source/publish, and no .NET SDK to build them. Give their folder with --programs."
    step "Building the programs"
    programs=$source/publish
    dotnet publish "$source/hook" -c Release -o "$programs" -v q -nologo
    dotnet publish "$source/profiles/hardenctl" -c Release -o "$programs" -v q -nologo
    dotnet publish "$source/collector" -c Release -o "$programs" -v q -nologo
  fi
  [ -d "$programs" ] || fail "'$programs' is not a folder. --programs needs one with hardening-hook, hardenctl and hardeningd. Nothing was changed."
  programs=$(cd "$programs" && pwd)
  for name in hardening-hook hardenctl hardeningd; do
    [ -x "$programs/$name" ] || fail "'$programs/$name' is not an executable file. --programs needs a folder with hardening-hook, hardenctl and hardeningd. Nothing was changed."
  done
}

# What the hook becomes: the binary that the copied entry runs, asked of containerd itself. What makes the entry impossible shows
# here, before anything is changed.
find_runtime() {
  local plan code=0 words
  words=$(mktemp)
  plan=$("$programs/hardenctl" engine configure containerd --config "$config" --handler "$handler" --from "$from" ${default:+--default} \
    ${root:+--root "$root"} --dry-run --output json 2>"$words") || code=$?
  if [ "$code" -gt 1 ]; then
    plan=$(cat "$words")
    rm -f "$words"
    fail "containerd's configuration cannot be changed, and nothing was. $plan"
  fi
  rm -f "$words"
  # Without a plan there is an entry of ours with other options, or none can be made; configure_containerd says which.
  runtime=$(printf '%s\n' "$plan" | sed -n 's/^ *"runtime": "\(.*\)",$/\1/p')
  [ -n "$runtime" ] || runtime=$(sed -n 's/^ *"runtime": "\(.*\)",$/\1/p' "$root/var/lib/hardening/engine/containerd/state.json" 2>/dev/null || true)
  case $runtime in
    /*) ;;
    *) runtime=$(command -v "${runtime:-runc}" || true) ;;
  esac
  [ -n "$runtime" ] || fail "no real runtime: containerd's entry '$from' names none that is on this node, and runc is not in PATH. Install runc, or name another entry with --from. Nothing was changed."
  say "the hook will become: $runtime"
}

install_settings() {
  local file kind
  settle /etc/hardening/hook.json 644 <<< "{ \"runtime\": \"$runtime\" }"
  install_first_policies
  for kind in policies seccomp apparmor schema; do
    while IFS= read -r -d '' file; do
      put "$file" "/usr/share/hardening/profiles/${file#"$source/profiles/"}" 644
    done < <(find "$source/profiles/$kind" -type f -print0 2>/dev/null | sort -z)
  done
  put "$source/packaging/docs/node.md" /usr/share/doc/hardening/node.md 644
  if [ -n "$root" ]; then
    say "not applied: policies are compiled on the node that uses them. There: hardenctl policy apply /etc/hardening/policies"
  else
    run "$programs/hardenctl" policy apply /etc/hardening/policies || fail "hardenctl policy apply failed (message above). The old policies stay in force; mend /etc/hardening/policies and run this again."
  fi
}

# Whoever removed the first policies after an installation does not want them back with every upgrade.
install_first_policies() {
  local policies=/etc/hardening/policies
  if [ ! -e "$root$policies/node-default.yaml" ] && grep -qxF "config $policies/node-default.yaml" "$manifest" 2>/dev/null; then
    say "not written again: $root$policies/node-default.yaml was removed since it was installed"
    return 0
  fi
  settle $policies/node-default.yaml 644 <<'YAML'
# What every container of this node gets. Nothing is refused; `hardenctl policy explain` shows what is changed and why.
apiVersion: hardening/v1
kind: Policy
metadata: { name: node, description: "Applied to every workload of this node" }
spec:
  extends: [node-default]
---
# Pause containers hold the namespaces of a pod, sleep and reap, and need nothing for that. node-default is about workloads alone;
# a policy without `match` is about pause containers too, so say `match: [{ containers: workload }]` where that is not meant.
apiVersion: hardening/v1
kind: Policy
metadata: { name: sandboxes, description: "Applied to the pause container of every pod" }
spec:
  extends: [sandbox]
YAML
}

install_apparmor() {
  if [ -z "$root" ] && ! grep -qx Y /sys/module/apparmor/parameters/enabled 2>/dev/null; then
    say "skipped: the kernel of this node runs without AppArmor. Policies that ask for a profile report that; seccomp, capabilities and the rest are enforced all the same."
    return 0
  fi
  put "$source/packaging/systemd/hardening-apparmor.service" /etc/systemd/system/hardening-apparmor.service 644
  [ -z "$root" ] || { say "not loaded: on the node run systemctl enable --now hardening-apparmor.service"; return 0; }
  run "$programs/hardenctl" apparmor load || say "Not every AppArmor profile is loaded (reason above). Policies that ask for a missing one report or refuse, as they say. Mend it and run: hardenctl apparmor load"
  if systemd_runs; then
    run systemctl daemon-reload
    run systemctl enable --now hardening-apparmor.service || say "hardening-apparmor.service did not start; journalctl -u hardening-apparmor says why. It loads the profiles at boot."
  else
    say "systemd does not run here: load the profiles after each reboot, before containers start (hardenctl apparmor load)."
  fi
}

configure_containerd() {
  local code=0
  entry=yes
  "$programs/hardenctl" engine configure containerd --config "$config" --handler "$handler" --from "$from" ${default:+--default} \
    ${root:+--root "$root"} ${dry_run:+--dry-run} || code=$?
  case $code in
    0) [ -z "$restart" ] || restart_containerd ;;
    1) entry=''
       say "No entry was added (reason above). ctr and nerdctl can use the hook all the same: ctr run --runc-binary /usr/bin/hardening-hook ..." ;;
    *) fail "containerd's configuration could not be changed (reason above); nothing in it was touched." ;;
  esac
}

install_daemon() {
  put "$source/packaging/systemd/hardeningd.service" /etc/systemd/system/hardeningd.service 644
  if [ -n "$root" ]; then
    say "not enabled: on the node run systemctl enable --now hardeningd.service"
  elif systemd_runs; then
    run systemctl daemon-reload
    run systemctl enable hardeningd.service
    run systemctl restart hardeningd.service
  elif [ -z "$start_daemon" ]; then
    say "systemd does not run here. Start it by hand: setsid /usr/bin/hardeningd & (or run this again with --start-daemon). Containers are hardened without it."
  elif [ -n "$dry_run" ]; then
    say "would start /usr/bin/hardeningd"
  else
    stop_daemon
    mkdir -p /run/hardening
    setsid /usr/bin/hardeningd </dev/null >>/run/hardening/hardeningd.log 2>&1 &
    local pid=$!
    echo "$pid" > /run/hardening/hardeningd.pid
    sleep 1
    kill -0 "$pid" 2>/dev/null || fail "hardeningd ended at once; its words are in /run/hardening/hardeningd.log."
    say "started hardeningd (process $pid, log /run/hardening/hardeningd.log)"
  fi
}
