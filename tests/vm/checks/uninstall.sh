# Taking it off again: first while containers that went through the hook still run, then for good.
setup_seconds=600 check_seconds=300
setup() {
  first_process default at-boot > "$state/at-boot-process"
  systemctl disable at-boot.service
  rm /etc/systemd/system/at-boot.service
  cri remove-pod "$(sandbox_of front-1)"
  "$release/install.sh" --uninstall --restart > "$state/uninstall.log" || { cat "$state/uninstall.log"; return 1; }
}

containerd-has-its-file-back-byte-for-byte() {
  cmp "$state/config.toml" /etc/containerd/config.toml
  contains "$(containerd config dump)" 'default_runtime_name = "runc"' "containerd's configuration"
}

the-daemon-and-its-units-are-gone() {
  is "$(systemctl show -p LoadState --value hardeningd) $(systemctl show -p LoadState --value hardening-apparmor)" "not-found not-found" "the units"
  is "$(pgrep -x hardeningd || true)" "" "processes named hardeningd"
}

a-container-that-runs-on-can-still-be-entered-and-stopped() {
  local pid
  pid=$(cat "$state/at-boot-process")
  contains "$(cat "$state/uninstall.log")" "So /usr/bin/hardening-hook stays as a script" "what install.sh said"
  is "$(cat "/proc/$pid/attr/current")" "$(versioned hardened-restricted) (enforce)" "the label of process $pid"
  contains "$(in_container at-boot probe status)" "NoNewPrivs:" "what an exec'd process says"
  remove_container at-boot
  [ ! -d "/proc/$pid" ] || fail "process $pid of the removed container is still there"
}

containerd-starts-plain-containers() {
  run_pod plain-0 --name plain
  is "$(status_of "$(first_process k8s.io "$(container_of plain-0)")" Seccomp)" 0 "seccomp of a pod's container"
  cri remove-pod "$(sandbox_of plain-0)"
}

the-second-time-nothing-is-left() {
  "$release/install.sh" --uninstall --purge > "$state/purge.log" || { cat "$state/purge.log"; return 1; }
  lacks "$(cat "$state/purge.log")" "stays as a script" "what install.sh said"
  [ ! -e /run/hardening ] || fail "/run/hardening is still there: $(find /run/hardening)"
  tree > "$state/tree-after"
  is "$(diff "$state/tree" "$state/tree-after" || true)" "" "what differs from before the installation (> is new)"
  if grep "^hardened-" /sys/kernel/security/apparmor/profiles; then fail "the kernel still has AppArmor profiles of ours"; fi
}

checks containerd-has-its-file-back-byte-for-byte the-daemon-and-its-units-are-gone a-container-that-runs-on-can-still-be-entered-and-stopped \
  containerd-starts-plain-containers the-second-time-nothing-is-left
