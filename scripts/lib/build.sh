# Builds the dashboard and the daemon. Sourced after common.sh.

# Installs the dashboard's packages when package-lock.json changed since the last time.
dashboard_packages() {
  cmp -s web-client/package-lock.json web-client/node_modules/.installed-lock && return
  say "Fetching the dashboard's packages"
  npm --prefix web-client ci --no-fund --no-audit --loglevel=error || fail "npm ci failed: see above"
  cp web-client/package-lock.json web-client/node_modules/.installed-lock
}

build_dashboard() {
  dashboard_packages
  say "Building the dashboard"
  npm --prefix web-client run --silent build
}

# Builds the daemon; its path is in DAEMON afterwards. The profile is release or debug.
build_daemon() {
  say "Building the daemon ($1; the first time takes a few minutes)"
  if [ "$1" = release ]; then cargo build --locked --release; else cargo build --locked; fi
  DAEMON=$CARGO_TARGET_DIR/$1/cantinad
}

# Prints the path of the descriptor set that the build has made.
contract_file() {
  cargo check --locked --quiet --message-format=json |
    sed -n 's/.*"build-script-executed","package_id":"path+file.*"out_dir":"\([^"]*\)".*/\1\/contract.binpb/p'
}
