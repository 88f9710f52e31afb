# Sourced by tests/run.sh: runs one test program at a time and adds up its report (CTRF, a JSON format of test reports).
passed=0
failed=0
skipped=0
skipped_tests=()
failed_tests=()

# run_project NAME PROGRAM. A program that dies without a report, or that fails outside any test, counts as one failure.
run_project() {
  local name=$1 program=$2 report=$results/$1.json log=$results/$1.log code=0
  if [ ! -x "$program" ]; then
    failed=$((failed + 1))
    failed_tests+=("$name: not built (looked for $program)")
    return
  fi
  timeout --kill-after=20 900 "$program" -noLogo -noColor -result-ctrf "$report" >"$log" 2>&1 || code=$?
  if grep -q 'Total: 0,' "$log" && [ "$code" = 0 ]; then
    echo "        $name has no tests"
    return
  fi
  if ! jq -e .results.summary "$report" >/dev/null 2>&1; then
    tail -n 25 "$log"
    failed=$((failed + 1))
    failed_tests+=("$name: ended with code $code and left no report (its output is in TestResults/$name.log)")
    return
  fi
  if [ "$code" != 0 ] && [ "$(jq '.results.summary | .failed + .other' "$report")" = 0 ]; then
    failed=$((failed + 1))
    failed_tests+=("$name: ended with code $code although no test failed (TestResults/$name.log)")
    tail -n 25 "$log"
  fi
  add_report "$report"
}

# run_vm: the emulated machines; each check inside counts as a test. Where no emulator can be had the suite is skipped, with the reason.
run_vm() {
  local report code=0 log=$results/vm.log
  VM_RESULTS=$results/vm timeout --kill-after=20 2400 tests/vm/run.sh 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  if [ "$code" = 77 ]; then
    skipped=$((skipped + 1))
    skipped_tests+=("the emulated machine: $(tail -n 1 "$log")")
    return
  fi
  local before=$failed
  for report in "$results"/vm/*.ctrf.json; do
    if [ -e "$report" ]; then add_report "$report"; fi
  done
  if [ "$code" != 0 ] && [ "$failed" = "$before" ]; then
    failed=$((failed + 1))
    failed_tests+=("the emulated machine: ended with code $code before its checks were done (TestResults/vm.log)")
  fi
}

# add_report FILE: counts the tests of a CTRF report and remembers what failed or was skipped.
add_report() {
  local report=$1 p f s
  read -r p f s < <(jq -r '.results.summary | "\(.passed) \(.failed + .other) \(.skipped + .pending)"' "$report")
  passed=$((passed + p))
  failed=$((failed + f))
  skipped=$((skipped + s))
  mapfile -t -O "${#skipped_tests[@]}" skipped_tests < <(jq -r '.results.tests[] | select(.status == "skipped" or .status == "pending")
    | "\(.name): \((.message // .rawStatus // "no reason given") | split("\n")[0])"' "$report")
  mapfile -d '' -O "${#failed_tests[@]}" failed_tests < <(jq -j '.results.tests[] | select(.status == "failed" or .status == "other")
    | "\(.name)\n      \(.message // "no message" | gsub("\n"; "\n      "))\u0000"' "$report")
  # What goes wrong outside any test (a fixture that cannot clean up) counts in the summary and is no test of the report.
  mapfile -d '' -O "${#failed_tests[@]}" failed_tests < <(jq -j '.results.extra.suites[]?.errors[]?
    | "outside any test\n      \(if type == "object" then .message // tojson else tostring end | gsub("\n"; "\n      "))\u0000"' "$report")
}

print_skipped() {
  [ "${#skipped_tests[@]}" -gt 0 ] || return 0
  echo "skipped:"
  printf '  %s\n' "${skipped_tests[@]}"
}

print_failed() {
  [ "${#failed_tests[@]}" -gt 0 ] || return 0
  echo "failed:"
  printf '  %s\n' "${failed_tests[@]}"
}

summary_line() {
  echo "$passed passed, $failed failed, $skipped skipped"
}
