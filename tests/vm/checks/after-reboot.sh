# The node after a reboot that nobody prepared it for: what is hardened from the first container on, and what the daemon tells of it.
check_seconds=300

# once_up UNIT: the boot may still be going on.
once_up() { [ "$(systemctl is-active "$1")" = active ]; }

setup() {
  wait_until 120 once_up containerd
  wait_until 120 once_up at-boot
  wait_until 120 once_up hardeningd
}

profiles-are-loaded-before-containerd-starts() {
  local loaded started
  loaded=$(moment hardening-apparmor ExecMainExit) started=$(moment containerd ExecMainStart)
  [ "$loaded" -gt 0 ] && [ "$loaded" -lt "$started" ] || fail "loaded at $loaded, containerd started at $started microseconds after boot"
  # A unit that is itself a container, or an engine that nobody thought of, begins behind this target.
  started=$(moment sysinit.target ActiveEnter)
  [ "$loaded" -lt "$started" ] || fail "loaded at $loaded, ordinary services began at $started microseconds after boot"
}

a-container-that-starts-at-boot-is-hardened-before-the-daemon-runs() {
  local line pid decided started
  line=$(journal_line at-boot)
  is "$(jq -c '[.verb, .decision, (.policies | sort)]' <<< "$line")" '["create","allow",["at-boot","node"]]' "the hook's line"
  decided=$(date -d "$(jq -r .time <<< "$line")" +%s%6N)
  started=$(date -d "$(systemctl show -p ExecMainStartTimestamp --value hardeningd)" +%s%6N)
  # systemd prints whole seconds, so at worst the daemon started almost one later than this says.
  [ "$decided" -lt $((started + 1000000)) ] || fail "decided at $decided, but the daemon had been started at $started already"
  [ "$(moment at-boot ExecMainExit)" -le "$(moment hardeningd ExecMainStart)" ] || fail "the container's unit was not done when the daemon started"
  pid=$(first_process default at-boot)
  is "$(status_of "$pid" NoNewPrivs) $(status_of "$pid" Seccomp) $(cat "/proc/$pid/attr/current")" "1 2 $(versioned hardened-restricted) (enforce)" "its confinement"
}

# The boot before left no record: /run is empty then. ctr asks for what the container was meant to have, which is more than it has.
a-process-that-joins-it-has-no-more-than-it() {
  local word status pid
  pid=$(first_process default at-boot)
  status=$(in_container at-boot cat /proc/self/status)
  for word in CapBnd CapEff NoNewPrivs Seccomp; do
    is "$(sed -n "s/^$word:[[:space:]]*//p" <<< "$status")" "$(status_of "$pid" $word)" "$word of the process that joined"
  done
  lacks "$(status_of "$pid" CapBnd)" 00000000a80425fb "the container's bounding set: with what ctr asks for the above would prove nothing"
}

the-daemon-reports-what-it-was-not-there-for() {
  local telemetry=/var/lib/hardening/telemetry
  reported() { grep -F '"at-boot"' "$telemetry/logs.jsonl" | grep -qF "$1"; }
  wait_until 60 reported container.hardening.decision
  wait_until 60 reported container.hardening.verified
  measured() { grep -qF '{"key":"container.id","value":{"stringValue":"at-boot"}}' "$telemetry/metrics.jsonl"; }
  wait_until 60 measured
}

a-pod-is-made-anew-and-hardened() {
  run_pod front-1 --name front
  is "$(status_of "$(first_process k8s.io "$(container_of front-1)")" NoNewPrivs)" 1 "no_new_privs of the container"
  contains "$(journal_line "$(container_of front-1)")" '"decision":"allow"' "the hook's line"
}

checks profiles-are-loaded-before-containerd-starts a-container-that-starts-at-boot-is-hardened-before-the-daemon-runs \
  a-process-that-joins-it-has-no-more-than-it \
  the-daemon-reports-what-it-was-not-there-for a-pod-is-made-anew-and-hardened
