#!/usr/bin/env bash
# Stops collect, monitor, export and backfill in turn with SIGSTOP at random moments, N times (default 200), with others at work. Ends
# with "N frozen, 0 lost, 0 duplicated, …", and with 0 only where the others finished in time and the thawed process wrote nothing.
#   tests/campaigns/frozen.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-200} =~ ^[0-9]+$ ]] || { echo "frozen.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_FREEZES=${1:-200} \
    tests/campaigns/run_tests.sh '[0-9]* frozen, .*' frozen_at_random_moments
