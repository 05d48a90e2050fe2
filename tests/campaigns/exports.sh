#!/usr/bin/env bash
# Named exports that are killed and fail at every point, three runs in every order, and then at random moments too, with new articles in
# between, until at least KILLS (default 500) were killed and FAILURES (default 200) have failed. Ends with one line of figures, and 0
# only where nothing was lost, doubled or left behind. CTI_SEED gives the order again that the line names.
#   tests/campaigns/exports.sh [KILLS [FAILURES]]
set -euo pipefail
cd "$(dirname "$0")/../.."
kills=${1:-500} failures=${2:-200}
[[ $kills =~ ^[0-9]+$ && $failures =~ ^[0-9]+$ ]] || { echo "exports.sh: error: numbers are expected" >&2; exit 2; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
CTI_EXPORT_KILLS=$kills CTI_EXPORT_FAILURES=$failures CTI_SEED=${CTI_SEED:-$RANDOM} tests/run.sh killed_or_fail_in_any_order >"$log" 2>&1 || status=1
((status == 0)) || tail -60 "$log" >&2
grep -o '[0-9]* kills (.*' "$log"
exit "$status"
