#!/usr/bin/env bash
# Proves that scripts/contract.sh refuses what it is there to refuse.
source "$(dirname "$0")/../../scripts/lib/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Edits a copy of the protos and expects contract.sh to refuse it with these words.
refuses() {
  rm -rf "$work/proto" && cp -r proto "$work/proto"
  sed -i "$2" "$work/proto/cantina/$1"
  ! diff -rq proto "$work/proto" >/dev/null || fail "the edit of $1 changed nothing: $2"
  if scripts/contract.sh HEAD "$work/proto" >"$work/log" 2>&1; then fail "contract.sh accepted: $3"; fi
  grep -q "$3" "$work/log" || { cat "$work/log" >&2; fail "contract.sh refused, but not because: $3"; }
  say "refused: $3"
}

refuses music/v1/music.proto '/optional uint32 year = 6/d' 'field "6" with name "year".*was deleted'
refuses music/v1/music.proto 's/string album = 4;/bytes album = 4;/' 'changed.*type from "string" to "bytes"'
refuses system/v1/system.proto 's/^message GetStatusRequest /message get_status_request /; s/GetStatus(GetStatusRequest)/GetStatus(get_status_request)/' 'should be PascalCase'
refuses system/v1/system.proto '/^\/\/ Asks for the status\.$/d' 'should have a non-empty comment'
