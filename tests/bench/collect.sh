#!/usr/bin/env bash
# Collecting: CPU seconds, peak memory and wall seconds of whole processes against the feed lab on loopback, beside newsboat and
# sfeed_update (Debian's packages, where they are installed) and beside the least that could do the same:
# curl --parallel of the same addresses and psql \copy of the same rows.
#
#   tests/bench/collect.sh [LATENCY_MS…]      default: 0 50
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh

latencies=("$@")
((${#latencies[@]})) || latencies=(0 50)
build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
export cti=$PWD/build/release/cli/cti CTI_ALLOW_PRIVATE=1

work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
lab_pid=''
stop_all() {
    [[ -z $lab_pid ]] || kill "$lab_pid" 2>/dev/null || true
    clean_up
}
trap stop_all EXIT
start_test_cluster
unset DATABASE_URL
export PGDATABASE=bench

# measure NAME CMD…: one line "name, CPU s, MB, wall s".
measure() {
    python3 - "$@" <<'PY'
import os, sys, time
name, argv = sys.argv[1], sys.argv[2:]
begun = time.monotonic()
child = os.fork()
if child == 0:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1), os.dup2(null, 2)
    os.execvp(argv[0], argv)
_, status, usage = os.wait4(child, 0)
print("%-34s %7.2f %7.0f %7.2f%s" % (name, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.monotonic() - begun,
                                     "" if status == 0 else "   (status %d)" % status), flush=True)
PY
}

fresh_database() {
    psql -qXd postgres -c 'DROP DATABASE IF EXISTS bench' -c 'CREATE DATABASE bench'
    "$cti" -q init --config "$work/sources.yaml"
}

start_lab() { # SOURCES ENTRIES LATENCY_MS
    local options=(--sources "$1" --entries "$2" --hosts multi --port 8790 --latency-ms "$3")
    python3 tests/lab/feedlab.py serve "${options[@]}" >"$work/lab.log" 2>&1 &
    lab_pid=$!
    until grep -q READY "$work/lab.log"; do kill -0 "$lab_pid"; done
    python3 tests/lab/feedlab.py sources "${options[@]}" >"$work/sources.yaml"
    python3 tests/lab/feedlab.py urls "${options[@]}" >"$work/urls"
    python3 tests/lab/feedlab.py newsboat "${options[@]}" >"$work/newsboat.urls"
    python3 tests/lab/feedlab.py sfeedrc --dir "$work/sfeed" "${options[@]}" >"$work/sfeedrc"
}
stop_lab() {
    kill "$lab_pid"
    wait "$lab_pid" 2>/dev/null || true
    lab_pid=''
}

with_peers() {
    if command -v newsboat >/dev/null; then
        measure "newsboat -x reload" newsboat -u "$work/newsboat.urls" -c "$work/newsboat.db" -C /dev/null -x reload
        rm -f "$work"/newsboat.db*
    fi
    if command -v sfeed_update >/dev/null; then
        measure "sfeed_update" sfeed_update "$work/sfeedrc"
    fi
}

least() { # the same addresses, the same rows into the same table
    psql -qX -c "\\copy (SELECT * FROM articles) TO '$work/rows.copy'"
    psql -qX -c 'TRUNCATE articles CASCADE'
    sed "s|.*|url = \"&\"\noutput = /dev/null|" "$work/urls" >"$work/curlrc"
    # shellcheck disable=SC2016
    measure "curl --parallel + psql \\copy" bash -c 'curl -sS --compressed --parallel --parallel-max 20 -K "$0/curlrc" && psql -qX -c "\\copy articles FROM '"'"'$0/rows.copy'"'"'"' "$work"
}

for latency in "${latencies[@]}"; do
    printf '\n== 40 x 50, %s ms latency                CPU s      MB  wall s\n' "$latency"
    start_lab 40 50 "$latency"
    fresh_database
    measure "cti collect, all new" "$cti" -q collect
    measure "cti collect --force, all 304" "$cti" -q collect --force
    with_peers
    least
    stop_lab
done
printf '\n== 100 x 200, 0 ms latency               CPU s      MB  wall s\n'
start_lab 100 200 0
fresh_database
measure "cti collect, all new" "$cti" -q collect
least
stop_lab
