# A container of every kind on an installed node. The kernel has the last word: what is compared is in /proc.
setup_seconds=600 check_seconds=300
setup() {
  policy pods <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: front }
spec:
  match:
    - { namespaces: ["web-*"], pods: ["front-*"], names: [front], images: ["hardening.invalid/probe:*"] }
  noNewPrivileges: true
  capabilities: { keep: [] }
---
apiVersion: hardening/v1
kind: Policy
metadata: { name: at-boot }
spec:
  match: [{ annotations: { role: at-boot } }]
  apparmor: { profile: hardened-restricted }
  noNewPrivileges: true
  capabilities: { keep: [] }
YAML
  run_pod front-0 --name front
  run_pod back-0 --name back --handler hardened
  run_pod bare-0 --name bare --handler runc
  start_at_boot
}

# start_at_boot: after the reboot a container starts as somebody's own service would: right behind containerd, and over before the daemon
# is even started.
start_at_boot() {
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
}

# confinement PID: no_new_privs, seccomp mode and effective capabilities.
confinement() { echo "$(status_of "$1" NoNewPrivs) $(status_of "$1" Seccomp) $(status_of "$1" CapEff)"; }

a-pod-without-a-runtime-class-is-hardened() {
  is "$(confinement "$(first_process k8s.io "$(container_of front-0)")")" "1 2 0000000000000000" "no_new_privs, seccomp, capabilities of the container"
}

the-sandbox-of-a-pod-is-hardened-too() {
  is "$(confinement "$(first_process k8s.io "$(sandbox_of front-0)")")" "1 2 0000000000000000" "no_new_privs, seccomp, capabilities of the sandbox"
  contains "$(journal_line "$(sandbox_of front-0)")" '"sandbox":true' "the hook's line"
}

a-runtime-class-chooses-the-hook() {
  is "$(confinement "$(first_process k8s.io "$(container_of back-0)")")" "0 2 00000000a80425fb" "no_new_privs, seccomp, capabilities of the container"
  is "$(journal_line "$(container_of back-0)" | jq -c '[.decision, .policies]')" '["allow",["node"]]' "decision and policies"
}

a-pod-of-another-entry-goes-round-the-hook() {
  is "$(confinement "$(first_process k8s.io "$(container_of bare-0)")")" "0 0 00000000a80425fb" "no_new_privs, seccomp, capabilities of the container"
  is "$(grep -c "$(container_of bare-0)" /var/lib/hardening/journal/decisions.jsonl || true)" 0 "the journal's lines about it"
}

a-policy-sees-namespace-pod-container-and-image() {
  local line
  line=$(journal_line "$(container_of front-0)")
  is "$(jq -c '[.facts.namespace, .facts.pod, .facts.container, .facts.image, .facts.sandbox]' <<< "$line")" \
    "[\"web-1\",\"front-0\",\"front\",\"$image\",false]" "the facts"
  is "$(jq -c '.policies | sort' <<< "$line")" '["front","node"]' "the policies that matched"
}

a-pods-containers-lie-in-systemds-scopes() {
  local id
  id=$(container_of front-0)
  contains "$(cat "/proc/$(first_process k8s.io "$id")/cgroup")" ".slice/cri-containerd-$id.scope" "the container's cgroup"
  is "$(systemctl is-active "cri-containerd-$id.scope")" active "its scope"
}

an-exec-through-the-cri-gets-no-more-than-its-container() {
  local said
  said=$(cri exec "$(container_of front-0)" probe status)
  contains "$said" $'NoNewPrivs:\t1' "what the exec'd process says"
  contains "$said" $'CapEff:\t0000000000000000' "what the exec'd process says"
  contains "$said" $'Seccomp:\t2' "what the exec'd process says"
  is "$(journal_line "$(container_of front-0)" | jq -c '[.verb, .decision]')" '["exec","allow"]' "the hook's last line"
}

ctr-by-its-runc-binary() {
  ctr run --detach --runtime io.containerd.runc.v2 --runc-binary /usr/bin/hardening-hook "$image" by-ctr /bin/sh -c "$waiting"
  is "$(confinement "$(first_process default by-ctr)")" "1 2 00000000a80425fb" "no_new_privs, seccomp, capabilities of the container"
  contains "$(journal_line by-ctr)" '"decision":"allow"' "the hook's line"
  remove_container by-ctr
}

podman-by-its-runtime() {
  local root=/run/vm-logs/podman-root said
  mkdir -p "$root"/{bin,dev,etc,proc,run,sys,tmp,var/tmp}
  cp /bin/busybox "$root/bin/"
  said=$(podman --runtime /usr/bin/hardening-hook run --rm --network none --rootfs "$root" /bin/busybox cat /proc/self/status)
  rm -rf "$root"
  contains "$said" $'Seccomp:\t2' "what the container says"
  is "$(jq -c 'select(.engine == "podman") | [.decision, .policies]' /var/lib/hardening/journal/decisions.jsonl)" '["allow",["node"]]' "the hook's line"
}

checks a-pod-without-a-runtime-class-is-hardened the-sandbox-of-a-pod-is-hardened-too a-runtime-class-chooses-the-hook \
  a-pod-of-another-entry-goes-round-the-hook a-policy-sees-namespace-pod-container-and-image a-pods-containers-lie-in-systemds-scopes \
  an-exec-through-the-cri-gets-no-more-than-its-container ctr-by-its-runc-binary podman-by-its-runtime
