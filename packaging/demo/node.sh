# Sourced by demo.sh: a node of our own in one folder. A private containerd (own root, state, socket and configuration) and
# a private installation of the hardening programs beside it; the machine's own engine is never asked for anything.
#   $node       the folder                  $namespace  the containerd namespace, which is unique to this run
#   $programs   the three programs          $image      the image's name
image=hardening.invalid/probe:1

ctr_node() { ctr --address "$node/containerd.sock" --namespace "$namespace" "$@"; }

write_settings() {
  mkdir -p "$node"/{policies,profiles,telemetry,journal,store,records,cursor}
  cat > "$node/hook.json" <<JSON
{ "runtime": "$(command -v runc)", "policyStore": "$node/store", "stateDirectory": "$node/records", "journal": "$node/journal" }
JSON
  cat > "$node/collector.json" <<JSON
{ "interval": "1s", "containerd": "$node/containerd.sock", "output": "$node/telemetry", "state": "$node/cursor", "socket": "$node/hardeningd.sock" }
JSON
  cat > "$node/containerd.toml" <<TOML
version = 2
root = "$node/root"
state = "$node/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$node/containerd.sock"
TOML
  export HARDENING_CONFIG=$node/hook.json
}

# The shim hands containerd's environment on to the runtime, so HARDENING_CONFIG reaches the hook.
start_containerd() {
  containerd --config "$node/containerd.toml" >"$node/containerd.log" 2>&1 &
  containerd_pid=$!
  wait_for 30 ctr_node version || fail "the private containerd did not answer within 30 s." "$node/containerd.log"
}

# Without an endpoint the daemon writes OTLP JSON into files: nothing leaves the machine.
start_hardeningd() {
  env -u OTEL_EXPORTER_OTLP_ENDPOINT -u OTEL_EXPORTER_OTLP_METRICS_ENDPOINT -u OTEL_EXPORTER_OTLP_LOGS_ENDPOINT \
    OTEL_METRIC_EXPORT_INTERVAL=1000 OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=demo \
    "$programs/hardeningd" --config "$node/collector.json" >"$node/hardeningd.log" 2>&1 &
  hardeningd_pid=$!
  wait_for 15 hardeningd_is_up || fail "hardeningd did not answer on its socket within 15 s." "$node/hardeningd.log"
}

hardeningd_is_up() { [ -S "$node/hardeningd.sock" ] && kill -0 "$hardeningd_pid"; }

# start_container ID [CTR-OPTION...]: the same image, command and options for both; only the runtime differs.
start_container() {
  local id=$1
  shift
  ctr_node run --detach --allow-new-privs --snapshotter native --runc-root "$node/containerd/runc" "$@" "$image" "$id" \
    /bin/sh -c 'while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.2; done' >"$node/$id.log" 2>&1 \
    || fail "ctr could not start the container '$id'." "$node/$id.log"
}

container_pid() { ctr_node task ls | awk -v id="$1" '$1 == id { print $2 }'; }

# stop PID NAME: asks, waits five seconds, then kills. Only ever a process that this run started.
stop() {
  local pid=$1 tries=25
  [ -n "$pid" ] || return 0
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && [ $((tries--)) -gt 0 ]; do sleep 0.2; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

remove_node() {
  local id path pid
  if [ -n "${containerd_pid:-}" ] && kill -0 "$containerd_pid" 2>/dev/null; then
    for id in $(timeout 10 ctr --address "$node/containerd.sock" --namespace "$namespace" container ls -q 2>/dev/null); do
      { timeout 20 ctr --address "$node/containerd.sock" --namespace "$namespace" task rm --force "$id" \
        && timeout 20 ctr --address "$node/containerd.sock" --namespace "$namespace" container rm "$id"; } >/dev/null 2>&1 || true
    done
  fi
  stop "${hardeningd_pid:-}"
  stop "${containerd_pid:-}"
  # Shims outlive a containerd that died. Their command line names our socket, which no other run has.
  for pid in $(pgrep -f -- "-address $node/containerd.sock" 2>/dev/null || true); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  awk -v at="$node/" 'index($5, at) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r path; do umount "$path" || true; done
  for path in /sys/fs/cgroup/"$namespace" /sys/fs/cgroup/*/"$namespace"; do
    if [ -d "$path" ]; then find "$path" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
}
