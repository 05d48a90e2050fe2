#!/usr/bin/env bash
# For the benchmarks of jobs, which source it: builds what they run (load), and makes an empty database of their own with the queue.
# shellcheck source=tests/run.sh
source tests/run.sh

build_quietly bench "${TMPDIR:-/tmp}/cti-bench-build.log" cti jobs_load
# shellcheck disable=SC2034  # for whoever sources this
load=$PWD/build/bench/tests/load/jobs_load
work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
trap clean_up EXIT
start_test_cluster
unset DATABASE_URL
export PGDATABASE=bench
psql -qXd postgres -c 'CREATE DATABASE bench'
build/bench/cli/cti -q init --no-sources
