# Containers under load: CPU throttled by a quota, memory at its limit with an OOM kill, io on the virtio disk, pids used up, pressure.
# The guest makes the load and takes down what the kernel's files say meanwhile; after/cgroup.sh compares every metric with them.
for part in receiver cgroup-load; do
  [ ! -d /vm/guest ] || . "/vm/guest/$part.sh"   # the host reads this file too, for the names of its checks
done
setup_seconds=480

setup() {
  place_node
  start_containerd
  import_image
  hardeningd metrics --output json > "$table"
  artifact metrics.json "$table"
  # Events go to the Collector, metrics to files: there every number stands as it was sent.
  start_receiver
  export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=grpc OTEL_METRIC_EXPORT_INTERVAL=1000
  start_hardeningd
  dd if=/dev/zero of=/swap bs=1M count=64 status=none
  chmod 600 /swap
  mkswap -q /swap
  swapon /swap
  start_load
  take_snapshots &
  local container taking=$!
  drive_load
  # Frozen, so that a figure that goes up and down can be compared as well.
  for container in "${loaded[@]}"; do ctr task pause "$container"; done
  date +%s.%N > /run/vm-logs/frozen
  sleep 5
  touch "$snapshots.stop"
  wait "$taking"
  cp /var/lib/hardening/telemetry/metrics.jsonl /run/vm-logs/sent
  for name in snapshots sent; do
    gzip -c "/run/vm-logs/$name" | base64 > "/run/vm-logs/$name.gz.b64"
    artifact "$name.gz.b64" "/run/vm-logs/$name.gz.b64"
  done
  artifact frozen /run/vm-logs/frozen
}

# Without these the comparison would be one of zeros.
the-load-reached-every-limit() {
  local what container file key
  for what in busy:cpu.stat:nr_throttled busy:cpu.stat:throttled_usec memory:memory.events:high memory:memory.events:max memory:memory.events:oom \
    memory:memory.events:oom_kill memory:memory.stat:pgmajfault memory:memory.swap.events:max memory:pids.events:max; do
    IFS=: read -r container file key <<< "$what"
    reached "$container" "$file" "$key" || fail "$container/$file: $key is still 0"
  done
  is "$(grep -c '[1-9]' $groups/memory/memory.swap.events)" "$(grep -c '' $groups/memory/memory.swap.events)" "lines above 0 in memory.swap.events"
  grep -E 'rbytes=[1-9][0-9]* wbytes=[1-9]' $groups/disk/io.stat || fail "disk/io.stat has no bytes: $(cat $groups/disk/io.stat)"
  for what in busy/cpu memory/memory disk/io; do
    grep -E 'some .*total=[1-9]' "$groups/$what.pressure" || fail "no pressure in $what.pressure: $(cat "$groups/$what.pressure")"
  done
}

the-oom-kill-reaches-the-receiver() {
  wait_until 30 oom_arrived || { grep -E 'EventName|container.id' "$received" | tail -n 40; return 1; }
}
oom_arrived() {
  awk '/^Resource attributes:/ { id = "" } /-> container.id: / { id = $NF } /^EventName: container.lifecycle.oom$/ && id == "Str(memory)" { found = 1 }
    /^SeverityText: / { severity = $2 } END { exit !found }' "$received"
}

the-metrics-of-one-cycle-reach-the-receiver-over-grpc() {
  local folder=/run/vm-logs/once expected
  mkdir -p $folder
  printf '{ "output": "%s", "state": "%s", "socket": "%s/socket" }\n' $folder $folder $folder > $folder/collector.json
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc hardeningd --once --config $folder/collector.json
  sleep 1
  # The container is frozen, so the cycle in the file and the one in the Collector are of the same figures.
  expected=$(grep '"stringValue":"busy"' /run/vm-logs/sent | tail -n 1 \
    | jq -r '.resourceMetrics[].scopeMetrics[].metrics[] | .name as $name | (.sum // .gauge).dataPoints[] | $name' | sort | uniq -c)
  is "$(awk '/^Resource attributes:/ { id = "" } /-> container.id: / { id = $NF } /^     -> Name: / { name = $NF }
    /^NumberDataPoints / && id == "Str(busy)" { print name }' "$received" | sort | uniq -c)" "$expected" "the points of 'busy' at the receiver"
}

# What the daemon counts itself comes from no file of the kernel: compared with where it does come from.
the-nodes-own-counters-are-right() {
  local sent lines
  sent=$(grep -F '"hardening.containers"' /var/lib/hardening/telemetry/metrics.jsonl | tail -n 1 \
    | jq -r '.resourceMetrics[].scopeMetrics[].metrics[] | .name as $name | (.sum // .gauge).dataPoints[] | "\($name) \([.attributes // [] | .[].value.stringValue] | join(",")) \(.asInt)"')
  lines=$(tail -q -n +2 /var/lib/hardening/journal/decisions*.jsonl | jq -r '"hardening.decisions \(.decision),\(.verb)"' | sort | uniq -c | awk '{ print $2, $3, $1 }')
  is "$(grep '^hardening.decisions ' <<< "$sent" | sort)" "$lines" "the decisions (sent, and in the journal)"
  contains "$sent" "hardening.containers  ${#loaded[@]}"
  [ "$(awk '/^hardening.verifications verified / { print $3 }' <<< "$sent")" -ge "${#loaded[@]}" ] || fail "$sent"$'\n'"expected ${#loaded[@]} containers or more to be verified"
  local zero
  for zero in journal.lost journal.malformed journal.unwritten "export.dropped metrics" "export.dropped logs"; do grep -E "^hardening.$zero +0$" <<< "$sent" || fail "$sent"$'\n'"expected hardening.$zero to be 0"; done
  is "$(awk '{ print $1 }' <<< "$sent" | sort -u)" "$(jq -r '.[] | select(.resource == "node") | .name' "$table" | sort -u)" "the node's metrics (sent, and in the table)"
}

checks the-load-reached-every-limit the-oom-kill-reaches-the-receiver the-metrics-of-one-cycle-reach-the-receiver-over-grpc the-nodes-own-counters-are-right
