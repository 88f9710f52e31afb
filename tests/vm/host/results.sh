# Sourced by run.sh: from what the guests said to tests that passed, failed or were skipped.

# follow BOOT: prints the guest's report while it runs.
follow() {
  local word name rest
  while read -r word name rest; do
    case $word in
      @area) printf '        [%s] %s\n' "$1" "$name" ;;
      @pass) printf '        [%s]   pass  %s (%s s)\n' "$1" "$name" "$rest" ;;
      @fail) printf '        [%s]   FAIL  %s (%s s)\n' "$1" "$name" "$rest" ;;
      @skip) printf '        [%s]   skip  %s: %s\n' "$1" "$name" "$rest" ;;
    esac
  done
}

# judge_boot BOOT: writes BOOT.tsv: name, passed|failed|skipped, seconds, message. A planned check that the guest never reported has failed.
judge_boot() {
  local boot=$1 log=$results/$1.log check area line
  read_boot "$boot"
  save_artifacts "$boot"
  for check in $(planned "$boot"); do
    line=$(grep -m1 -E "^@(pass|fail|skip) $check( |$)" "$log" | tr -d '\r')
    case $line in
      @pass*) printf '%s\tpassed\t%s\t\n' "$boot: $check" "${line##* }" ;;
      @skip*) printf '%s\tskipped\t0\t%s\n' "$boot: $check" "${line#@skip "$check" }" ;;
      @fail*) printf '%s\tfailed\t%s\t%s\n' "$boot: $check" "${line##* }" "$(said "$log" "$check")" ;;
      *) printf '%s\tfailed\t0\t%s\n' "$boot: $check" "$(unreported "$boot" "$check")" ;;
    esac
  done > "$results/$boot.tsv"
  for area in "${areas[@]}"; do
    if [ -e "$here/after/$area.sh" ] && planned "$boot" | grep "^$area/" >/dev/null; then
      bash "$here/after/$area.sh" "$results/$boot.files" "$repository" 2>"$results/$boot.after" \
        | awk -v boot="$boot" -v area="$area" '{ state = $1; name = $2; $1 = $2 = ""; sub(/^ */, ""); printf "%s: %s/%s\t%s\t0\t%s\n", boot, area, name, state, $0 }' >> "$results/$boot.tsv"
      if [ "${PIPESTATUS[0]}" != 0 ]; then
        printf '%s: %s/after-the-boot\tfailed\t0\t%s\n' "$boot" "$area" "$(tail -n 10 "$results/$boot.after" | paste -sd'|' | sed 's/|/\\n/g')" >> "$results/$boot.tsv"
      fi
      sed "s/^/        [$boot] /" "$results/$boot.after"
    fi
  done
  jq -Rn '[inputs | split("\t") | {name: ("vm " + .[0]), status: .[1], duration: ((.[2] | tonumber) * 1000), message: (.[3] | gsub("\\\\n"; "\n"))}] as $tests
    | {results: {tool: {name: "tests/vm"}, summary: {tests: ($tests | length), passed: ([$tests[] | select(.status == "passed")] | length),
       failed: ([$tests[] | select(.status == "failed")] | length), skipped: ([$tests[] | select(.status == "skipped")] | length), pending: 0, other: 0},
       tests: $tests}}' "$results/$boot.tsv" > "$results/$boot.ctrf.json"
}

said() { sed -n "s|^@say $2 ||p" "$1" | tr -d '\r\t' | head -n 40 | awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }'; }

unreported() {
  local code why
  code=$(cat "$results/$1.code" 2>/dev/null || echo none)
  case $code in
    124 | 137) why="the boot was not done within $seconds s and was stopped" ;;
    0) why="the guest switched itself off without a word about this check" ;;
    *) why="the emulator ended with code $code: $(tail -n 1 "$results/$1.qemu" 2>/dev/null)" ;;
  esac
  printf '%s (last started: %s). The console is in %s' "$why" "$(grep -E '^@(area|start) ' "$results/$1.log" | tail -n 1 | tr -d '\r' | cut -d' ' -f2)" "$1.console"
}

# save_artifacts BOOT: the files that its checks sent, into BOOT.files/.
save_artifacts() {
  local folder=$results/$1.files
  rm -rf "$folder"
  mkdir "$folder"
  awk -v folder="$folder" '$1 == "@artifact" && $2 !~ /\// { file = folder "/" $2; sub(/^@artifact [^ ]+ /, ""); sub(/\r$/, ""); print > file }' "$results/$1.log"
}

count_state() { grep -c $'\t'"$2"$'\t' "$results/$1.tsv"; }

print_totals() {
  local boot bad=0
  for boot in "${boots[@]}"; do
    bad=$((bad + $(count_state "$boot" failed)))
    printf '        [%s] %s passed, %s failed, %s skipped in %s s\n' "$boot" "$(count_state "$boot" passed)" "$(count_state "$boot" failed)" \
      "$(count_state "$boot" skipped)" "$(cat "$results/$boot.seconds" 2>/dev/null)"
    awk -F '\t' '$2 == "failed" { gsub(/\\n/, "\n            ", $4); printf "          failed: %s\n            %s\n", $1, $4 }' "$results/$boot.tsv"
  done
  [ "$bad" = 0 ]
}
