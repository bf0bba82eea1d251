#!/usr/bin/env bash
# Runs every bench and prints one table for the README, with how each figure was measured below it.
# `scripts/bench.sh fan` runs only the benches whose names contain the word.
source "$(dirname "$0")/lib/common.sh"
for part in tools build; do source "scripts/lib/$part.sh"; done
only=${1:-}
LOGS=$CARGO_TARGET_DIR/bench-logs
rm -rf "$LOGS" && mkdir -p "$LOGS"

need_build_tools
say "Building the benches (the first time takes a few minutes)"
cargo bench --locked --no-run
for file in benches/*"$only"*.rs; do
  name=$(basename "$file" .rs)
  say "$name"
  cargo bench --locked --quiet --bench "$name" >"$LOGS/$name" || fail "$name has failed: see above"
done

printf '| what | measured | goal |\n| --- | --- | --- |\n'
cat "$LOGS"/* | grep '^|' || fail "No bench is called $only"
printf '\n%s, %s cores, %s, load %s\n\n' "$(date -u +%F)" "$(nproc)" "$(uname -sm)" "$(cut -d' ' -f1-3 /proc/loadavg)"
cat "$LOGS"/* | grep -v '^|' | sed 's/^/- /'
