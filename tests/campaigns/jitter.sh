#!/usr/bin/env bash
# Runs `sources test` and `collect` with pages N times (default 2000), half of them each, with a sleep after some unlocks of mutexes,
# so that threads meet in orders that they seldom take; then the engine's own test under ThreadSanitizer, with its own jitter, R times
# (default 1000). Ends with "N runs, 0 crashed, 0 hung, 0 lost" and "R runs under ThreadSanitizer, 0 reports".
#   tests/campaigns/jitter.sh [N [R]]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-2000} sanitized=${2:-1000}
[[ $runs$sanitized =~ ^[0-9]+$ ]] || { echo "jitter.sh: error: a number of runs is expected" >&2; exit 2; }
CTI_JITTER_RUNS=$runs tests/campaigns/run_tests.sh '[0-9]* runs, .*' in_any_order_of_its_threads
if ((sanitized)); then
    CTI_ENGINE_RUNS=$sanitized tests/campaigns/run_tests.sh 'Status: SUCCESS' --tsan "whatever the order of the threads" >/dev/null
    echo "$sanitized runs under ThreadSanitizer, 0 reports"
fi
