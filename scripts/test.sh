#!/usr/bin/env bash
# Runs every test, installing what is missing (Debian, Ubuntu). `scripts/test.sh client` runs only the
# suites whose names contain the word.
source "$(dirname "$0")/lib/common.sh"
for part in tools build daemon suites; do source "scripts/lib/$part.sh"; done
only=${1:-}

need_build_tools
dashboard_packages

generated() {
  npm --prefix web-client run --silent gen -- "$(contract_file)"
  git diff --exit-code --stat -- web-client/src/gen
}
dashboard() { (cd web-client && npm run --silent check && npm test --silent && npm run --silent build); }
style() {
  cargo clippy --version >/dev/null 2>&1 || rustup component add clippy rustfmt
  cargo fmt --check
  cargo clippy --locked --all-targets -- -D warnings
}
client() { have "$2" || skip "$2 is not installed"; bash tests/clients/run.sh "$1"; }
browser() {
  have chromium || packages chromium || skip "no package chromium"
  DAEMON=$CARGO_TARGET_DIR/debug/cantinad CHROMIUM=$(command -v chromium) npm --prefix web-client run --silent e2e
}
run() { [[ $1 != *"$only"* ]] || suite "$@"; }

run dashboard dashboard
run daemon-build cargo build --locked
run dashboard-generated generated
run style style
run contract bash scripts/contract.sh
run contract-can-fail bash tests/contract/can-fail.sh
run daemon cargo test --locked
run client-python client python python3
run client-typescript client typescript node
run client-go client go go
run readme bash tests/readme/run.sh
run browser browser
summary
