# hardenctl engine configure and restore on the configurations that nodes have, in the format of whatever containerd this is; and that
# containerd lives with the outcome: it starts, CRI loads, NRI is as configured, and a container goes through the hook.
. "${BASH_SOURCE[0]%/*}/../guest/versions.sh"
config=/etc/containerd/config.toml
check_seconds=400 setup_seconds=900

# From here on every check brings its own configuration; the installation's is taken back first.
setup() {
  install_node
  start_containerd
  import_image
  hardenctl engine restore containerd
}

# format: the newest that this containerd speaks; cri: how it calls the plugin that has the runtimes.
is_2() { [[ $(version_of containerd) == 2.* ]]; }
format() { if is_2; then echo 3; else echo 2; fi; }
cri() { if is_2; then echo io.containerd.cri.v1.runtime; else echo io.containerd.grpc.v1.cri; fi; }

# round_trip FILE...: configures, starts containerd, runs a container, takes it back; FILEs must be as they were, or absent again.
round_trip() {
  local file
  rm -rf /run/vm-logs/before
  mkdir /run/vm-logs/before
  for file in "$@"; do [ ! -e "$file" ] || cp -p "$file" "/run/vm-logs/before/${file##*/}"; done
  hardenctl engine configure containerd --default
  containerd config dump | tr -d "\"'" > /run/vm-logs/dump
  contains "$(cat /run/vm-logs/dump)" "default_runtime_name = hardened" "containerd config dump"
  contains "$(cat /run/vm-logs/dump)" "BinaryName = /usr/bin/hardening-hook" "containerd config dump"
  stop_containerd
  start_containerd
  is "$(ctr plugins ls | awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" { print $NF }')" ok "containerd's CRI plugin"
  start_container round
  is "$(awk '$1 == "Seccomp:" { print $2 }' "/proc/$(container_pid round)/status")" 2 "seccomp of a container through the hook"
  remove_container round
  hardenctl engine restore containerd
  for file in "$@"; do
    if [ -e "/run/vm-logs/before/${file##*/}" ]; then cmp "$file" "/run/vm-logs/before/${file##*/}"; else [ ! -e "$file" ] || fail "$file was not there before, and restore left it"; fi
  done
  lacks "$(containerd config dump)" hardening-hook "containerd config dump after restore"
}
# entry_of_dump NAME: what containerd's effective configuration has below that runtime entry.
entry_of_dump() { awk -v header=".runtimes.$1" '/^ *\[/ { inside = index($0, header "]") || index($0, header ".") } inside' /run/vm-logs/dump; }

the-engine-has-the-version-that-this-boot-promises() { check_versions containerd; }

no-file-at-all-comes-back-as-no-file() {
  rm -f "$config"
  round_trip "$config"
}

the-complete-default-configuration-comes-back-byte-for-byte() {
  containerd config default > "$config"
  contains "$(cat "$config")" "version = $(format)" "containerd config default"
  round_trip "$config"
}

a-minimal-file-of-the-newest-format-keeps-what-it-says-of-runc() {
  cat > "$config" <<TOML
version = $(format)
[plugins."$(cri)".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  pod_annotations = ["example.org/*"]
[plugins."$(cri)".containerd.runtimes.runc.options]
  SystemdCgroup = true
TOML
  round_trip "$config"
  for name in runc hardened; do
    contains "$(entry_of_dump "$name")" "SystemdCgroup = true" "the entry $name in containerd config dump"
    contains "$(entry_of_dump "$name")" "example.org/*" "the entry $name in containerd config dump"
  done
}

a-file-that-imports-another-keeps-what-that-one-says() {
  mkdir -p /etc/containerd/conf.d
  printf 'version = %s\nimports = ["/etc/containerd/conf.d/*.toml"]\n' "$(format)" > "$config"
  cat > /etc/containerd/conf.d/10-cri.toml <<TOML
version = $(format)
[plugins."$(cri)".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."$(cri)".containerd.runtimes.runc.options]
  SystemdCgroup = true
TOML
  round_trip "$config" /etc/containerd/conf.d/10-cri.toml /etc/containerd/conf.d/99-hardening.toml
  contains "$(entry_of_dump hardened)" "SystemdCgroup = true" "the entry hardened in containerd config dump"
  rm -r /etc/containerd/conf.d
}

nri-switched-on-is-served-beside-the-hook() {
  [[ $(version_of containerd) != 1.6.* ]] || skip "containerd 1.6 has no NRI of this kind"
  nri false
  round_trip "$config"
  [ -S /var/run/nri/nri.sock ] || fail "NRI is switched on, and /var/run/nri/nri.sock is not there"
}

nri-switched-off-stays-off() {
  rm -f /var/run/nri/nri.sock
  nri true
  round_trip "$config"
  [ ! -e /var/run/nri/nri.sock ] || fail "NRI is switched off, and /var/run/nri/nri.sock is there"
}

# nri DISABLE
nri() { printf 'version = %s\n[plugins."io.containerd.nri.v1.nri"]\n  disable = %s\n' "$(format)" "$1" > "$config"; }

# What a node has that never heard of NRI: containerd 1.7 leaves it out, 2.x serves it.
nri-unmentioned-is-what-this-containerd-makes-of-it() {
  rm -f /var/run/nri/nri.sock
  printf 'version = %s\n' "$(format)" > "$config"
  round_trip "$config"
  if is_2; then [ -S /var/run/nri/nri.sock ] || fail "containerd 2 did not serve NRI by default"
  else [ ! -e /var/run/nri/nri.sock ] || fail "containerd 1.7 served NRI by default"; fi
}

checks the-engine-has-the-version-that-this-boot-promises no-file-at-all-comes-back-as-no-file \
  the-complete-default-configuration-comes-back-byte-for-byte a-minimal-file-of-the-newest-format-keeps-what-it-says-of-runc \
  a-file-that-imports-another-keeps-what-that-one-says nri-switched-on-is-served-beside-the-hook nri-switched-off-stays-off \
  nri-unmentioned-is-what-this-containerd-makes-of-it
