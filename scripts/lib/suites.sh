# Runs suites one after another and counts them. Sourced after common.sh.
LOGS=$CARGO_TARGET_DIR/test-logs
rm -rf "$LOGS" && mkdir -p "$LOGS"
PASSED=0 FAILED=0 SKIPPED=0 RESULTS=()

# Runs a command as a suite; its output goes to a log, which is shown when it fails: suite NAME COMMAND…
# Exit code 77 means skipped, and the last line of the log says why.
suite() {
  local name=$1 log=$LOGS/$1.log start=$SECONDS code
  shift
  say "$name"
  # Not `(…) || code=$?`: there bash would ignore `set -e` within.
  set +e
  (set -e; "$@") >"$log" 2>&1 </dev/null
  code=$?
  set -e
  case $code in
    0) PASSED=$((PASSED + 1)) RESULTS+=("passed   $name ($((SECONDS - start)) s)") ;;
    77) SKIPPED=$((SKIPPED + 1)) RESULTS+=("skipped  $name: $(tail -n1 "$log")") ;;
    *) FAILED=$((FAILED + 1)) RESULTS+=("FAILED   $name ($((SECONDS - start)) s, log in $log)"); tail -n 60 "$log" >&2 ;;
  esac
}

# Prints the results and ends the script.
summary() {
  printf '\n'
  printf '  %s\n' "${RESULTS[@]}"
  printf '\n%d passed, %d failed, %d skipped\n' $PASSED $FAILED $SKIPPED
  [ $FAILED = 0 ] && [ $PASSED != 0 ]
}
