# Sourced by install.sh --uninstall. Order matters: first nothing may call the hook any more, then the hook may go.
hook=/usr/bin/hardening-hook
restored='' restored_at=''

uninstall_node() {
  [ -f "$manifest" ] || fail "'$manifest' is not there: this script has not installed anything under ${root:-/}. Nothing was removed."
  refuse_hook_files
  step "containerd's configuration"
  restore_containerd
  [ -z "$restart" ] || restart_containerd
  step "Daemon and AppArmor"
  stop_services
  step "Files"
  decide_stub
  forget_apparmor
  remove_files
  [ -z "$purge" ] || purge_state
  remove_folders
  [ -z "$dry_run" ] || say $'\nThis was the plan; nothing was changed.'
}

# While a hook file names a program that is gone, Podman starts containers without it and says nothing, and runc refuses them where a spec of containerd's
# does. Podman refuses all of them while a containers.conf names a folder of ours that is gone.
refuse_hook_files() {
  local files
  files=$({ grep -lsF "\"$hook\"" "$root"/{usr/share,etc}/containers/oci/hooks.d/*.json "$root"/etc/hardening/podman-hooks.d/*.json "$root"/etc/containerd/*.json || true
    grep -lsF '/etc/hardening/podman-hooks.d' "$root"/etc/containers/containers.conf "$root"/etc/containers/containers.conf.d/*.conf || true
  } | tr '\n' ' ')
  [ -z "$files" ] || fail "these files make engines call $hook or look for hooks in a folder of ours, and without these they start containers unhardened or not at all: ${files% }. Remove them first (packaging/docs/node.md, 'The gate'). Nothing was removed."
}

restore_containerd() {
  local tool=$root/usr/bin/hardenctl
  if [ -n "$programs" ]; then tool=$programs/hardenctl; fi
  [ -e "$root/var/lib/hardening/engine/containerd/state.json" ] || { say "no entry of ours is in it."; return 0; }
  [ -x "$tool" ] || fail "'$tool' is gone, and only it can put containerd's configuration back. The original is '$root/var/lib/hardening/engine/containerd/original'; or give a folder with hardenctl by --programs."
  # No fallback: with a configuration that still names the hook, removing the hook would break every container to come.
  "$tool" engine restore containerd --config "$config" ${root:+--root "$root"} ${dry_run:+--dry-run} ${restore[@]+"${restore[@]}"} \
    || fail "containerd's configuration was not restored (reason above), so nothing was removed. Run this again with one of the options named there."
  restored=yes restored_at=$(date +%s.%N)
  [ -z "$dry_run" ] || return 0
  rmdir "$root/var/lib/hardening/engine" 2>/dev/null || true
}

stop_services() {
  local unit
  for unit in hardeningd hardening-apparmor; do
    if systemd_runs && [ -e "/etc/systemd/system/$unit.service" ]; then run systemctl disable --now "$unit.service"; fi
  done
  [ -n "$root" ] || [ -n "$dry_run" ] || stop_daemon
}

# Containers that were created through the hook and still exist: their engine will call it to kill and delete them.
live_containers() {
  local record id state folder folders
  for record in "$root"/run/hardening/containers/*.json; do
    [ -f "$record" ] || continue
    id=$(sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' "$record" | head -n 1)
    state=$(sed -n 's/.*"root": *"\([^"]*\)".*/\1/p' "$record" | head -n 1)
    # Podman names no root; the runtime then uses its own.
    folders=("$state")
    [ -n "$state" ] || folders=(/run/runc /run/crun)
    for folder in "${folders[@]}"; do
      if [ -n "$id" ] && [ -d "$folder/$id" ]; then printf '%s\n' "$id"; break; fi
    done
  done
}

# A containerd that was not restarted since has our entry in memory and calls the hook for new containers too.
unaware_containerd() {
  local since=$root$hook
  [ -z "$root" ] || return 0
  if [ -n "$restored" ] && [ -z "$restart" ]; then
    since=$(mktemp)
    older_containerd "$since"
    rm -f "$since"
  elif is_stub; then
    older_containerd "$since"
  fi
}

is_stub() { grep -q '^# Left by install.sh --uninstall' "$root$hook" 2>/dev/null; }

# The hook stays as a script as long as somebody will call it.
decide_stub() {
  local live unaware
  keep_stub=''
  live=$(live_containers)
  unaware=$(unaware_containerd)
  [ -n "$live$unaware" ] || return 0
  keep_stub=yes
  if [ -n "$live" ]; then
    say "These containers were made through the hook and still run; their engine calls $hook to stop and delete them ($(printf '%s\n' "$live" | wc -l)):"
    printf '%s\n' "$live" | head -n 10 | sed 's/^/  /'
  fi
  if [ -n "$unaware" ]; then
    say "containerd (process $(echo $unaware)) was not restarted since and still calls $hook for new containers of the entry."
  fi
  say "So $hook stays as a script that only calls the real runtime. Run --uninstall again when $([ -z "$live" ] || printf 'they are gone')${live:+${unaware:+ and }}$([ -z "$unaware" ] || printf 'containerd was restarted'), to remove it."
  ! is_stub || return 0
  runtime=$(sed -n 's/.*"runtime": *"\([^"]*\)".*/\1/p' "$root/etc/hardening/hook.json" 2>/dev/null | head -n 1)
  case $runtime in
    /*) [ -x "$runtime" ] || fail "hook.json names the runtime '$runtime', which is not there; running containers need it. Nothing more was removed." ;;
    *) runtime=$(command -v "${runtime:-runc}") || fail "the real runtime is not known (hook.json is gone and runc is not in PATH); running containers need it. Nothing more was removed." ;;
  esac
  [ -z "$dry_run" ] || return 0
  printf '%s\n' '#!/bin/sh' '# Left by install.sh --uninstall of Runtime.Hardening: its callers are not gone yet.' \
    '# It hardens nothing. Run install.sh --uninstall again when its containers are gone and containerd was restarted.' "exec $(printf '%q' "$runtime") \"\$@\"" > "$root$hook.hardening-new"
  chmod 755 "$root$hook.hardening-new"
  # Its date tells a later run since when containerd has its own file again: one that was started after that knows nothing of us.
  [ -z "$restored_at" ] || touch -d "@$restored_at" "$root$hook.hardening-new"
  mv -f "$root$hook.hardening-new" "$root$hook"
}

# Our profiles in the kernel: hardenctl's versions by their names, and what an installation before it had versions put into /etc/apparmor.d.
our_profiles() {
  sed -n 's,^\(file\|loaded\) /etc/apparmor.d/,,p' "$manifest"
  [ -n "$root" ] || sed -n 's/^\(hardened-[a-z0-9-]*-[0-9a-f]\{8\}\) (.*/\1/p' /sys/kernel/security/apparmor/profiles 2>/dev/null || true
}

# Whether a thread is under the profile $1, or about to be, by the files of $2: each thread has a label of its own, and apparmor/ is there where several
# security modules share the plain names. What cannot be read of a living one counts; one that ended, or a label that is not AppArmor's, does not.
# Through xargs, because a node's threads do not fit into one command line.
is_in_use() {
  local found
  found=$(printf '%s\0' "$2"/[0-9]*/task/[0-9]*/attr/{,apparmor/}{current,exec} | LC_ALL=C xargs -0 grep -ahF -e "$1" 2>&1 | tr -d '\0' \
    | grep -vE ': (No such file or directory|No such process|Invalid argument)$' || true)
  [ -n "$found" ]
}

# The kernel's copy stays as long as a process runs under it, or is about to (a container that was created and not started yet): taken away, the
# process would be unconfined. Beside a file in /etc/apparmor.d there is its compiled form, which apparmor_parser and AppArmor's own unit keep.
forget_apparmor() {
  local name compiled
  while IFS= read -r name; do
    for compiled in "$root"/var/cache/apparmor/*/"$name"; do
      if [ -e "$compiled" ]; then remove "${compiled#"$root"}"; fi
    done
    [ -z "$root" ] && grep -q "^$name (" /sys/kernel/security/apparmor/profiles 2>/dev/null || continue
    if is_in_use "$name" /proc; then
      say "The kernel keeps the AppArmor profile $name: processes run under it, or could not be looked at. Run --uninstall again when they are gone."
      [ -n "$dry_run" ] || remember loaded "/etc/apparmor.d/$name"
    elif [ -n "$dry_run" ]; then
      say "would unload the AppArmor profile $name"
    elif { printf %s "$name" > /sys/kernel/security/apparmor/.remove; } 2>/dev/null; then
      say "unloaded: the AppArmor profile $name"
    else
      say "The kernel does not give the AppArmor profile $name back; it is gone after a reboot."
    fi
  done < <(our_profiles | sort -u)
}

remove() {
  if [ -n "$dry_run" ]; then say "would remove: $root$1"; return 0; fi
  rm -rf "$root$1"
  say "removed: $root$1"
}

remove_files() {
  local kind path digest left=()
  while read -r kind path; do
    case $kind in
      file)
        if [ "$path" = "$hook" ] && [ -n "$keep_stub" ]; then left+=("file $path"); continue; fi
        [ -e "$root$path" ] || continue
        remove "$path" ;;
      config)
        [ -e "$root$path" ] || continue
        digest=$(sha256sum < "$root$path" | cut -d' ' -f1)
        if [ -n "$purge" ] || { [ "$path" = /etc/hardening/hook.json ] && grep -qxF "sha256:$digest $path" "$manifest"; }; then
          remove "$path"
        else
          left+=("config $path")
          say "kept: $root$path (--purge removes it)"
        fi ;;
      loaded) if grep -qs "^${path##*/} (" /sys/kernel/security/apparmor/profiles; then left+=("loaded $path"); fi ;;
      folder | sha256:*) left+=("$kind $path") ;;
    esac
  done < "$manifest"
  [ -n "$dry_run" ] || printf '%s\n' ${left[@]+"${left[@]}"} > "$manifest"
  if systemd_runs; then run systemctl daemon-reload; fi
}

purge_state() {
  local path
  for path in /etc/hardening /var/lib/hardening/{policy,journal,engine,collector,telemetry}; do
    [ -e "$root$path" ] || continue
    remove "$path"
  done
}

# Folders that this script made and that are empty now; the manifest itself goes when nothing is left to remember.
remove_folders() {
  local path folders
  [ -z "$dry_run" ] || return 0
  folders=$(sed -n 's/^folder //p' "$manifest" | sort -r)
  if ! grep -qE '^(file|config|loaded) ' "$manifest"; then rm -rf "$root/var/lib/hardening/install"; fi
  while IFS= read -r path; do
    [ -n "$path" ] && rmdir "$root$path" 2>/dev/null || true
  done <<< "$folders"
  if [ -z "$root" ] && [ -z "$keep_stub" ]; then rm -rf /run/hardening; fi
}
