# Docker's default profile (docker-default, which dockerd writes and loads itself) against ours, and Docker's own commands through the hook.
[ ! -d /vm/guest ] || . /vm/guest/apparmor.sh
check_seconds=180

setup() {
  apparmor_node
  # Docker passes no annotations, so what matches is the hostname, and the policies that go by annotations could match the same container.
  rm /etc/hardening/policies/apparmor.yaml
  policy docker <<'YAML'
apiVersion: hardening/v1
kind: Policy
metadata: { name: docker-ours }
spec:
  match: [{ engines: [docker], hostnames: ["ours*"] }]
  apparmor: { profile: hardened-restricted, otherwise: refuse }
YAML
  setsid dockerd --data-root /var/lib/docker-vm --exec-root /run/docker -H unix:///run/docker.sock --containerd /run/containerd/containerd.sock \
    --pidfile /run/docker.pid --iptables=false --ip6tables=false --bridge=none --add-runtime hardened=/usr/bin/hardening-hook \
    </dev/null >>/run/vm-logs/dockerd.log 2>&1 &
  wait_until 150 grep -q 'API listen on' /run/vm-logs/dockerd.log || { tail -n 20 /run/vm-logs/dockerd.log; return 1; }
  import_for_docker
}

import_for_docker() {
  local blob
  mkdir -p /run/apparmor-image
  tar -C /run/apparmor-image -xf /vm/image.tar
  for blob in /run/apparmor-image/blobs/sha256/*; do
    if tar -tf "$blob" 2>/dev/null | grep -q bin/probe; then docker import "$blob" probe >/dev/null; fi
  done
}

# docker_run ID [OPTION...] -- COMMAND...: with every capability and path, but not --privileged, which takes the profile away too.
docker_run() {
  local id=$1 options=()
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  docker run -d --name "$id" --hostname "$id" --network none --runtime hardened --cap-add ALL --security-opt seccomp=unconfined \
    --security-opt systempaths=unconfined -v /vm/guest/apparmor:/guest:ro "${options[@]}" probe "$@" >/dev/null
}
docker_pid() { docker inspect --format '{{.State.Pid}}' "$1"; }

# in_docker ID EXPECTED-LABEL: everybody in it can signal everybody, an exec has the label, and docker stop ends it by SIGTERM.
in_docker() {
  local id=$1 notes
  docker_run "$id" -- sh /guest/signals.sh
  notes=/proc/$(docker_pid "$id")/root/tmp/signals
  is "$(label "$(docker_pid "$id")")" "$2" "the label"
  is "$(docker exec "$id" cat /proc/self/attr/current)" "$2" "the label of an exec"
  wait_until 20 grep -sqx ready "$notes"
  docker exec "$id" sh /guest/exec.sh
  is "$(sort "$notes" | grep -vx ready | paste -sd' ')" "$every_signal" "who could signal whom"
  docker stop --time 30 "$id" >/dev/null
  is "$(docker inspect --format '{{.State.ExitCode}}' "$id")" 0 "the exit code after docker stop (signals.sh exits with 0 on SIGTERM)"
}

dockers-default-is-kept-where-no-policy-asks-and-its-processes-signal-each-other() { in_docker kept "docker-default (enforce)"; }
dockers-default-is-replaced-by-ours-and-processes-signal-each-other() { in_docker ours1 "$profile (enforce)"; }

docker_operations() {
  local id=$1
  docker_run "$id" --pid host --tmpfs /unmount --tmpfs /pivot -v /sys/kernel/security:/sys/kernel/security:ro -- sleep 1000000
  docker exec "$id" sh /guest/operations.sh "$(cat /run/apparmor-outside)" > "/run/apparmor/$id"
  docker rm -f "$id" >/dev/null
}

ours-denies-whatever-dockers-template-denies() {
  local name rest count=0
  operations bare none
  docker_operations template
  docker_operations ours2
  while read -r name rest; do
    # Docker mounts /sys and parts of /proc read-only; what fails for that reason is not the template's doing.
    if denied template "$name"; then
      all_denied ours2 "$name"
      count=$((count + 1))
    fi
  done < /run/apparmor/template
  [ "$count" -ge 8 ] || fail "the template denied only $count operations: $(cat /run/apparmor/template)"
}

checks dockers-default-is-kept-where-no-policy-asks-and-its-processes-signal-each-other \
  dockers-default-is-replaced-by-ours-and-processes-signal-each-other ours-denies-whatever-dockers-template-denies
