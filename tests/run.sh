#!/usr/bin/env bash
# Installs what the tests need, builds with sanitizers, starts a PostgreSQL of their own, runs every level.
#
#   tests/run.sh [--unit | --tsan | --coverage] [--keep] [--with-containers] [NAME…]
#     --unit             only the tests that need neither database nor network
#     --tsan             only the tests of what has threads, built with ThreadSanitizer
#     --coverage         build with gcov's counters instead of sanitizers; build/coverage/report.html says which lines ran, the last
#                        but one line how many
#     --keep             leave the database running at the end and say where
#     --with-containers  also build the image and try it with Compose, on the Docker engine of this machine
#     NAME               only the cases whose name holds it; nothing else is checked
# The last line is "N passed, N failed[, N skipped]"; the exit code is 1 when anything failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=run_cli.sh
source ./run_cli.sh

passed=0 failed=0 skipped=0
unit_only=0 tsan_only=0 preset=check keep=0 with_containers=0 names=()
work='' tsan_build='' # the process group of a build that goes on

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0"; }

parse_arguments() {
    while (($#)); do
        case $1 in
        --unit) unit_only=1 ;;
        --tsan) tsan_only=1 ;;
        --coverage) preset=coverage ;;
        --keep) keep=1 ;;
        --with-containers) with_containers=1 ;;
        -h | --help) usage; exit 0 ;;
        -*) echo "run.sh: error: unknown option '$1'" >&2; usage >&2; exit 2 ;;
        *) names+=("$1") ;;
        esac
        shift
    done
}

# --- the database of the tests -------------------------------------------------------------------

# Never the user's: nothing of a surrounding database configuration is left. The role test_pw must give a password.
start_test_cluster() {
    unset "${!PG@}" "${!POSTGRES_@}" DATABASE_URL DATABASE_URL_FILE
    base=$work data=$work/pgdata socket=$work/run
    owned_dir "$data"
    owned_dir "$socket"
    pg initdb -D "$data" -U cti --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$work/initdb.log" 2>&1 ||
        { cat "$work/initdb.log" >&2 || true; die 1 "'initdb' failed"; }
    as_owner tee "$data/pg_hba.conf" >/dev/null <<'HBA'
local all test_pw scram-sha-256
local all all     trust
HBA
    as_owner tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$socket'
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 100
timezone = 'UTC'
CONF
    pg_ctl -l pgdata/server.log start >&2
    export PGHOST=$socket PGPORT=5432 PGUSER=cti PGDATABASE=postgres
}

clean_up() {
    [[ -n $work ]] || return 0
    [[ -z $tsan_build ]] || kill -- "-$tsan_build" 2>/dev/null || true
    if ((keep)) && [[ -e ${data:-}/postmaster.pid ]]; then
        echo "run.sh: the database is kept: psql 'host=$socket user=cti dbname=postgres'" >&2
        return 0
    fi
    [[ ! -e ${data:-}/postmaster.pid ]] || pg_ctl -m immediate stop || true
    rm -rf "$work"
}

# --- the levels ----------------------------------------------------------------------------------

