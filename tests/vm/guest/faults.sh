# Sourced by checks/load.sh: what goes wrong around the hook while containers are created.
disk=/run/small-disk
spooled=(journal telemetry collector)
daemon_pid=/run/vm-logs/hardeningd.pid

# mount_small_disk SIZE: a disk of its own under everything that is spooled.
mount_small_disk() {
  local name
  mkdir -p $disk
  mount -t tmpfs -o size=$1,mode=755 small $disk
  for name in "${spooled[@]}"; do
    mkdir -p "$disk/$name" "/var/lib/hardening/$name"
    cp -a "/var/lib/hardening/$name/." "$disk/$name/"
    mount --bind "$disk/$name" "/var/lib/hardening/$name"
  done
}

# Nothing fits any more, not even what is left of a page that the journal has begun: lines that are cut short are counted too.
fill_disk() {
  dd if=/dev/zero of=$disk/filler bs=64k 2>/dev/null || true
  is "$(stat -f -c %a $disk)" 0 "free blocks of the small disk"
}
free_disk() { rm $disk/filler; }

# As a service manager does: at once when it died, whatever it left behind.
run_daemon() {
  setsid /usr/bin/hardeningd </dev/null >>/run/vm-logs/hardeningd.log 2>&1 &
  echo $! > $daemon_pid
}
# kill_daemon_repeatedly: until the file stop-killing appears. Counts the deaths in the file deaths.
kill_daemon_repeatedly() {
  local deaths=0
  while [ ! -e /run/vm-logs/stop-killing ]; do
    sleep 5
    kill -KILL "$(cat $daemon_pid)" 2>/dev/null && deaths=$((deaths + 1))
    echo $deaths > /run/vm-logs/deaths
    run_daemon
  done
}
