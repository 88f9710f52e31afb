# A user's node: the distribution's containerd with systemd's cgroup driver, and install.sh as the README says.
setup_seconds=600 check_seconds=300
setup() {
  quick_reboots
  containerd config default \
    | sed -e 's|SystemdCgroup = false|SystemdCgroup = true|' -e "s|sandbox_image = .*|sandbox_image = \"$image\"|" > /etc/containerd/config.toml
  grep -q 'SystemdCgroup = true' /etc/containerd/config.toml
  systemctl enable --now containerd
  import_image
  ctr -n k8s.io image import /vm/image.tar
  ctr run --detach "$image" older /bin/sh -c "$waiting"
  first_process default older > "$state/older"
  cp /etc/containerd/config.toml "$state/config.toml"
  tree > "$state/tree"
  "$release/install.sh" --default --restart > "$state/install.log" || { cat "$state/install.log"; return 1; }
}

its-test-container-ran-hardened() {
  contains "$(cat "$state/install.log")" "a container ran through the hook; the kernel says of it:" "what install.sh said"
  contains "$(cat "$state/install.log")" $'Seccomp:\t2' "what install.sh said"
}

pods-go-through-the-hook-by-default() {
  local all options
  all=$(containerd config dump)
  contains "$all" 'default_runtime_name = "hardened"' "containerd's configuration"
  options=$(awk '/^ *\[/ { inside = /runtimes\.hardened\.options\]/ } inside' <<< "$all")
  contains "$options" 'BinaryName = "/usr/bin/hardening-hook"' "the entry's options"
  contains "$options" 'SystemdCgroup = true' "the entry's options"
}

nothing-else-of-containerds-file-is-changed() {
  is "$({ diff "$state/config.toml" /etc/containerd/config.toml || true; } | grep '^<' | tr -s ' ')" '< default_runtime_name = "runc"' "what the installation replaced"
}

profiles-are-loaded-by-a-unit-that-engines-wait-for() {
  local profile
  is "$(systemctl is-active hardening-apparmor)" active hardening-apparmor.service
  contains " $(systemctl show -p After --value containerd) " " hardening-apparmor.service " "what containerd.service waits for"
  for profile in "$release"/profiles/apparmor/hardened-*.yaml; do
    profile=${profile##*/}
    grep -qE "^${profile%.yaml}-[0-9a-f]{8} \(enforce\)$" /sys/kernel/security/apparmor/profiles || fail "no ${profile%.yaml} in the kernel's list: $(cat /sys/kernel/security/apparmor/profiles)"
  done
}

the-daemon-is-a-unit-under-a-watchdog() {
  is "$(systemctl show hardeningd -p Type -p NotifyAccess -p WatchdogUSec -p ActiveState | sort | paste -sd' ')" \
    "ActiveState=active NotifyAccess=main Type=notify WatchdogUSec=30s" hardeningd.service
}

a-container-older-than-the-installation-lives-on() {
  local pid
  pid=$(cat "$state/older")
  contains "$(tr '\0' ' ' < "/proc/$pid/cmdline")" "trap exit TERM" "the command line of process $pid"
  is "$(first_process default older)" "$pid" "its first process"
}

checks its-test-container-ran-hardened pods-go-through-the-hook-by-default nothing-else-of-containerds-file-is-changed \
  profiles-are-loaded-by-a-unit-that-engines-wait-for the-daemon-is-a-unit-under-a-watchdog a-container-older-than-the-installation-lives-on
