# Sourced by ../run.sh in a copy of this folder.
{
  npm ci --no-fund --no-audit --loglevel=error
  "$buf" generate "$work/contract.binpb" --exclude-type buf.validate
  node_modules/.bin/tsc
} >&2
node build/transcript.js "$ADDRESS"
