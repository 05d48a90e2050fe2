#!/usr/bin/env bash
# Reading pages: pages a CPU second in one process with the ten slowest, and whole processes.
#
#   tests/bench/page.sh FILE…        pages as they were saved; without files those of tests/data/pages
#
# Figures are the least of five runs over all files, and the median process of `cti inspect page --json`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[[ -f build/bench/build.ninja ]] || cmake --preset bench >/dev/null
cmake --build --preset bench --target page_bench cti >build/bench/build.log || {
    tail -50 build/bench/build.log >&2
    exit 2
}
files=("$@")
((${#files[@]})) || files=(tests/data/pages/*.html)

echo "== one process (tests/bench/page_bench.cpp)"
build/bench/tests/bench/page_bench "${files[@]}"

echo "== a process a page: CPU milliseconds, peak memory"
python3 - "${files[@]}" <<'PY'
import os
import statistics
import sys


def run(path):
    """CPU milliseconds and peak megabytes of one process."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv("build/bench/cli/cti", ["cti", "inspect", "page", "--json", path])
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit("cti ended with status %d on %s" % (status, path))
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1000


runs = [run(path) for path in sys.argv[1:]]
print("%d pages\tmedian %.1f ms\tslowest %.1f ms\tpeak %.0f MB"
      % (len(runs), statistics.median(r[0] for r in runs), max(r[0] for r in runs), max(r[1] for r in runs)))
PY
