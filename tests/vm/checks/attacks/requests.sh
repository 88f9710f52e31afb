# Sourced by attacks.sh: what is asked of the engine. A careless user's request: every capability, no seccomp profile, no AppArmor profile,
# new privileges allowed; masks and read-only paths as ctr gives them, so that it does not look privileged. Only runtime and annotation differ.
careless=(--allow-new-privs --env PROBE_WAIT=60)
for capability in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST \
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME \
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF \
  CHECKPOINT_RESTORE; do
  careless+=(--cap-add "CAP_$capability")
done

requests() { "$work/probe" list | awk -F '\t' '$4 == "request" { print $1 }'; }

bind() { options=(--mount "type=bind,src=$1,dst=$2,options=rbind:rw"); }

# request_options NAME: sets options, what this attack asks for beyond the careless request.
request_options() {
  case $1 in
    run-as-root) options=() ;;
    privileged) options=(--privileged) ;;
    host-pid) options=(--with-ns pid:/proc/1/ns/pid) ;;
    host-network) options=(--net-host --env "PROBE_HOST_NETWORK=$(readlink /proc/1/ns/net)") ;;
    host-ipc) options=(--with-ns ipc:/proc/1/ns/ipc) ;;
    release-agent) options=(--with-ns cgroup:/proc/1/ns/cgroup) ;;
    host-root) bind / /host ;;
    host-log) bind /var/log /host ;;
    engine-socket) bind /run/containerd/containerd.sock /host.sock ;;
    engine-socket-folder) bind /run/containerd /host ;;
    docker-socket) bind /run/docker.sock /host.sock ;;
    socket-by-link) bind "$work/link" /host ;;
    host-proc) bind /proc /host ;;
    second-proc) options=(--mount type=proc,src=proc,dst=/host,options=rw) ;;
    second-sysfs) options=(--mount type=sysfs,src=sysfs,dst=/host,options=rw) ;;
    host-disk) options=(--mount "type=ext4,src=$disk,dst=/host,options=rw") ;;
    host-device) options=(--device "$disk" --env "PROBE_DEVICE=$disk") ;;
    no-pivot) options=(--no-pivot) ;;
    leaked-cwd) options=(--cwd /proc/self/fd/7) ;;
    proc-symlink) options=(--rootfs) ;;
    spec-sysctl) options=() ;;   # by a whole spec: start_attack
    *) fail "no request for the attack '$1'; write one into requests.sh" ;;
  esac
}

# prepare_requests: what the requests name and a plain guest does not have.
prepare_requests() {
  disk=$(findmnt -no SOURCE /)
  ln -sfn /run/containerd "$work/link"
  ln -sfn /run/containerd/containerd.sock /run/docker.sock
  mkdir -p "$work"/{plain,linked}/{bin,dev,sys,tmp,usr} "$work/plain/proc" "$work/linked/true-proc"
  install -m 0755 "$work/probe" "$work/plain/bin/probe"
  install -m 0755 "$work/probe" "$work/linked/bin/probe"
  ln -sfn /true-proc "$work/linked/proc"
}

# start_attack ID POLICY NAME: the container of one request, in the foreground. `bare` means the runtime itself.
start_attack() {
  local id=$1 policy=$2 name=$3 what=("$image" "$1" /bin/probe "$3") runtime=()
  [ "$policy" = bare ] || runtime=(--runc-binary /usr/bin/hardening-hook --annotation "attacks.policy=$policy")
  request_options "$name"
  case $name in
    proc-symlink) what=("$work/linked" "$id" /bin/probe "$name") ;;
    spec-sysctl)
      ctr oci spec | jq --arg policy "$policy" --arg root "$work/plain" --arg pattern "$(cat /proc/sys/kernel/core_pattern)" --arg name "$name" \
        '.annotations = {"attacks.policy": $policy} | .root = {path: $root} | .process.args = ["/bin/probe", $name] | .linux.sysctl = {"kernel.core_pattern": $pattern}' \
        > "$work/sysctl-$id.json"
      options=(--config "$work/sysctl-$id.json")
      what=("$id") ;;
  esac
  ctr run --rm "${careless[@]}" "${runtime[@]}" "${options[@]}" "${what[@]}"
}
