#!/usr/bin/env bash
# Generates a client from a daemon's own /contract.binpb, lets it talk to that daemon, and compares
# what it prints with expected.txt: tests/clients/run.sh python|typescript|go
source "$(dirname "$0")/../../scripts/lib/common.sh"
for part in tools build daemon music; do source "scripts/lib/$part.sh"; done
language=$1
need_node
dashboard_packages
cargo build --locked --quiet
DAEMON=$CARGO_TARGET_DIR/debug/cantinad
buf=$ROOT/web-client/node_modules/.bin/buf

work=$(mktemp -d)
trap 'stop_daemon; rm -rf "$work"' EXIT
mkdir "$work/data"
short_music "$work/music"
start_daemon "$work/data" "$work/music"
wait_tracks 3
curl -fsS "http://$ADDRESS/contract.binpb" -o "$work/contract.binpb"
cp -r "tests/clients/$language" "$work/client"
cd "$work/client"
source "$ROOT/tests/clients/$language/run.sh" >"$work/printed.txt"
diff "$ROOT/tests/clients/expected.txt" "$work/printed.txt" || fail "the $language client saw something else"
say "the $language client saw what it should"
