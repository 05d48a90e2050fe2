#!/usr/bin/env bash
# Runs `sources test` and `collect` with pages N times (default 2000), half of them each, with a sleep after some unlocks of mutexes,
# so that threads meet in orders that they seldom take; then the engine's own test under ThreadSanitizer, with its own jitter, R times
# (default 1000). Ends with "N runs, 0 crashed, 0 hung, 0 lost" and "R runs under ThreadSanitizer, 0 reports".
#   tests/campaigns/jitter.sh [N [R]]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-2000} sanitized=${2:-1000}
[[ $runs$sanitized =~ ^[0-9]+$ ]] || { echo "jitter.sh: error: a number of runs is expected" >&2; exit 2; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! CTI_JITTER_RUNS=$runs tests/run.sh in_any_order_of_its_threads >"$log" 2>&1; then
    tail -60 "$log" >&2
    exit 1
fi
grep -o '[0-9]* runs, .*' "$log"
if ((sanitized)); then
    if ! CTI_ENGINE_RUNS=$sanitized tests/run.sh --tsan "whatever the order of the threads" >"$log" 2>&1; then
        tail -60 "$log" >&2
        exit 1
    fi
    echo "$sanitized runs under ThreadSanitizer, 0 reports"
fi
