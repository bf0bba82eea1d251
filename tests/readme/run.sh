#!/usr/bin/env bash
# Runs every command of README.md that stands below `<!-- tried: WORDS -->` against a daemon, in order,
# and expects the words in what it prints. `tried for 3 s` is for a stream, `tried, fails` for an error.
source "$(dirname "$0")/../../scripts/lib/common.sh"
for part in tools build daemon music go; do source "scripts/lib/$part.sh"; done
need_node
dashboard_packages
need_go_tools
cargo build --locked --quiet
DAEMON=$CARGO_TARGET_DIR/debug/cantinad
export PATH="$ROOT/web-client/node_modules/.bin:$PATH"

work=$(mktemp -d)
trap 'stop_daemon; rm -rf "$work"' EXIT
mkdir "$work/data"
short_music "$work/music"
start_daemon "$work/data" "$work/music"
wait_tracks 3

# One file for each command: its marker in the first line.
awk -v folder="$work" '
  /^<!-- tried/ { marker = $0 }
  marker && /^```/ { if (inside) { close(file); marker = "" } else file = sprintf("%s/%03d.sh", folder, ++n); inside = !inside; if (inside) print "# " marker > file; next }
  inside && marker { print > file }' README.md

count=0
for file in "$work"/[0-9]*.sh; do
  count=$((count + 1))
  marker=$(head -n1 "$file")
  words=$(sed 's/^.*tried[^:]*: \(.*\) -->$/\1/' <<<"$marker")
  sed -i "s/127\.0\.0\.1:8080/$ADDRESS/g" "$file"
  code=0
  (cd "$work/data" && timeout 3 bash "$file") >"$file.out" 2>&1 || code=$?
  case $marker in *'tried for'*) want=124 ;; *fails*) want='[1-9]*' ;; *) want=0 ;; esac
  # shellcheck disable=SC2254
  case $code in $want) ;; *) cat "$file" "$file.out" >&2; fail "it ended with $code" ;; esac
  grep -qF -- "$words" "$file.out" || { cat "$file" "$file.out" >&2; fail "it did not print: $words"; }
done
[ $count -ge 8 ] || fail "only $count commands found in README.md"
say "$count commands of README.md do what it says"
