# Many containers at once, while hardeningd is killed again and again, the receiver goes away and comes back, and the disk fills.
for part in receiver faults leftovers; do
  [ ! -d /vm/guest ] || . "/vm/guest/$part.sh"   # the host reads this file too, for the names of its checks
done
setup_seconds=1200
check_seconds=300

count=$(sed -n 's/.*\bvm\.containers=\([0-9]*\).*/\1/p' /proc/cmdline)
count=${count:-12}
at_once=4
logs=/run/vm-logs

is_refused() { [ $(($1 % at_once)) = 0 ]; }   # one of each batch asks for everything, which `restricted` refuses

setup() {
  place_node
  policy load <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: load }
spec:
  extends: [restricted]
  capabilities: { keep: [] }
  require: { user: { nonRoot: true, otherwise: report } }
YAML
  mount_small_disk "${count}m"
  start_containerd
  import_image
  # What is there for ever after the first container is no leftover.
  start_container warm
  remove_container warm
  start_receiver
  # Events to the receiver, metrics onto the small disk.
  export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=grpc OTEL_METRIC_EXPORT_INTERVAL=10000
  run_daemon
  wait_until 120 arrived "decisions-1 warm"
  leftovers > $logs/before
  descriptors "$(cat $daemon_pid)" > $logs/before-daemon
  descriptors "$(pidof containerd)" > $logs/before-containerd

  kill_daemon_repeatedly &
  local killer=$! first third=$(((count / 3 + at_once - 1) / at_once * at_once))
  for ((first = 1; first <= count; first += at_once)); do
    if [ "$first" = $((third + 1)) ]; then stop_receiver; fill_disk; fi
    if [ "$first" = $((2 * third + 1)) ]; then free_disk; fi
    create_batch "$first"
  done
  touch $logs/stop-killing
  wait "$killer"
  start_receiver
}

create_batch() {
  local i creating=() options pid
  for ((i = $1; i < $1 + at_once && i <= count; i++)); do
    options=()
    if is_refused "$i"; then options=(--privileged); fi
    if start_container "c$i" "${options[@]}" > "$logs/create-$i" 2>&1; then echo 0; else echo 1; fi > "$logs/code-$i" &
    creating+=($!)
  done
  for pid in "${creating[@]}"; do wait "$pid" || true; done
}

