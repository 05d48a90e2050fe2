#!/usr/bin/env bash
# `cti analyze` with four requests at a time and random budgets, killed with SIGKILL at random moments, on a scripted model server that refuses
# some requests, until all N articles (default 500) are read. Ends with "N articles, …, 0 lost, 0 doubled, …" and 0 only where each analysis is
# there once and no budget was exceeded by more than a request. CTI_SEED gives the order again that the line names.
#   tests/campaigns/analyses.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-500} =~ ^[0-9]+$ ]] || { echo "analyses.sh: error: '$1' is not a number" >&2; exit 2; }
CTI_ANALYZE_ARTICLES=${1:-500} CTI_SEED=${CTI_SEED:-$RANDOM} \
    tests/campaigns/run_tests.sh '[0-9]* articles, [0-9]* kills.*' killed_analyses_are_made_once
