# Sourced by demo.sh: reads the OTLP JSON lines that hardeningd wrote and prints one block a container.

# Metrics whose cgroup file this host has; a host with controllers on cgroup v1 has fewer.
expected_metrics() {
  local folder
  folder=$(cgroup_folder "$1")
  echo container.cpu.time
  echo container.uptime
  if [ -e "$folder/memory.current" ]; then echo container.memory.usage; fi
  if [ -e "$folder/pids.current" ]; then echo cgroup.pids.count; fi
  if cat "$folder/cpu.pressure" >/dev/null 2>&1; then echo cgroup.pressure.stall.time; fi
}

expected_events() {
  case $1 in
    bare) printf '%s\n' container.lifecycle.started container.hardening.unmanaged ;;
    hardened) printf '%s\n' container.lifecycle.started container.hardening.decision container.hardening.verified ;;
  esac
}

cgroup_folder() {
  local mount
  mount=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
  echo "$mount$(sed -n 's/^0:://p' "/proc/$(container_pid "$1")/cgroup")"
}

otlp_lines() { find "$node/telemetry" -type f -name '*.jsonl' -exec cat {} + ; }

# metrics ID: name, attributes and newest value of every point of that container, one a line.
metrics() {
  otlp_lines | jq -rR --arg id "$1" '
    def attribute: .value | (.stringValue // .intValue // .doubleValue // .boolValue);
    fromjson? | .resourceMetrics[]? | select(any(.resource.attributes[]; .key == "container.id" and (.value.stringValue == $id)))
    | .scopeMetrics[].metrics[] | . as $m | (.sum // .gauge // empty).dataPoints[] | select((.flags // 0) == 0)
    | [$m.name, ((.attributes // []) | map("\(.key)=\(attribute)") | join(",")), "\(.asDouble // .asInt)", ($m.unit // "")] | @tsv' \
    | awk -F '\t' '{ last[$1 "\t" $2] = $0 } END { for (key in last) print last[key] }' | sort
}

# events ID: time, name and sentence of every log record of that container, oldest first.
events() {
  otlp_lines | jq -rR --arg id "$1" '
    fromjson? | .resourceLogs[]? | select(any(.resource.attributes[]; .key == "container.id" and (.value.stringValue == $id)))
    | .scopeLogs[].logRecords[] | [.timeUnixNano, .eventName, .severityText, .body.stringValue // ""] | @tsv' | sort -u
}

# missing_of ID: what is expected of that container and not there.
missing_of() {
  local name have
  have=$(metrics "$1" | cut -f1; events "$1" | cut -f2)
  for name in $(expected_metrics "$1") $(expected_events "$1"); do
    grep -qxF "$name" <<<"$have" || echo "$1:$name"
  done
}

all_arrived() { [ -z "$(missing_of bare)$(missing_of hardened)" ]; }

wait_for_telemetry() { wait_for 20 all_arrived; }

# print_telemetry: sets expected, arrived and missing.
print_telemetry() {
  local id
  mapfile -t missing < <(missing_of bare; missing_of hardened)
  expected=$(for id in bare hardened; do expected_metrics "$id"; expected_events "$id"; done | wc -l)
  arrived=$((expected - ${#missing[@]}))
  for id in bare hardened; do
    printf '  %s%s%s: %s series, some of them\n' "$bold" "$id" "$plain" "$(metrics "$id" | wc -l)"
    metrics "$id" | grep -E "^($(expected_metrics "$id" | paste -sd '|'))	" | head -n 12 \
      | awk -F '\t' '{ printf "    %-28s %-72s %12.6g %s\n", $1, $2, $3, $4 }'
    printf '  %s%s%s: events\n' "$bold" "$id" "$plain"
    events "$id" | awk -F '\t' '!seen[$2]++ { printf "    %-34s %-6s %s\n", $2, $3, substr($4, 1, 110) }'
  done
}
