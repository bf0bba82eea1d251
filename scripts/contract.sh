#!/usr/bin/env bash
# Checks the contract: `buf lint`, and `buf breaking` against a commit. The default is the last
# commit, or the one before it when the protos are as committed. Works on descriptor sets, because
# the third-party files come from their packages:
#   scripts/contract.sh [COMMIT] [PROTO_FOLDER]
source "$(dirname "$0")/lib/common.sh"
source scripts/lib/tools.sh
source scripts/lib/build.sh
need_build_tools
dashboard_packages
buf=$ROOT/web-client/node_modules/.bin/buf
against=${1:-$(git diff --quiet HEAD -- proto && echo HEAD~1 || echo HEAD)}
out=$CARGO_TARGET_DIR/contract
rm -rf "$out" && mkdir -p "$out/before"

# Compiles a proto folder; what it imports from elsewhere comes from the build's own set.
third_party=$(contract_file)
compile() {
  (cd "$1" && find cantina -name '*.proto' | sort) | xargs protoc -I "$1" --descriptor_set_in="$third_party" \
    --include_imports --include_source_info -o "$2"
}

compile "${2:-proto}" "$out/now.binpb"
"$buf" lint "$out/now.binpb" --config buf.yaml
say "lint: clean"

git cat-file -e "$against:proto" 2>/dev/null || { say "breaking: $against has no protos to compare with"; exit; }
git archive "$against" proto | tar -x -C "$out/before"
compile "$out/before/proto" "$out/before.binpb"
"$buf" breaking "$out/now.binpb" --against "$out/before.binpb" --config buf.yaml
say "breaking: nothing breaks since $(git rev-parse --short "$against")"
