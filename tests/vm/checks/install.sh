# A user's node: systemd, the distribution's containerd, and install.sh as the README says.
setup() {
  systemctl start containerd
  install_node --restart
}

the-daemon-runs-as-a-unit() { is "$(systemctl is-active hardeningd)" active "hardeningd.service"; }

checks the-daemon-runs-as-a-unit
