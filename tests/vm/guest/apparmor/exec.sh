#!/bin/sh
# An exec'd process of a container whose process 1 is signals.sh.
note() { echo "$1" >> /tmp/signals; }
trap 'note parent-to-exec; ended=yes' TERM
kill -0 1 && kill -USR2 1 || note "exec-to-parent refused"
trap 'note child-to-exec; answered=yes' USR1
echo $$ > /tmp/exec-child.new
mv /tmp/exec-child.new /tmp/exec-child
tries=0
until [ -n "$answered" ] || [ "$tries" -ge 100 ] || grep -q child-to-exec /tmp/signals; do
  sleep 0.1
  tries=$((tries + 1))
done
kill -TERM "$(cat /tmp/child)" || note "exec-to-child refused"
tries=0
until [ "$tries" -ge 100 ] || grep -q exec-to-child /tmp/signals; do
  sleep 0.1
  tries=$((tries + 1))
done
echo $$ > /tmp/exec.new
mv /tmp/exec.new /tmp/exec
tries=0
until [ -n "$ended" ] || [ "$tries" -ge 100 ] || grep -q parent-to-exec /tmp/signals; do
  sleep 0.1
  tries=$((tries + 1))
done
exit 0
