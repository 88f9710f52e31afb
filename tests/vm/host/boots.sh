# Sourced by run.sh: what there is to run, and which boots a selection needs.

# read_boot NAME: sets suite, areas, seconds, init, memory, words (further words of the kernel line) and only_full.
read_boot() {
  suite=bookworm areas=() seconds=240 init=direct memory=2048 words="" only_full=false
  . "$here/boots/$1.sh"
}

# checks_of AREA: their names, as the last line of the area's file has them. The file is read here, not run: only its last command
# does anything at this point, because checks are functions.
checks_of() { ( checks() { printf '%s\n' "$@"; }; . "$here/checks/$1.sh" ); }

all_boots() { local file; for file in "$here"/boots/*.sh; do basename "$file" .sh; done; }

list_checks() {
  local boot area
  for boot in $(all_boots); do
    read_boot "$boot"
    echo "$boot: Debian $suite, $init init$($only_full && echo ', full suite only' || true)"
    for area in "${areas[@]}"; do
      [ "$area" != reboot ] || { echo "  (reboot)"; continue; }
      checks_of "$area" | sed "s|^|  $area/|"
    done
  done
}

# select_boots: sets boots. A name that no boot has is an error; a check that several boots have runs in each.
select_boots() {
  local boot area name known
  boots=()
  if [ -n "$shell" ]; then
    [ -e "$here/boots/$shell.sh" ] || { echo "tests/vm/run.sh: no boot '$shell'. There are: $(all_boots | paste -sd' ')" >&2; return 1; }
    boots=("$shell")
    return 0
  fi
  for name in "${names[@]}"; do
    known=false
    for boot in $(all_boots); do
      read_boot "$boot"
      for area in "${areas[@]}"; do
        if [ "$name" = "$area" ] || { [ "${name%%/*}" = "$area" ] && checks_of "$area" | grep -xF -- "${name#*/}" >/dev/null; }; then known=true; fi
      done
      if [ "$name" = "$boot" ]; then known=true; fi
    done
    $known || { echo "tests/vm/run.sh: no boot, area or check '$name'. See --list." >&2; return 1; }
  done
  for boot in $(all_boots); do
    read_boot "$boot"
    if [ "${#names[@]}" = 0 ]; then
      if ! $only_full || $full; then boots+=("$boot"); fi
    elif [ -n "$(planned "$boot")" ]; then
      boots+=("$boot")
    fi
  done
}

# planned BOOT: the checks that this run wants of it, as AREA/CHECK.
planned() {
  local boot=$1 area name check
  read_boot "$boot"
  for area in "${areas[@]}"; do
    [ "$area" != reboot ] || continue
    for check in $(checks_of "$area"); do
      if [ "${#names[@]}" = 0 ]; then echo "$area/$check"; continue; fi
      for name in "${names[@]}"; do
        if [ "$name" = "$boot" ] || [ "$name" = "$area" ] || [ "$name" = "$area/$check" ]; then echo "$area/$check"; break; fi
      done
    done
  done
}

suites_of() { local boot; for boot in "$@"; do read_boot "$boot"; echo "$suite"; done | sort -u; }

longest_first() { local boot; for boot in "$@"; do read_boot "$boot"; echo "$seconds $boot"; done | sort -rn | cut -d' ' -f2; }