stage() { # NAME: what comes now, and how many minutes in
    printf '== %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}

count() { # PASSED FAILED SKIPPED
    ((passed += $1, failed += $2, skipped += $3)) || true
}

check() { # NAME CMD…: one check that either passes or fails
    local name=$1
    shift
    stage "$name"
    if "$@"; then count 1 0 0; else
        echo "FAILED: $name"
        count 0 1 0
    fi
}

# Programs that read our configurations, without their services, which Debian would start: only unpacked. Without one of them the tests
# that need it say so.
fetch_checkers() {
    local folder=$PWD/build/tools
    mkdir -p "$folder"
    fetch_checker CTI_PROMTOOL usr/bin/promtool promtool prometheus # Debian 13, Debian 12
    fetch_checker CTI_AMTOOL usr/bin/amtool prometheus-alertmanager
    fetch_checker CTI_NGINX usr/sbin/nginx nginx
    fetch_checker CTI_INOTIFYWAIT usr/bin/inotifywait libinotifytools0 inotify-tools
}

fetch_checker() { # VARIABLE PATH PACKAGE…: sets VARIABLE where the program can be had
    local variable=$1 program=$folder/$2
    command -v "${2##*/}" >/dev/null && program=$(command -v "${2##*/}")
    shift 2
    if [[ -x $program ]] || unpack "$program" "$@" || { ((EUID == 0)) && apt-get -qq update >/dev/null 2>&1 && unpack "$program" "$@"; }; then
        export "$variable=$program"
    else
        say "${program##*/} cannot be downloaded: what it would read is not checked with it"
    fi
}

unpack() { # PROGRAM PACKAGE…
    local program=$1 package
    shift
    for package; do
        (cd "$work" && apt-get -qq download "$package" && dpkg -x "$package"_*.deb "$folder") >/dev/null 2>&1 || true
    done
    [[ -x $program ]]
}

# .clang-format is written for version 14, which Debian 12 has; others break lines elsewhere.
formatting() {
    find core cli tests -name '*.[ch]pp' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

# The seeds of one fuzz target and what it found once; the last line says what broke it.
replay() { # TARGET
    local log=$work/replay-$1.log folders=(tests/data/fuzz/"$1")
    [[ $1 != *feed ]] || folders+=(tests/data/feeds)
    [[ $1 != page ]] || folders+=(tests/data/pages)
    build/$preset/tests/fuzz/"$1"_replay "${folders[@]}" >"$log" 2>&1 || {
        tail -30 "$log"
        return 1
    }
}

# The engine, the monitor and the status server under ThreadSanitizer: only what they need is built. Its shadow memory does not go with
# the widest randomisation of addresses (gcc 12), so that is off where it may be.
race_tests() {
    local no_random=() excluded='loop: in a day*,loop: by cron*,loop: however*,loop: set back*,loop: moments of cron*' # long, with one thread; db_tests has them
    setarch "$(uname -m)" -R true 2>/dev/null && no_random=(setarch "$(uname -m)" -R)
    stage "build (tsan)"
    if [[ -z $tsan_build ]]; then
        build_quietly tsan "$work/build-tsan.log" engine_tests
    elif ! wait_for_tsan_build; then
        tail -n 40 "$work/build-tsan.log"
        echo "FAILED: build (tsan)"
        count 0 1 0
        return
    fi
    TSAN_OPTIONS="halt_on_error=1 exitcode=66 suppressions=$PWD/tests/tsan.supp" doctest "${no_random[@]}" build/tsan/tests/engine/engine_tests
}

# The black-box tests leave cores idle; it takes what they leave. In a group of its own, so that it can be ended with all its compilers.
start_tsan_build() {
    setsid nice -n 19 sh -c "cmake --preset tsan && cmake --build --preset tsan --parallel $(nproc) --target engine_tests" \
        </dev/null >"$work/build-tsan.log" 2>&1 &
    tsan_build=$!
}

wait_for_tsan_build() {
    local pid=$tsan_build
    tsan_build=''
    wait "$pid"
}

doctest() { # [COMMAND…] BINARY
    local log=$work/doctest.log filter=() status=0
    local binary=${*: -1}
    choose_cases
    stage "${binary##*/}"
    "$@" --no-colors=true ${excluded:+"--test-case-exclude=$excluded"} "${filter[@]}" </dev/null 2>&1 | tee "$log" || status=$?
    count_cases "$binary" "$log" "$status"
}

# Both binaries, the tests of the database in three parts: what waits for the database leaves a core to others.
doctest_beside() { # DATABASE_BINARY UNIT_BINARY
    local all part parts=3 pids=() status
    all=$("$1" --count --no-colors=true </dev/null | sed -n 's/.*filters: *//p')
    for ((part = 0; part < parts; ++part)); do
        "$1" --no-colors=true --first=$((all * part / parts + 1)) --last=$((all * (part + 1) / parts)) </dev/null >"$work/part-$part.log" 2>&1 &
        pids+=($!)
    done
    doctest "$2"
    stage "${1##*/}"
    for ((part = 0; part < parts; ++part)); do
        status=0
        wait "${pids[part]}" || status=$?
        cat "$work/part-$part.log"
        count_cases "$1" "$work/part-$part.log" "$status" $((all * (part + 1) / parts - all * part / parts))
    done
}

choose_cases() { # sets filter
    local name
    ((${#names[@]})) || return 0
    for name in "${names[@]}"; do filter+=("*$name*"); done
    filter=("--test-case=$(IFS=,; echo "${filter[*]}")")
}

count_cases() { # BINARY LOG STATUS [CASES]: doctest counts those as passed that --first and --last left out
    local binary=$1 log=$2 status=$3 cases=${4:-} counts
    counts=$(sed -n 's/^\[doctest\] test cases: *[0-9]* | *\([0-9]*\) passed | *\([0-9]*\) failed.*/\1 \2/p' "$log")
    if [[ -z $counts ]]; then
        echo "FAILED: ${binary##*/} ended before its summary (status $status)"
        count 0 1 0
    else
        [[ -z $cases ]] || counts="$((cases - ${counts#* })) ${counts#* }"
        # A leak or a late crash is found after the summary.
        [[ $status -eq 0 || ${counts#* } -gt 0 ]] || { echo "FAILED: ${binary##*/} exited with $status"; count 0 1 0; }
        # shellcheck disable=SC2086  # two words
        count $counts 0
    fi
}

black_box() {
    local log=$work/black-box.log counts
    stage "tests/cli"
    LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0 CTI_BINARY=${CTI_BINARY:-$root/build/$preset/cli/cti} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
        python3 tests/cli/run.py "${names[@]}" </dev/null 2>&1 | tee "$log" || true
    counts=$(sed -n 's/^black box: \([0-9]*\) passed \([0-9]*\) failed \([0-9]*\) skipped$/\1 \2 \3/p' "$log")
    if [[ -z $counts ]]; then
        echo "FAILED: tests/cli did not run"
        counts="0 1 0"
    fi
    # shellcheck disable=SC2086  # three words
    count $counts
}

containers() {
    local log=$work/containers.log counts
    stage "tests/container"
    bash tests/container/run.sh </dev/null 2>&1 | tee "$log" || true
    counts=$(sed -n 's/^containers: \([0-9]*\) passed \([0-9]*\) failed$/\1 \2/p' "$log")
    # shellcheck disable=SC2086  # two words
    count ${counts:-0 1} 0
}

# Of the program's own lines; those of a process that was killed are not counted.
report_coverage() {
    gcovr --root . --object-directory build/coverage --filter core/ --filter cli/ --exclude-unreachable-branches --html-details build/coverage/report.html \
        --print-summary 2>"$work/gcovr.log" | grep '^lines:' || { tail -20 "$work/gcovr.log" >&2; count 0 1 0; }
}

is_debian_12() { grep -q '^VERSION_ID="12"' /etc/os-release; }

shell_scripts() {
    shellcheck -x run_cli.sh start_*.sh tests/*.sh tests/campaigns/*.sh tests/fuzz/*.sh tests/bench/*.sh tests/container/*.sh .ci/run deploy/*.sh \
        completions/cti.bash
}

# For a person: make lint.
lint() {
    ! is_debian_12 || check "formatting" formatting
    check "includes" sh tests/check_includes.sh
    check "shell scripts" shell_scripts
    summarise
}

# What needs no test by name.
static_checks() {
    local target
    ! is_debian_12 || check "formatting" formatting
    check "includes" sh tests/check_includes.sh
    check "shell scripts" shell_scripts
    for target in feed json_feed opml date url encoding indicators refang lexicon page selector sitemap robots cron times query words csv import sqlite status dump answer bucket; do check "fuzz seeds: $target" replay "$target"; done
}

main() {
    parse_arguments "$@"
    ((unit_only)) || packages_test+=("${packages_database[@]}")
    ! is_debian_12 || ((${#names[@]})) || packages_test+=(clang-format-14)
    [[ $preset != coverage ]] || packages_test+=(gcovr)
    install_packages "${packages_build[@]}" "${packages_test[@]}"
    work=$(mktemp -d /tmp/cti-tests.XXXXXX) # short: a unix socket will be below it
    chmod 0755 "$work" # the user postgres enters it when root runs the tests
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM

    if ((tsan_only)); then
        start_test_cluster
        race_tests
        summarise
        return
    fi
    stage "build ($preset)"
    local targets=(unit_tests)
    ((${#names[@]})) || targets+=(fuzz_replays)
    ((unit_only)) || targets+=(db_tests cti jobs_load)
    build_quietly "$preset" "$work/build.log" "${targets[@]}"

    ((${#names[@]})) || static_checks
    if ((unit_only)); then
        doctest "build/$preset/tests/unit/unit_tests"
    else
        fetch_checkers
        [[ -z ${CTI_PROMTOOL:-} ]] || check "alert rules" "$CTI_PROMTOOL" test rules deploy/prometheus/alerts_test.yml
        [[ ! -d ../shared/compat ]] || export CTI_COMPAT_DIR=${CTI_COMPAT_DIR:-$PWD/../shared/compat}
        start_test_cluster
        if ((${#names[@]})); then
            doctest "build/$preset/tests/unit/unit_tests"
            doctest "build/$preset/tests/db/db_tests"
        else
            [[ $preset == coverage ]] || start_tsan_build
            doctest_beside "build/$preset/tests/db/db_tests" "build/$preset/tests/unit/unit_tests"
        fi
        black_box
        ((${#names[@]})) || [[ $preset == coverage ]] || race_tests
    fi
    ((!with_containers)) || containers
    [[ $preset != coverage ]] || report_coverage
    summarise
}

summarise() {
    if ((skipped)); then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    ((failed == 0))
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
