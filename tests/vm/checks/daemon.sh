# hardeningd as a unit: fenced in, it still sees every container; frozen, it is restarted and no container notices.
check_seconds=300
telemetry=/var/lib/hardening/telemetry

daemon_pid() { systemctl show -p MainPID --value hardeningd; }
daemon_answers() { [ "$(systemctl is-active hardeningd)" = active ] && [ -S /run/hardening/hardeningd.sock ]; }

# figure ID METRIC: the last value that arrived of a container.
figure() {
  local line
  line=$(grep -F "\"$1\"" "$telemetry/metrics.jsonl" | tail -n 1) || true
  [ -n "$line" ] || return 0
  jq -r --arg id "$1" --arg metric "$2" '[.resourceMetrics[] | select(any(.resource.attributes[]; .key == "container.id" and .value.stringValue == $id))
    | .scopeMetrics[].metrics[] | select(.name == $metric) | .. | .asInt? // empty] | last // empty' <<< "$line"
}

# event ID NAME: whether it arrived.
event() {
  grep -F "\"$1\"" "$telemetry/logs.jsonl" \
    | jq -se --arg id "$1" --arg name "$2" 'any(.[].resourceLogs[] | select(any(.resource.attributes[]; .key == "container.id" and .value.stringValue == $id))
      | .scopeLogs[].logRecords[]; .eventName == $name)' >/dev/null
}

it-is-fenced-in() {
  local pid
  pid=$(daemon_pid)
  contains "$(awk '$5 == "/" { print $6 }' "/proc/$pid/mountinfo")" "ro" "the options of its root mount"
  is "$(status_of "$pid" NoNewPrivs) $(status_of "$pid" Seccomp)" "1 2" "no_new_privs and seccomp"
  is "$(status_of "$pid" CapEff)" "$(status_of "$pid" CapBnd)" "its effective capabilities, against what its unit leaves it"
  lacks "$(numbers_of "$(status_of "$pid" CapEff)")" " 16 " "its capabilities by number (16 loads kernel modules)"
}

# numbers_of MASK: the numbers of the capabilities in it.
numbers_of() {
  local bit
  for bit in $(seq 0 40); do
    if (( 0x$1 >> bit & 1 )); then printf ' %s ' "$bit"; fi
  done
}

the-figures-of-a-pods-container-are-its-cgroups() {
  local id cgroup
  id=$(container_of front-0)
  cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(first_process k8s.io "$id")/cgroup")
  [ -f "$cgroup/pids.current" ] || fail "the container's cgroup $cgroup has no pids.current"
  figures_are() { [ "$(figure "$id" cgroup.pids.count)" = "$(cat "$cgroup/pids.current")" ]; }
  wait_until 60 figures_are
  contains "$(grep -F "\"$id\"" "$telemetry/metrics.jsonl" | tail -n 1)" '{"key":"k8s.pod.name","value":{"stringValue":"front-0"}}' "what came with it"
}

decisions-and-what-the-kernel-says-are-reported() {
  wait_until 60 event "$(container_of front-0)" container.hardening.decision
  wait_until 60 event "$(container_of front-0)" container.hardening.verified
  wait_until 60 event "$(sandbox_of front-0)" container.hardening.verified
  if event "$(container_of front-0)" container.hardening.mismatch; then fail "a mismatch was reported of a container that has what its record says"; fi
}

a-container-that-went-round-the-hook-is-reported() {
  wait_until 60 event "$(container_of bare-0)" container.hardening.unmanaged
}

a-frozen-daemon-is-restarted-and-no-container-notices() {
  local unit=/etc/systemd/system/hardeningd.service.d/watchdog.conf pid before
  mkdir "${unit%/*}"
  printf '[Service]\nWatchdogSec=8s\n' > "$unit"
  systemctl daemon-reload
  systemctl restart hardeningd
  before=$(first_process k8s.io "$(container_of front-0)")
  pid=$(daemon_pid)
  kill -STOP "$pid"
  restarted() { [ "$(daemon_pid)" != "$pid" ] && daemon_answers; }
  wait_until 120 restarted
  rm -r "${unit%/*}"
  systemctl daemon-reload
  contains "$(journalctl -u hardeningd --no-pager -o cat -n 60)" "Watchdog timeout (limit 8s)" "systemd's journal"
  is "$(first_process k8s.io "$(container_of front-0)")" "$before" "the first process of a container"
  [ -d "/proc/$before" ] || fail "the container's process $before is gone"
  # Records must outlive the daemon (RuntimeDirectoryPreserve), or the next exec would have no ceiling.
  [ -n "$(find /run/hardening/containers -name "$(container_of front-0 | cut -c1-48)-*.json")" ] || fail "the container's record is gone: $(ls /run/hardening/containers)"
}

checks it-is-fenced-in the-figures-of-a-pods-container-are-its-cgroups decisions-and-what-the-kernel-says-are-reported \
  a-container-that-went-round-the-hook-is-reported a-frozen-daemon-is-restarted-and-no-container-notices
