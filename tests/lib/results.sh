# Sourced by tests/run.sh: runs one test program at a time and adds up its report (CTRF, a JSON format of test reports).
passed=0
failed=0
skipped=0
skipped_tests=()
failed_tests=()

# run_project NAME PROGRAM. A program that dies without a report, or that fails outside any test, counts as one failure.
run_project() {
  local name=$1 program=$2 report=$results/$1.json log=$results/$1.log code=0 counts p f s
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
  if ! counts=$(jq -er '.results.summary | "\(.passed) \(.failed + .other) \(.skipped + .pending)"' "$report" 2>/dev/null); then
    tail -n 25 "$log"
    failed=$((failed + 1))
    failed_tests+=("$name: ended with code $code and left no report (its output is in TestResults/$name.log)")
    return
  fi
  read -r p f s <<<"$counts"
  if [ "$code" != 0 ] && [ "$f" = 0 ]; then
    f=1
    failed_tests+=("$name: ended with code $code although no test failed (TestResults/$name.log)")
    tail -n 25 "$log"
  fi
  passed=$((passed + p))
  failed=$((failed + f))
  skipped=$((skipped + s))
  mapfile -t -O "${#skipped_tests[@]}" skipped_tests < <(jq -r '.results.tests[] | select(.status == "skipped" or .status == "pending")
    | "\(.name): \((.message // .rawStatus // "no reason given") | split("\n")[0])"' "$report")
  mapfile -d '' -O "${#failed_tests[@]}" failed_tests < <(jq -j '.results.tests[] | select(.status == "failed" or .status == "other")
    | "\(.name)\n      \(.message // "no message" | gsub("\n"; "\n      "))\u0000"' "$report")
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
