# Sourced where packages of a Debian suite are needed that is not this machine's own: apt with a state of its own, so that the
# machine's packages, sources and pins are neither read nor touched. The mirror is the one that the machine uses for Debian.

# debian_suite SUITE STATE: reads the suite's package index (at most once a day; without a network an older index is good enough).
# Sets apt_options and debian_source for what follows. Otherwise a sentence on standard error, and 77 where this machine is no Debian, 1 for the rest.
debian_suite() {
  local suite=$1 state=$2 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mkdir -p "$state"/{lists/partial,archives/partial,log}
  exec 6>"$state/lock"
  flock -w 300 6 || { echo "another run has held $state/lock for five minutes. See who: fuser $state/lock" >&2; return 1; }
  : > "$state/status"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 -E '/debian(/|$)' || true)
  if [ -z "$mirror" ]; then
    echo "apt's configuration names no Debian mirror (a URI with /debian in it), so there is nowhere to take packages of $suite from." >&2
    grep -qE '^ID=.?debian' /etc/os-release 2>/dev/null && return 1 || return 77
  fi
  if [ ! -r "$keyring" ]; then
    echo "$keyring not found. Install debian-archive-keyring." >&2
    return 1
  fi
  debian_source="deb [signed-by=$keyring] $mirror $suite main"
  echo "$debian_source" > "$state/sources.list"
  apt_options=(-o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::State::status=$state/status"
    -o "Dir::Cache=$state" -o "Dir::Cache::archives=$state/archives" -o "Dir::Log=$state/log"
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3)
  [ -z "$(find "$state/updated" -mmin -1440 2>/dev/null)" ] || { exec 6>&-; return 0; }
  if apt-get "${apt_options[@]}" -q update >"$state/update.log" 2>&1 && ! grep -q '^[WE]: Failed' "$state/update.log"; then
    touch "$state/updated"
  elif [ ! -e "$state/updated" ]; then
    tail -n 5 "$state/update.log" >&2
    echo "apt could not read the suite $suite of the Debian mirror (its messages are above)." >&2
    return 1
  fi
  exec 6>&-
}

# candidate PACKAGE: the version that the suite has; nothing if it has none.
candidate() { apt-cache "${apt_options[@]}" policy "$1" | awk '/Candidate:/ && $2 != "(none)" { print $2 }'; }
