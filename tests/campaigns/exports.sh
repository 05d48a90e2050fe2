#!/usr/bin/env bash
# Named exports that are killed and fail at every point, three runs in every order, with new articles in between, until at least K
# (default 500) were killed and F (default 200) have failed. Ends with "… 0 lost, 0 doubled".
#   tests/campaigns/exports.sh [K [F]]
set -euo pipefail
cd "$(dirname "$0")/../.."
kills=${1:-500} failures=${2:-200}
[[ $kills$failures =~ ^[0-9]+$ ]] || { echo "exports.sh: error: numbers are expected" >&2; exit 2; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! CTI_EXPORT_KILLS=$kills CTI_EXPORT_FAILURES=$failures CTI_SEED=$RANDOM tests/run.sh killed_or_fail_in_any_order >"$log" 2>&1; then
    tail -60 "$log" >&2
    exit 1
fi
grep -o '[0-9]* kills and .*' "$log"
