#!/usr/bin/env bash
# Jobs: how many a second, with claims of many and of one, with one thread and sixteen, of one worker and four; and how long one waits until a
# worker begins it, with and without being told. PostgreSQL is on the same machine, its own clients take a part of the processors.
#
#   tests/bench/jobs.sh [JOBS]      default: 20000
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jobs=${1:-20000}
# shellcheck source=tests/bench/jobs_database.sh
source tests/bench/jobs_database.sh
psql -qX -c 'CREATE TABLE public.effects (number bigint)'

# drain KIND WORKERS THREADS BATCH: all jobs, by so many workers.
drain() {
    psql -qX -c 'TRUNCATE cti.jobs, cti.finished_jobs, public.effects' -c 'VACUUM ANALYZE cti.jobs' -c CHECKPOINT
    "$load" add "$jobs" "$1"
    local begun ended pids=()
    begun=$(date +%s%N)
    for ((i = 0; i < $2; ++i)); do
        "$load" drain "$3" "$4" >/dev/null &
        pids+=($!)
    done
    wait "${pids[@]}"
    ended=$(date +%s%N)
    [[ $(psql -XAtc "SELECT count(*) FROM cti.finished_jobs WHERE state = 'done' AND attempts = 1") == "$jobs" ]]
    printf '%-8s %7d %7d %5d %8d jobs/s\n' "$1" "$2" "$3" "$4" $((jobs * 1000000000 / (ended - begun)))
}

printf '%-8s %7s %7s %5s\n' kind workers threads batch
drain nothing 1 1 1
drain nothing 1 1 50
drain nothing 1 16 50
drain nothing 4 4 50
drain row 1 1 50
drain row 4 4 50
echo "until a worker begins it, told:     $("$load" wake 200 auto)"
echo "until a worker begins it, not told: $("$load" wake 50 off)"
