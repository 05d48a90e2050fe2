#!/usr/bin/env bash
# Ten `cti collect` at once on the same 100 sources, five of them killed with SIGKILL at random moments, until N (default 50)
# are killed; after each round one clean run takes over. Ends with "N kills, L lost, D duplicated" and 0 only where both are 0.
#   tests/campaigns/kill.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-50} =~ ^[0-9]+$ ]] || { echo "kill.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_KILLS=${1:-50} \
    tests/campaigns/run_tests.sh '[0-9]* kills, [0-9]* lost, [0-9]* duplicated' killed_at_random_moments
