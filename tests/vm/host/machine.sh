# Sourced by run.sh: one emulated machine. No hardware virtualisation: it is slower, and the same everywhere.
# One processor each: two in one emulator wait for each other more than they help, and two machines run side by side.

# emulate SERIAL-OPTION... -- KERNEL-WORD...: runs the machine of the boot that was read last, until it switches itself off.
emulate() {
  local serial=() line once=(-no-reboot)
  while [ "$1" != -- ]; do serial+=("$1"); shift; done
  shift
  line="console=ttyS0 quiet lsm=landlock,lockdown,yama,apparmor,bpf cgroup_no_v1=all psi=1 panic=-1 vm.init=$init $words $*"
  [ "$init" != systemd ] || line+=" systemd.mask=serial-getty@ttyS0.service systemd.show_status=false"
  # A panic restarts the machine at once (panic=-1), which must end a boot that has no restart of its own.
  [[ " ${areas[*]} " != *" reboot "* ]] || once=()
  # Disks are written to a temporary file (snapshot), so parallel runs share one image and every boot finds it as it was prepared.
  TMPDIR=$work exec timeout --foreground --kill-after=10 "$seconds" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m "$memory" -smp 1 "${once[@]}" \
    -nodefaults -display none -monitor none "${serial[@]}" \
    -kernel "$kernel/vmlinuz" -initrd "$kernel/boot.cpio.gz" -append "$line" \
    -drive "file=$(cat "$work/root-$suite"),format=raw,if=virtio,snapshot=on" \
    -drive "file=$work/payload.ext4,format=raw,if=virtio,readonly=on" \
    -drive "file=$kernel/modules.ext4,format=raw,if=virtio,readonly=on"
}

open_shell() {
  read_boot "$1"
  init=direct seconds=36000
  ( emulate -serial stdio -- vm.shell )
}

# run_boot BOOT: leaves BOOT.log (what the checks reported), BOOT.console and BOOT.code in the results folder.
run_boot() {
  local boot=$1 select code=0 machine started=$SECONDS
  read_boot "$boot"
  rm -rf "${results:?}/$boot".*
  # As they were typed: the kernel line has no room for the name of every check. A boot by its name means all of it.
  select=$(IFS=,; echo "${names[*]}")
  if [[ ,$select, == *",$boot,"* ]]; then select=; fi
  : > "$results/$boot.log"
  ( emulate -serial "file:$results/$boot.console" -serial "file:$results/$boot.log" -- "vm.areas=$(IFS=,; echo "${areas[*]}")" "vm.select=$select" ) \
    >"$results/$boot.qemu" 2>&1 &
  machine=$!
  echo "$machine" >> "$work/pids"
  tail --pid="$machine" -s 0.3 -n +1 -f "$results/$boot.log" | follow "$boot" &
  wait "$machine" || code=$?
  echo "$code" > "$results/$boot.code"
  wait
  echo $((SECONDS - started)) > "$results/$boot.seconds"
  judge_boot "$boot"      # at once: a run that is stopped keeps what it has
}

leave() {
  local code=$? pid
  trap - EXIT
  if [ -f "$work/pids" ]; then
    while read -r pid; do kill "$pid" 2>/dev/null; done < "$work/pids"
  fi
  wait
  rm -rf "$work"
  exit "$code"
}
