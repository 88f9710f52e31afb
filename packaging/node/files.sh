# Sourced by install.sh: writing and forgetting files, with a manifest so that uninstall removes what was installed and nothing else.
manifest=$root/var/lib/hardening/install/manifest

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

# run COMMAND...: does it, or under --dry-run says it.
run() {
  if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi
}

systemd_runs() { [ -z "$root" ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

# need_writable FOLDER...: stops before anything was changed if a folder, or what it will be made in, cannot be written.
need_writable() {
  local path
  for path in "$@"; do
    path=$root$path
    while [ ! -d "$path" ]; do path=${path%/*}; path=${path:-/}; done
    [ -w "$path" ] || fail "'$path' cannot be written (a read-only file system?). Make it writable, or build the files into the node's image with --root. Nothing was changed."
  done
}

# need_own_units NAME...: stops before anything was changed if somebody else has a unit of that name: putting ours there would take theirs away, uninstalling it too.
need_own_units() {
  local unit path
  for unit in "$@"; do
    path=/etc/systemd/system/$unit
    { [ -e "$root$path" ] || [ -L "$root$path" ]; } && ! grep -qxF "file $path" "$manifest" 2>/dev/null && ! cmp -s "$source/packaging/systemd/$unit" "$root$path" || continue
    fail "'$root$path' is there, and this script has not installed it. Move it away; changes of ours belong into $path.d/ (systemctl edit). Nothing was changed."
  done
}

# older_containerd FILE: numbers of the processes that run containerd on $config and were started before FILE was last written.
older_containerd() {
  local folder name words stat now up written hertz
  written=$(date -r "$1" +%s.%N)
  hertz=$(getconf CLK_TCK)
  now=$(date +%s.%N)
  read -r up _ < /proc/uptime
  for folder in /proc/[0-9]*; do
    { read -r name < "$folder/comm"; } 2>/dev/null && [ "$name" = containerd ] || continue
    { words=" $(tr '\0' ' ' < "$folder/cmdline")" && read -r stat < "$folder/stat"; } 2>/dev/null || continue
    # Docker's own containerd, say, reads another file.
    case $words in
      *" --config "* | *" -c "* | *" --config="* | *" -c="*) [[ $words == *[\ =]"$config "* ]] || continue ;;
      *) [ "$config" = /etc/containerd/config.toml ] || continue ;;
    esac
    # The 22nd word of stat is the start in ticks since boot; counting begins behind the name, which may hold spaces.
    awk -v stat="${stat##*) }" -v now="$now" -v up="$up" -v hertz="$hertz" -v written="$written" \
      'BEGIN { split(stat, word, " "); exit !(now - up + word[20] / hertz < written) }' || continue
    printf '%s\n' "${folder#/proc/}"
  done
}

# remember KIND PATH: KIND is file, folder, config (kept on uninstall if somebody changed it), or loaded (a profile that the kernel has).
remember() {
  local line="$1 $2"
  grep -qxF "$line" "$manifest" 2>/dev/null || printf '%s\n' "$line" >> "$manifest"
}

# folder PATH: makes the missing folders of a path and remembers those it made, the outermost first.
folder() {
  local path=$1 missing=()
  while [ -n "$path" ] && [ ! -d "$root$path" ]; do missing=("$path" "${missing[@]}"); path=${path%/*}; done
  [ "${#missing[@]}" -gt 0 ] || return 0
  [ -z "$dry_run" ] || { say "would make the folder $root$1"; return 0; }
  mkdir -p "$root$1"
  for path in "${missing[@]}"; do made+=("$path"); done
  # The manifest's own folder is made through here too: write the list once it can be written.
  [ -d "${manifest%/*}" ] || return 0
  for path in "${made[@]}"; do remember folder "$path"; done
  made=()
}
made=()

# put SOURCE PATH MODE: installs by rename, so that whoever runs or reads the old file keeps it whole.
put() {
  local from=$1 path=$2 mode=$3 to=$root$2
  if cmp -s "$from" "$to" && [ "$(stat -c %a "$to")" = "$mode" ]; then
    say "unchanged: $to"
  elif [ -n "$dry_run" ]; then
    say "would install $to"
    return 0
  else
    folder "${path%/*}"
    install -m "$mode" "$from" "$to.hardening-new"
    mv -f "$to.hardening-new" "$to"
    say "installed: $to"
  fi
  [ -n "$dry_run" ] || remember file "$path"
}

# settle PATH MODE < TEXT: writes a settings file once; what a person made of it since is theirs.
settle() {
  local path=$1 mode=$2 to=$root$1 text
  text=$(cat)
  if [ -e "$to" ]; then
    say "kept as it is: $to"
    return 0
  fi
  if [ -n "$dry_run" ]; then say "would write $to: $text"; return 0; fi
  folder "${path%/*}"
  printf '%s\n' "$text" > "$to.hardening-new"
  chmod "$mode" "$to.hardening-new"
  mv -f "$to.hardening-new" "$to"
  remember config "$path"
  remember "sha256:$(sha256sum < "$to" | cut -d' ' -f1)" "$path"
  say "wrote: $to"
}

# Containers live in shims of their own and go on running.
restart_containerd() {
  [ -z "$root" ] || return 0
  run systemctl restart containerd.service || fail "its configuration is written, but containerd did not restart; journalctl -u containerd says why. Mend that, then run this again."
  [ -n "$dry_run" ] || say "restarted containerd"
}

# stop_daemon: ends the hardeningd that --start-daemon started, and only that.
stop_daemon() {
  local pid
  pid=$(cat /run/hardening/hardeningd.pid 2>/dev/null || true)
  if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = hardeningd ]; then
    kill "$pid"
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -d "/proc/$pid" ] || break; sleep 0.5; done
    say "stopped hardeningd (process $pid)"
  fi
  rm -f /run/hardening/hardeningd.pid /run/hardening/hardeningd.log
}
