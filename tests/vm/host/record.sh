# Sourced by run.sh: the dated record of a full run, which is checked in under tests/vm/results/.

# write_record FILE
write_record() {
  local boot
  {
    echo "# The full suite in emulated machines, $(date -u +%F)"
    echo
    echo "Commit $commit," \
      "$(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), $(qemu-system-x86_64 --version | head -n 1)," \
      "kernel $(basename "$kernel" | sed 's/^kernel-//; s/-[0-9a-f]*$//'), no hardware virtualisation. $jobs machines at a time, $SECONDS s in all."
    echo
    echo "| boot | Debian | engines | passed | failed | skipped | seconds |"
    echo "|---|---|---|---|---|---|---|"
    for boot in "${boots[@]}"; do
      read_boot "$boot"
      echo "| $boot | $suite | $(engines_of "$suite") | $(count_state "$boot" passed) | $(count_state "$boot" failed) | $(count_state "$boot" skipped) | $(cat "$results/$boot.seconds") |"
    done
    echo
    echo "## Checks"
    for boot in "${boots[@]}"; do
      echo
      echo "### $boot"
      echo
      awk -F '\t' '{ sub(/^[^:]*: /, "", $1); gsub(/\\n/, " ", $4); printf "- %s: %s%s\n", $2, $1, $4 == "" ? "" : " (" $4 ")" }' "$results/$boot.tsv"
    done
  } > "$1"
  echo "        written: ${1#"$repository"/}"
}

engines_of() {
  local image
  image=$(cat "$work/root-$1")
  head -n 3 "${image%.ext4}.versions" | sed 's/ [0-9]*:/ /' | paste -sd, | sed 's/,/, /g'
}
