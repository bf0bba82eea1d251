#!/usr/bin/env bash
# Checks the guarantees of the feed for as long as you like: writers, readers, disconnects and power cuts,
# a new seed in each run. `scripts/check-feed.sh 100` runs a hundred rounds of about ten seconds;
# CANTINA_SEED=… repeats the choices of a run.
source "$(dirname "$0")/lib/common.sh"
export CANTINA_CHECKER_ROUNDS=${1:-20}

cargo test --locked --test main the_feed_keeps_its_guarantees -- --nocapture |
  grep -E '^(CANTINA_SEED|round|[0-9]+ commands|test result)|panicked|stands for|missing|lost'
