# install.sh run again while containers run; then a container is made a unit that starts at boot, for what comes after the reboot.
setup_seconds=600 check_seconds=300
setup() {
  first_process k8s.io "$(container_of front-0)" > "$state/front-process"
  sha256sum < /etc/containerd/config.toml > "$state/config-installed"
  "$release/install.sh" --default --restart --no-test > "$state/upgrade.log" || { cat "$state/upgrade.log"; return 1; }
  policy at-boot <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: at-boot }
spec:
  match: [{ annotations: { role: at-boot } }]
  apparmor: { profile: hardened-restricted }
  noNewPrivileges: true
YAML
  # As somebody's own service would: right behind containerd, and over before the daemon is even started.
  cat > /etc/systemd/system/at-boot.service <<UNIT
[Unit]
After=containerd.service
Requires=containerd.service
Before=hardeningd.service
[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
ExecStart=ctr run --detach --runc-binary /usr/bin/hardening-hook --label role=at-boot $image at-boot /bin/sh -c "$waiting"
[Install]
WantedBy=multi-user.target
UNIT
  systemctl enable at-boot.service
  ls /run/hardening/containers > "$state/records"
}

installing-again-changes-nothing() {
  lacks "$(cat "$state/upgrade.log")" "installed:" "what install.sh said"
  contains "$(cat "$state/upgrade.log")" "unchanged: /usr/bin/hardening-hook" "what install.sh said"
  is "$(sha256sum < /etc/containerd/config.toml)" "$(cat "$state/config-installed")" "the digest of containerd's file"
}

a-pod-runs-on-and-can-be-entered() {
  is "$(first_process k8s.io "$(container_of front-0)")" "$(cat "$state/front-process")" "its first process"
  is "$(systemctl is-active containerd) $(systemctl is-active hardeningd)" "active active" "containerd and hardeningd"
  contains "$(cri exec "$(container_of front-0)" probe status)" $'CapEff:\t0000000000000000' "what an exec'd process says"
}

checks installing-again-changes-nothing a-pod-runs-on-and-can-be-entered
