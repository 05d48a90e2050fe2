#!/usr/bin/env bash
# The status server while 200 sources hang and while 1,000 clients are slow, and what an idle monitor of 500 sources costs.
#   tests/bench/status.sh [SECONDS]      of the idle part, default 60
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh

build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
export CTI_BINARY=$PWD/build/release/cli/cti
work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
trap clean_up EXIT
start_test_cluster
python3 tests/bench/status.py "$@"
