#!/usr/bin/env bash
# Collects and exports that are cancelled at random moments, as jobs. Ends with a line "N cancels, …, slowest S s, 0 half files, 0 half
# sources", and with 0 only where each ended within a second.
#   tests/campaigns/cancels.sh [N]     200
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-200} =~ ^[0-9]+$ ]] || { echo "cancels.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_JOB_CANCELS=${1:-200} CTI_JOB_CANCEL_S=1 \
    tests/campaigns/run_tests.sh '[0-9]* cancels, .*' they_end_soon_and_leave_nothing_half_done
