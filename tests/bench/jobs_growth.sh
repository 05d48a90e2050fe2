#!/usr/bin/env bash
# The queue after many jobs: what its tables take, and how long a claim lasts; and how much of its speed is lost while a transaction keeps vacuum
# from removing what was.
#
#   tests/bench/jobs_growth.sh [JOBS [HOLD_S]]      default: 1000000 180
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jobs=${1:-1000000} hold=${2:-180} part=20000
# shellcheck source=tests/bench/jobs_database.sh
source tests/bench/jobs_database.sh

through() { # N: so many jobs, in parts
    for ((done = 0; done < $1; done += part)); do
        "$load" add "$part" nothing
        "$load" drain 16 50 >/dev/null
    done
}
claims() { # WHEN
    "$load" add 5000 nothing
    printf '%-12s %s\n' "$1" "$("$load" claim 5000)"
}
rate() { # SECONDS: jobs a second, over so long
    local end=$((SECONDS + $1)) begun parts=0
    begun=$(date +%s%N)
    while ((SECONDS < end)); do
        through "$part"
        ((++parts))
    done
    echo $((parts * part * 1000000000 / ($(date +%s%N) - begun)))
}

through "$part"
claims before
through "$jobs"
psql -qX -c 'VACUUM cti.jobs'
claims after
psql -XAtc "SELECT '$jobs jobs: ' || pg_size_pretty(pg_total_relation_size('cti.jobs')) || ' of the queue, ' ||
    pg_size_pretty(pg_total_relation_size('cti.finished_jobs')) || ' of what has ended'"
free=$(rate "$hold")
psql -qX >/dev/null <<SQL &
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM cti.jobs;
SELECT pg_sleep($hold + 60);
SQL
holder=$!
held=$(rate "$hold")
kill "$holder"
echo "$free jobs/s; $held jobs/s beside a transaction of $hold s that holds back vacuum: $((100 - 100 * held / free)) % less"
