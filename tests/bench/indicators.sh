#!/usr/bin/env bash
# Looking through texts: the extraction alone on the files given, then whole processes on hostile texts of SIZE and twice SIZE bytes:
# CPU seconds, their ratio, peak memory.
#
#   tests/bench/indicators.sh [-s SIZE] [FILE…]     default SIZE: 10000000; without files: the articles of the feed lab
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

size=10000000
if [[ ${1:-} == -s ]]; then
    size=$2
    shift 2
fi
[[ -f build/bench/build.ninja ]] || cmake --preset bench >/dev/null
cmake --build --preset bench --target indicators_bench cti >build/bench/build.log || {
    tail -50 build/bench/build.log >&2
    exit 2
}
files=("$@")
if ((${#files[@]} == 0)); then
    files=(build/bench/lab.txt)
    [[ -s build/bench/lab.txt ]] || python3 tests/lab/feedlab.py truth --sources 100 --entries 50 | python3 -c '
import json, sys
for line in sys.stdin: print(json.loads(line)["text"])' >build/bench/lab.txt
fi
echo "== the extraction alone (tests/bench/indicators_bench.cpp)"
build/bench/tests/bench/indicators_bench "${files[@]}"

echo "== hostile texts: CPU of SIZE, of twice SIZE, ratio, peak memory"
python3 - "$size" <<'PY'
import os
import random
import sys

size = int(sys.argv[1])
random.seed(1)
TEXTS = {"A…A.": lambda n: "A" * (n - 1) + ".", "[[[…": lambda n: "[" * n, "([{…}])": lambda n: "([{" * (n // 6) + "}])" * (n // 6), "a@a@…": lambda n: "a@" * (n // 2),
         "digits and dots": lambda n: "".join(random.choices("0123456789.", k=n)), "1.1.1…": lambda n: "1." * (n // 2), "[.[.…": lambda n: "[." * (n // 2),
         "http://http://…": lambda n: "http://" * (n // 7), "HKLM\\a b …": lambda n: "HKLM\\a b " * (n // 9), "rule a { …": lambda n: "rule a { " * (n // 9),
         "title: a": lambda n: "title: a\n" * (n // 9), "`cmd …": lambda n: "`cmd " * (n // 5), "a:a:…": lambda n: "a:" * (n // 2), "a dot a dot …": lambda n: "a dot " * (n // 6)}


def run(text):
    path = "build/bench/hostile.txt"
    with open(path, "w") as out:
        out.write(text)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv("build/bench/cli/cti", ["cti", "inspect", "text", "--json", path])
    _, status, usage = os.wait4(child, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, status


for name, make in TEXTS.items():
    (one, _, _), (two, memory, status) = run(make(size)), run(make(2 * size))
    print("%-20s %6.2f s %6.2f s  x%.2f %5.0f MB%s" % (name, one, two, two / one, memory, "" if status == 0 else "  status %d" % status))
PY
