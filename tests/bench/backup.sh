#!/usr/bin/env bash
# Backups of a database with many articles of 8.5 kB: wall seconds, the ratio to pg_dump -Fc of the same in the same run, and the most
# memory that cti itself held (pg_dump and the server have their own). Ends with 1 where that was above 64 MB.
#
#   tests/bench/backup.sh [COUNT]      default: 75000, 360 MB in PostgreSQL (3 GB of disk); CTI_BINARY: what is measured, else build/release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh
# shellcheck source=tests/bench/articles.sh
source tests/bench/articles.sh

count=${1:-75000}
if [[ -z ${CTI_BINARY:-} ]]; then
    build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
    export CTI_BINARY=$PWD/build/release/cli/cti
fi
work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
trap clean_up EXIT
make_bench_database "$CTI_BINARY" "$count" "max_wal_size = '4GB'"
PYTHONPATH=tests/cli python3 tests/bench/backup.py "$work"
