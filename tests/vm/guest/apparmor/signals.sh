#!/bin/sh
# Process 1 of a container: notes in /tmp/signals who could signal whom, and ends on SIGTERM. An exec'd process takes part by exec.sh.
note() { echo "$1" >> /tmp/signals; }
trap 'note child-to-parent' USR1
trap 'note exec-to-parent' USR2
trap 'exit 0' TERM

sleep 1000000 &
child=$!
# Until it has become sleep it has our traps, and one of them would swallow the signal.
tries=0
until [ "$(cat "/proc/$child/comm")" = sleep ] || [ "$tries" -ge 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
if kill -0 "$child" && kill -TERM "$child"; then
  wait "$child"
  [ $? != 143 ] || note parent-to-child
else
  note "parent-to-child refused"
fi
sh -c 'kill -0 "$PPID" && kill -USR1 "$PPID"' || note "child-to-parent refused"
# One that stays, for the exec'd process to signal, and to be signalled by.
sh -c 'trap "echo exec-to-child >> /tmp/signals; exit" TERM
  while [ ! -s /tmp/exec-child ]; do sleep 0.2; done
  kill -USR1 "$(cat /tmp/exec-child)" || echo "child-to-exec refused" >> /tmp/signals
  while true; do sleep 0.2; done' &
echo $! > /tmp/child
note ready
while true; do
  if [ -s /tmp/exec ]; then
    kill -TERM "$(cat /tmp/exec)" || note "parent-to-exec refused"
    rm /tmp/exec
  fi
  sleep 0.2 &
  wait $!
done
