# Sourced by checks: the real OpenTelemetry Collector in the guest, on loopback. It prints every field that it receives.
received=/run/vm-logs/otelcol.log

# start_receiver: OTLP over gRPC on 4317 and over HTTP on 4318.
start_receiver() {
  [ -x /vm/otelcol ] || fail "the guest has no /vm/otelcol, so nothing can be received. Build it on the host: tests/receiver/build.sh prints its path; run.sh takes it from there or from OTELCOL."
  cat > /run/vm-logs/otelcol.yaml <<'YAML'
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:4317" }
      http: { endpoint: "127.0.0.1:4318" }
exporters:
  debug: { verbosity: detailed, use_internal_logger: false }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    metrics: { receivers: [otlp], exporters: [debug] }
    logs: { receivers: [otlp], exporters: [debug] }
YAML
  local before
  before=$(grep -c "Everything is ready" "$received" 2>/dev/null || true)
  setsid /vm/otelcol --config file:/run/vm-logs/otelcol.yaml </dev/null >>"$received" 2>&1 &
  echo $! > /run/vm-logs/otelcol.pid
  wait_until 150 receiver_is_ready "${before:-0}" || { tail -n 20 "$received"; return 1; }
}
receiver_is_ready() { [ "$(grep -c "Everything is ready" "$received")" -gt "$1" ]; }

# stop_receiver: at once, as when its machine goes away.
stop_receiver() { kill -KILL "$(cat /run/vm-logs/otelcol.pid)"; }
