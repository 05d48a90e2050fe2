#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs them, each for SECONDS (600), beginning with the seeds of tests/data.
#
#   tests/fuzz/run.sh [-t SECONDS] [TARGET…]        targets: feed json_feed opml date url encoding indicators refang lexicon page selector sitemap robots cron times query words csv import sqlite status dump answer bucket
#
# What it finds stands in build/fuzz/findings; a finding that is mended becomes a seed in tests/data/fuzz/TARGET.
# Ends with one line a target and exits with 1 when anything was found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=600
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
fi
if [[ ${1:-} == -t ]]; then
    seconds=$2
    shift 2
fi
targets=("$@")
((${#targets[@]})) || targets=(feed json_feed opml date url encoding indicators refang lexicon page selector sitemap robots cron times query words csv import sqlite status dump answer bucket)

[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]/%/_fuzzer}" >build/fuzz/build.log || {
    tail -50 build/fuzz/build.log >&2
    exit 2
}

seeds_of() { # TARGET: the folders of its seeds
    case $1 in
    feed | json_feed) echo "tests/data/feeds tests/data/fuzz/$1" ;;
    page) echo "tests/data/pages tests/data/fuzz/page" ;;
    *) echo "tests/data/fuzz/$1" ;;
    esac
}

status=0
for target in "${targets[@]}"; do
    work=build/fuzz/corpus/$target
    found=build/fuzz/findings/$target
    mkdir -p "$work" "$found"
    # shellcheck disable=SC2046  # several folders
    if build/fuzz/tests/fuzz/"${target}"_fuzzer -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 \
        -artifact_prefix="$found/" -print_final_stats=1 "$work" $(seeds_of "$target") >"build/fuzz/$target.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log")
        echo "$target: $runs inputs in $seconds s, nothing found"
    else
        status=1
        echo "$target: FOUND, see build/fuzz/$target.log and $found"
    fi
done
exit $status
