# Sourced by attacks.sh: what is asked of the engine. A careless user's request: every capability, no seccomp profile, no AppArmor profile,
# new privileges allowed; masks and read-only paths as ctr gives them, so that it does not look privileged. Only runtime and annotation differ.
careless=(--allow-new-privs --env PROBE_WAIT=60)
for capability in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST \
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME \
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF \
  CHECKPOINT_RESTORE; do
  careless+=(--cap-add "CAP_$capability")
done


# Requests that need a container of their own: the whole of it is different, another policy decides, the runtime may not start it at all, or it
# shows something else beside others (a /sys of the host's network namespace is another one).
alone=(run-as-root privileged second-sysfs no-pivot leaked-cwd proc-symlink spec-sysctl)

requests() { "$work/probe" list | awk -F '\t' '$4 == "request" { print $1 }'; }

root_device() { findmnt -no SOURCE /; }

# mounted NAME TYPE SOURCE [PLACE]: sets options, a mount where the probe looks for it.
mounted() {
  local kind=rw
  [ "$2" != bind ] || kind=rbind:rw
  options=(--mount "type=$2,src=$3,dst=/host/$1${4:-},options=$kind")
}

# request_options NAME: sets options, what this attack asks for beyond the careless request.
request_options() {
  case $1 in
    run-as-root | proc-symlink | spec-sysctl) options=() ;;   # the last two differ in more than options: start_attack
    privileged) options=(--privileged) ;;
    host-pid) options=(--with-ns pid:/proc/1/ns/pid) ;;
    host-network) options=(--net-host --env "PROBE_HOST_NETWORK=$(readlink /proc/1/ns/net)") ;;
    host-ipc) options=(--with-ns ipc:/proc/1/ns/ipc) ;;
    release-agent) options=(--with-ns cgroup:/proc/1/ns/cgroup) ;;
    host-root) mounted "$1" bind / ;;
    # ctr splits options at colons, so there is one lower folder only, and an overlay of one needs an upper one.
    host-overlay) options=(--mount "type=overlay,src=overlay,dst=/host/$1,options=lowerdir=/etc:upperdir=$work/upper:workdir=$work/work") ;;
    host-log) mounted "$1" bind /var/log ;;
    engine-socket) mounted "$1" bind /run/containerd/containerd.sock /containerd.sock ;;
    engine-socket-folder) mounted "$1" bind /run/containerd ;;
    docker-socket) mounted "$1" bind /run/docker.sock /containerd.sock ;;
    socket-by-link) mounted "$1" bind "$work/link" ;;
    host-proc) mounted "$1" bind /proc ;;
    second-proc) mounted "$1" proc proc ;;
    second-sysfs) mounted "$1" sysfs sysfs ;;
    host-disk) mounted "$1" ext4 "$(root_device)" ;;
    host-device) options=(--device "$(root_device)" --env "PROBE_DEVICE=$(root_device)") ;;
    no-pivot) options=(--no-pivot) ;;
    leaked-cwd) options=(--cwd /proc/self/fd/7) ;;
    *) fail "no request for the attack '$1'; write one into requests.sh" ;;
  esac
}

# prepare_requests: what the requests name and a plain guest does not have.
prepare_requests() {
  ln -sfn /run/containerd "$work/link"
  ln -sfn /run/containerd/containerd.sock /run/docker.sock
  mkdir -p "$work"/{upper,work}
  mkdir -p "$work"/{plain,linked}/{bin,dev,sys,tmp,usr} "$work/plain/proc" "$work/linked/true-proc"
  install -m 0755 "$work/probe" "$work/plain/bin/probe"
  install -m 0755 "$work/probe" "$work/linked/bin/probe"
  ln -sfn /true-proc "$work/linked/proc"
}

# start_attack ID POLICY NAME...: a container that is asked for all of this, in the foreground; prints a line an attack. The policy `bare` means
# the runtime itself.
start_attack() {
  local id=$1 policy=$2 name all=("${careless[@]}") rootfs=("$image")
  shift 2
  [ "$policy" = bare ] || all+=(--runc-binary /usr/bin/hardening-hook --annotation "attacks.policy=$policy")
  for name in "$@"; do request_options "$name"; all+=("${options[@]}"); done
  case $1 in
    proc-symlink) rootfs=(--rootfs "$work/linked") ;;
    spec-sysctl)
      whole_spec "$policy" > "$work/spec-$id.json"
      ctr run --rm "${all[@]}" --config "$work/spec-$id.json" "$id"
      return ;;
  esac
  ctr run --rm "${all[@]}" "${rootfs[@]}" "$id" /bin/probe each "$@"
}

# whole_spec POLICY: what no option of ctr can say, by a spec that the caller wrote.
whole_spec() {
  ctr oci spec | jq --arg policy "$1" --arg root "$work/plain" --arg pattern "$(cat /proc/sys/kernel/core_pattern)" \
    '.annotations = {"attacks.policy": $policy} | .root = {path: $root} | .process.args = ["/bin/probe", "each", "spec-sysctl"]
      | .linux.sysctl = {"kernel.core_pattern": $pattern}'
}