# What the receiver knows of decisions, as EVENT-ID CONTAINER; the same line as often as it arrived.
decisions_at_receiver() {
  awk '/^Resource attributes:/ { id = "" } /-> container.id: / { id = $NF } /^LogRecord #/ { decision = 0 }
    /^EventName: / { decision = $2 == "container.hardening.decision" } /-> event.id: / && decision { print $NF, id }' "$received" | sed 's/Str(//g; s/)//g'
}
arrived() { decisions_at_receiver | grep -xF "$1" >/dev/null; }   # not -q: it would end the pipe early, and that is an error

# lines STREAM: the stream's lines behind the header; header STREAM MEMBER.
lines() { tail -n +2 "/var/lib/hardening/journal/$1.jsonl"; }
header() { head -n 1 "/var/lib/hardening/journal/$1.jsonl" | jq ".$2"; }
readable() { lines "$1" | jq -Rr 'fromjson? | .id'; }
numbered() { lines "$1" | jq -Rr --arg stream "$1" --argjson first "$(header "$1" first)" \
  '[input_line_number, (fromjson? | .id)] | select(length == 2) | "\($stream)-\($first + .[0] - 1) \(.[1])"'; }

every-container-is-hardened-as-proc-says() {
  local i pids status
  pids=$(ctr task ls | awk '{ print $1, $2 }')
  for ((i = 1; i <= count; i++)); do
    if is_refused "$i"; then
      contains "$(cat "$logs/create-$i")" "privileged" "what ctr said of c$i"
      lacks "$pids"$'\n' "c$i " "the list of running containers"
      continue
    fi
    is "$(cat "$logs/code-$i")" 0 "the exit code of c$i's create ($(cat "$logs/create-$i"))"
    status=$(cat "/proc/$(awk -v id="c$i" '$1 == id { print $2 }' <<< "$pids")/status")
    contains "$status" $'Seccomp:\t2' "c$i"
    contains "$status" $'NoNewPrivs:\t1' "c$i"
    contains "$status" $'CapBnd:\t0000000000000000' "c$i"
    contains "$status" $'CapEff:\t0000000000000000' "c$i"
  done
}

every-container-has-its-record() {
  local i ids
  ids=$(jq -r .id /run/hardening/containers/*.json)
  for ((i = 1; i <= count; i++)); do
    if ! is_refused "$i"; then contains $'\n'"$ids"$'\n' $'\n'"c$i"$'\n' "the records' ids"; fi
  done
}

# Every container has its line, or is counted as cut short or as unwritten.
no-decision-is-missing() {
  local stream expected present all unwritten lost=0
  for stream in decisions refusals; do
    [ "$stream" = refusals ] && expected=$((count / at_once)) || expected=$((count - count / at_once + 1))   # and the warm-up's
    present=$(readable "$stream" | wc -l)
    all=$(lines "$stream" | wc -l)
    unwritten=$(header "$stream" unwritten)
    echo "$stream: $present lines, $((all - present)) cut short, $unwritten unwritten, of $expected"
    is "$(readable "$stream" | sort | uniq -d)" "" "ids with two lines in $stream"
    is $((all + unwritten)) "$expected" "lines and counted losses in $stream"
    lost=$((lost + all - present + unwritten))
  done
  [ "$lost" -gt 0 ] || fail "the disk was full for a third of the containers, and nothing was lost: this proves nothing"
}

every-line-reaches-the-receiver-with-its-own-number() {
  { numbered decisions; numbered refusals; } | sort > $logs/expected
  wait_until 100 all_arrived || fail "$(decisions_at_receiver | sort -u | diff $logs/expected - || true)"
  is "$(decisions_at_receiver | sort -u | awk '{ print $1 }' | uniq -d)" "" "event ids that stand for two containers"
}
all_arrived() { [ -z "$(decisions_at_receiver | sort -u | comm -13 - $logs/expected)" ]; }

what-found-no-room-is-told-to-the-receiver() {
  local unwritten=$(($(header decisions unwritten) + $(header refusals unwritten)))
  [ "$unwritten" -gt 0 ] || fail "no line was left out as a whole, so there was nothing to tell"
  wait_until 60 told_at_least "$unwritten"
}
told_at_least() { [ "$(awk '/-> hardening.journal.unwritten.count: / { gsub(/[^0-9]/, "", $NF); sum += $NF } END { print sum + 0 }' "$received")" -ge "$1" ]; }

hardeningd-was-killed-while-containers-were-created() {
  [ "$(cat $logs/deaths)" -ge 2 ] || fail "it was killed $(cat $logs/deaths) times only"
}

nothing-is-left-when-all-are-gone() {
  local i removing=() pid
  for ((i = 1; i <= count; i++)); do
    remove_container "c$i" & removing+=($!)
    if [ ${#removing[@]} = $at_once ]; then for pid in "${removing[@]}"; do wait "$pid"; done; removing=(); fi
  done
  for pid in "${removing[@]}"; do wait "$pid"; done
  wait_until 30 fewer_descriptors "$(pidof containerd)" "$(($(cat $logs/before-containerd) + 2))"
  wait_until 30 fewer_descriptors "$(cat $daemon_pid)" "$(($(cat $logs/before-daemon) + 2))"
  # A record stays for five minutes, in case its container is only just starting; hardeningd looks when it starts and each minute.
  date -s "+6 minutes" >/dev/null
  kill "$(cat $daemon_pid)"
  wait_until 20 gone "$(cat $daemon_pid)"
  run_daemon
  wait_until 60 nothing_left || fail "$(leftovers | diff $logs/before - || true)"
}
fewer_descriptors() { [ "$(descriptors "$1")" -le "$2" ] || { echo "$(descriptors "$1") descriptors, expected at most $2"; ls -l "/proc/$1/fd"; return 1; }; }
gone() { [ ! -d "/proc/$1" ]; }
nothing_left() { diff <(leftovers) $logs/before >/dev/null; }

checks every-container-is-hardened-as-proc-says every-container-has-its-record no-decision-is-missing every-line-reaches-the-receiver-with-its-own-number \
  what-found-no-room-is-told-to-the-receiver hardeningd-was-killed-while-containers-were-created nothing-is-left-when-all-are-gone
