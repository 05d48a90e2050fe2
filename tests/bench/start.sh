#!/usr/bin/env bash
# Starting: instructions (valgrind) and CPU seconds of the least that cti can do, as scripts and health checks start it often.
#
#   tests/bench/start.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh

build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
for option in --version --help; do
    log=$(mktemp)
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" build/release/cli/cti "$option" >/dev/null
    printf 'cti %-10s %s instructions\n' "$option" "$(sed -n 's/.*Collected : //p' "$log")"
    rm -f "$log"
done
