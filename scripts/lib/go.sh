# Go's tools for the tests: the generators and grpcurl, as tests/clients/go/go.mod pins them.
# Sourced after common.sh.
need_go_tools() {
  have go || skip "go is not installed"
  at_least "$(go env GOVERSION | tr -d go)" 1.21 || skip "$(go version) is older than 1.21"
  export GOBIN=$CARGO_TARGET_DIR/tools/go PATH="$CARGO_TARGET_DIR/tools/go:$PATH"
  (cd "$ROOT/tests/clients/go" && go install tool) || fail "Go's tools could not be built"
}
