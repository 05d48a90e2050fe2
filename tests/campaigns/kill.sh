#!/usr/bin/env bash
# Kills `cti collect` with SIGKILL at N random moments (default 50) and checks what a clean run then leaves.
#   tests/campaigns/kill.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-50} =~ ^[0-9]+$ ]] || { echo "kill.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_KILLS=${1:-50} exec tests/run.sh "killed_at_random_moments"
