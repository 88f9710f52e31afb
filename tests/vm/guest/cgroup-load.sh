# Sourced by checks/cgroup.sh: containers that reach every limit, and what the kernel's files say meanwhile.
groups=/sys/fs/cgroup/default
loaded=(busy memory disk)
snapshots=/run/vm-logs/snapshots
table=/run/vm-logs/metrics.json

# Bursts of work that a quota of a fifth of a processor cuts off, with pauses in which a burst can be saved up.
busy_program='while :; do i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; sleep 0.2; done'
# Grows until the kernel kills it; then files that are larger than the limit allows; then quiet.
memory_program='while [ ! -e /dev/shm/grow ]; do sleep 0.2; done; busybox tail /dev/zero
  while [ ! -e /dev/shm/files ]; do sleep 0.2; done
  while [ ! -e /dev/shm/stop ]; do dd if=/dev/zero of=/file bs=1M count=24 conv=fsync; cat /file >/dev/null; done 2>/dev/null
  exec sleep 1000000'
disk_program='while :; do dd if=/dev/zero of=/file bs=64k count=32 conv=fsync 2>/dev/null; dd if=/file of=/dev/null bs=64k iflag=direct 2>/dev/null; sleep 0.1; done'

start_load() {
  start_container busy --cpu-quota 20000 --cpu-period 100000 -- sh -c "$busy_program"
  start_container memory --memory-limit $((48 << 20)) -- sh -c "$memory_program"
  start_container disk -- sh -c "$disk_program"
  local container
  for container in "${loaded[@]}"; do container_pid "$container" > "/run/vm-logs/$container.init"; done
  # The limits that ctr has no option for.
  echo 10000 > $groups/busy/cpu.max.burst
  echo 300 > $groups/busy/cpu.weight
  echo $((8 << 20)) > $groups/memory/memory.swap.max
  echo $((6 << 20)) > $groups/memory/memory.swap.high
  echo $((1 << 20)) > $groups/memory/memory.low
  echo $((512 << 10)) > $groups/memory/memory.min
}

tell_container() { touch "/proc/$(init_of "$1")/root/dev/shm/$2"; }
init_of() { cat "/run/vm-logs/$1.init"; }

# reached CONTAINER FILE KEY: the kernel counted something there.
reached() { [ "$(awk -v key="$3" '$1 == key { print $2 }' "$groups/$1/$2")" -gt 0 ]; }

drive_load() {
  tell_container memory grow
  wait_until 60 reached memory memory.events oom_kill
  echo $((16 << 20)) > $groups/memory/memory.high
  tell_container memory files
  wait_until 60 reached memory memory.events high
  tell_container memory stop
  echo $(($(cat $groups/memory/pids.current) + 3)) > $groups/memory/pids.max
  in_container memory sh -c 'for i in 1 2 3 4 5 6; do sleep 2 & done' || true   # the shell gives up at its first refused fork
  wait_until 30 reached memory pids.events max
}

# Every file of the table, of every loaded container, between two readings of the clock. One process reads them all.
take_snapshots() {
  local container file files=() names started=""
  names=$(jq -r '[.[].from[].file | select(test("^[a-z.]+[.][a-z.]+$"))] | unique[]' "$table")
  for container in "${loaded[@]}"; do
    for file in $names; do files+=("$container/$file"); done
    started+="$container//proc/PID/stat:starttime $(start_time "$(init_of "$container")")"$'\n'
  done
  cd $groups
  while [ ! -e "$snapshots.stop" ]; do
    printf '@before %s\n%s' "$EPOCHREALTIME" "$started"
    grep -H "" "${files[@]}" 2>/dev/null || true
    echo "@after $EPOCHREALTIME"
    sleep 0.3
  done > "$snapshots"
}

# start_time PID: by the clock that points carry. Both clocks are read by the shell itself: starting a program can take seconds here.
start_time() {
  local up now fields
  read -r up _ < /proc/uptime
  now=$EPOCHREALTIME
  read -r -a fields < "/proc/$1/stat"
  awk -v now="$now" -v up="$up" -v ticks="${fields[21]}" 'BEGIN { printf "%.2f", now - up + ticks / 100 }'
}
