# Sourced by install.sh: one container through the hook at the end. The kernel has the last word: the container prints its own
# /proc/self/status. Its root is made of the node's own `cat` and what that links to, so it needs no image and no registry.
test_container() {
  local status line code=0 id="hardening-test-$$"
  [ -z "$no_test" ] || { say "skipped: --no-test."; return 0; }
  [ -z "$root" ] || { say "skipped: nothing is run when installing into $root."; return 0; }
  if ! command -v ctr >/dev/null || ! timeout 10 ctr --address "$address" version >/dev/null 2>&1; then
    say "skipped: no containerd answers at $address. When it runs, try: hardenctl engine status, and run this script again."
    return 0
  fi
  [ -z "$dry_run" ] || { say "would run one container through the hook and remove it"; return 0; }
  trap remove_test EXIT
  make_test_root
  status=$(timeout 60 ctr --address "$address" --namespace "$id" run --rm --runc-binary /usr/bin/hardening-hook --rootfs "$test_root" "$id" \
    /cat /proc/self/status 2>&1) || code=$?
  remove_test
  trap - EXIT
  line=$(grep -hF "\"id\":\"$id\"" /var/lib/hardening/journal/*.jsonl 2>/dev/null | tail -n 1 || true)
  case $line in
    *'"decision":"refuse"'*)
      # The container is root's and plain: stricter policies than the first one may refuse it, and then the hook does its work.
      say "a container was sent through the hook, and this node's policies refused it: $status"
      return 0 ;;
  esac
  [ "$code" = 0 ] || fail "the test container did not run through the hook: $status"
  judge_test "$status" "$line"
}

# Below /var, because many distributions mount /run so that nothing can be executed there.
make_test_root() {
  local library
  test_root=$(mktemp -d /var/lib/hardening/test.XXXXXX)
  mkdir -p "$test_root"/{proc,dev,sys,run,etc,tmp}
  for library in $(ldd "$(command -v cat)" | grep -o '/[^ ]*'); do
    mkdir -p "$test_root$(dirname "$library")"
    cp -L "$library" "$test_root$library"
  done
  cp -L "$(command -v cat)" "$test_root/cat"
}

remove_test() {
  local id="hardening-test-$$" cgroup
  timeout 20 ctr --address "$address" --namespace "$id" tasks delete --force "$id" >/dev/null 2>&1 || true   # --rm did it, normally
  timeout 20 ctr --address "$address" --namespace "$id" containers delete "$id" >/dev/null 2>&1 || true
  timeout 20 ctr --address "$address" namespaces remove "$id" >/dev/null 2>&1 || true
  for cgroup in /sys/fs/cgroup/"$id" /sys/fs/cgroup/*/"$id"; do
    if [ -d "$cgroup" ]; then rmdir "$cgroup" || true; fi
  done
  rm -rf "$test_root" /run/hardening/containers/"$id"-*.json
}

# judge_test STATUS LINE: what the hook says it changed must be what the kernel says.
judge_test() {
  local status=$1 line=$2
  [ -n "$line" ] || fail "the test container ran, but the hook wrote no line about it into /var/lib/hardening/journal: another program answered as /usr/bin/hardening-hook."
  case $line in
    *'"decision":"allow"'*) say "a container ran through the hook; the kernel says of it:" ;;
    *'"decision":"unmatched"'*) say "a container ran through the hook; no policy in /etc/hardening/policies matches it, so it got no hardening. The kernel says of it:" ;;
    *) say "a container ran through the hook, which passed it on as it was (hardenctl node status says why). The kernel says of it:" ;;
  esac
  printf '%s\n' "$status" | grep -E '^(NoNewPrivs|Seccomp|CapBnd):' | sed 's/^/  /'
  case $line in *'"path":"linux.seccomp"'*) confirm "$status" Seccomp 2 "a seccomp filter" ;; esac
  case $line in *'"path":"process.noNewPrivileges"'*) confirm "$status" NoNewPrivs 1 "no_new_privs" ;; esac
}

confirm() {
  grep -qE "^$2:[[:space:]]+$3\$" <<< "$1" || fail "the hook gave the test container $4, but the kernel does not confirm it ($(grep "^$2:" <<< "$1")). The real runtime did not apply it: try $runtime by itself."
}
