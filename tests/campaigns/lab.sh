#!/usr/bin/env bash
# Collects 20 sources of 60 teasers each with their pages N times (default 200), beside L processes that want the processor all the
# time (default 6); compares each row with what the lab knows. Ends with "N runs of 20 x 60 … every row as the truth has it".
#   tests/campaigns/lab.sh [N [L]]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-200} load=${2:-6}
[[ $runs$load =~ ^[0-9]+$ ]] || { echo "lab.sh: error: a number of runs and a load are expected" >&2; exit 2; }
CTI_LAB_RUNS=$runs CTI_LAB_SIZE=20x60 CTI_LAB_LOAD=$load tests/campaigns/run_tests.sh '[0-9]* runs of .*' each_run_under_load
