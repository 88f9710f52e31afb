# install.sh run again while containers run.
setup_seconds=600 check_seconds=300
setup() {
  first_process k8s.io "$(container_of front-0)" > "$state/front-process"
  sha256sum < /etc/containerd/config.toml > "$state/config-installed"
  "$release/install.sh" --default --restart --no-test > "$state/upgrade.log" || { cat "$state/upgrade.log"; return 1; }
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
