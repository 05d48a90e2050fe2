#!/usr/bin/env bash
# Three monitors on N sources (default 200): each is fetched once a round; one is killed in the middle of a round; then each is
# restarted while a round runs. Prints the figures; 0 only where nothing was fetched twice or lost.
#   tests/campaigns/replicas.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-200} =~ ^[0-9]+$ ]] || { echo "replicas.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_REPLICA_SOURCES=${1:-200} \
    tests/campaigns/run_tests.sh 'replicas: .*' three_share_the_work
