#!/usr/bin/env bash
# Reading feeds: the parse alone, and whole processes beside sfeed (Debian's package, where it is installed).
#
#   tests/bench/feed.sh [FILE…]       without files: an RSS and an Atom feed of 10 MB, made here
#
# Figures are the least of ten runs: CPU milliseconds (user and system), peak memory of the process.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[[ -f build/bench/build.ninja ]] || cmake --preset bench >/dev/null
cmake --build --preset bench --target feed_bench cti >build/bench/build.log || {
    tail -50 build/bench/build.log >&2
    exit 2
}
files=("$@")
if ((${#files[@]} == 0)); then
    for kind in rss atom; do
        files+=("build/bench/$kind-10m.xml")
        [[ -s build/bench/$kind-10m.xml ]] || python3 tests/bench/make_feed.py "$kind" 10000000 >"build/bench/$kind-10m.xml"
    done
fi

echo "== the parse alone (tests/bench/feed_bench.cpp)"
build/bench/tests/bench/feed_bench "${files[@]}"

echo "== whole processes: least CPU of 10, peak memory"
python3 - "${files[@]}" <<'PY'
import os
import shutil
import sys


def run(argv, path):
    """CPU seconds and peak kilobytes of one process that reads the file from its standard input."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(path, os.O_RDONLY), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execvp(argv[0], argv)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit("%s ended with status %d" % (argv[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


tools = {"cti inspect feed --json": ["build/bench/cli/cti", "inspect", "feed", "--json", "-"]}
if shutil.which("sfeed"):
    tools["sfeed"] = ["sfeed"]
for path in sys.argv[1:]:
    for name, argv in tools.items():
        runs = [run(argv, path) for _ in range(10)]
        print("%s\t%s\t%.0f ms\t%.0f MB" % (path, name, min(r[0] for r in runs) * 1000, max(r[1] for r in runs) / 1000))
PY
