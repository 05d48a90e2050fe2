#!/usr/bin/env bash
# For the campaigns: runs tests by their names, with what the environment says of their size, and prints the lines of figures alone; where a
# test fails, the end of what was said, and 1.
#   tests/campaigns/run_tests.sh PATTERN [--tsan] NAME…      PATTERN: of the lines, as grep -E takes it
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! tests/run.sh "${@:2}" >"$log" 2>&1; then
    tail -60 "$log" >&2
    exit 1
fi
grep -oE "$1" "$log"
