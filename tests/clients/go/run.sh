# Sourced by ../run.sh in a copy of this folder.
source "$ROOT/scripts/lib/go.sh"
{
  need_go_tools
  "$buf" generate "$work/contract.binpb" --exclude-type buf.validate --exclude-path google
} >&2
go run . "$ADDRESS"
