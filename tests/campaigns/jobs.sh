#!/usr/bin/env bash
# Jobs whose effect is a row, under workers that are killed every 200 ms (also behind pgbouncer), frozen beyond their leases, and cut off from the
# database and the network, on a server that is restarted twenty times and frozen. Ends with seven lines "N jobs, …, 0 lost, 0 doubled, …",
# and with 0 only where each effect is there once.
#   tests/campaigns/jobs.sh [JOBS [WORKERS [SECONDS]]]     100000 jobs, 10 workers, 600 s of trouble each
set -euo pipefail
cd "$(dirname "$0")/../.."
for number in "$@"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "jobs.sh: error: '$number' is not a number" >&2; exit 2; }
done
CTI_JOBS_COUNT=${1:-100000} CTI_JOB_WORKERS=${2:-10} CTI_JOB_KILL_S=${3:-600} CTI_JOB_RESTARTS=20 \
    tests/campaigns/run_tests.sh '[0-9]* jobs, .*' double_no_effect lose_and_double_no_effect loses_and_doubles_no_effect
