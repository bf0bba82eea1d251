# Puts the compilers in place: Debian packages, node and Rust. Sourced after common.sh.
NODE_LEAST=20.19 RUST_LEAST=1.94

# A node that is too old stays as it is: a newer one goes below target/, by its npm package.
need_node() {
  export PATH="$CARGO_TARGET_DIR/tools/node_modules/node/bin:$PATH"
  have node || packages nodejs npm
  have npm || packages npm
  at_least "$(node --version | tr -d v)" $NODE_LEAST && return
  say "node $(node --version) is older than $NODE_LEAST: putting node 22 below target/tools"
  npm install --loglevel=error --no-fund --no-audit --prefix "$CARGO_TARGET_DIR/tools" node@22 >&2 || true
  hash -r
  at_least "$(node --version | tr -d v)" $NODE_LEAST || fail "node $NODE_LEAST is needed: see nodejs.org"
}

rust_version() { cargo --version 2>/dev/null | cut -d' ' -f2; }

need_rust() {
  export PATH="$HOME/.cargo/bin:$PATH"
  at_least "$(rust_version || echo 0)" $RUST_LEAST && return
  say "Rust $(rust_version || echo 'is absent') – installing the current one with rustup (into ~/.cargo and ~/.rustup)"
  have rustup || packages rustup 2>/dev/null || true
  if have rustup; then
    rustup toolchain install stable --profile minimal --no-self-update && rustup default stable
  else
    packages curl ca-certificates
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain stable
  fi || fail "rustup could not install Rust: install Rust $RUST_LEAST or later from rustup.rs and run this again"
  hash -r
  at_least "$(rust_version || echo 0)" $RUST_LEAST || fail "Rust $RUST_LEAST is needed, cargo says $(rust_version)"
}

need_build_tools() {
  packages build-essential pkg-config libasound2-dev protobuf-compiler curl ca-certificates
  need_node
  need_rust
}
