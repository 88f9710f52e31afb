# Sourced by areas that hold for several engine versions: which ones this guest really has, against what its boot promises on the kernel
# line (vm.containerd=1.7.*). A boot that silently got another version would prove nothing.

# version_of PROGRAM: as the program itself says it.
version_of() {
  case $1 in
    containerd) containerd --version | awk '{ sub(/^v/, "", $3); print $3 }' ;;
    *) "$1" --version | awk 'NR == 1 { print $3 }' ;;
  esac
}

# promised PROGRAM: the pattern; fails if the boot promises none.
promised() {
  local pattern
  pattern=$(word "$1")
  [ -n "$pattern" ] || { echo "this boot promises no version of $1 (words=\"vm.$1=PATTERN\" in its file)"; return 1; }
  printf '%s\n' "$pattern"
}

# check_versions PROGRAM...: all of them are as promised; the list goes to the host's results folder.
check_versions() {
  local program version pattern
  for program in "$@"; do
    version=$(version_of "$program")
    pattern=$(promised "$program") || fail "$pattern"
    printf '%s %s (promised: %s)\n' "$program" "$version" "$pattern"
    # shellcheck disable=SC2053  # a pattern
    [[ $version == $pattern ]] || fail "$program is '$version', but this boot promises '$pattern'"
  done | tee "/run/vm-logs/versions-$area"
  artifact "versions-$area" "/run/vm-logs/versions-$area"
}
