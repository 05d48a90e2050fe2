#!/usr/bin/env bash
# Writes anew what the repository holds of the program's own output: the completions, the goldens of tests/data/feeds, and those of
# tests/data/articles where unit_tests was built beside it. Look at the difference before you commit it.
#
#   tests/rewrite.sh [BINARY]        BINARY: build/dev/cli/cti
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ${1:-} == -* ]]; then
    sed -n '2,5s/^# \{0,1\}//p' "$0"
    exit "$([[ $1 == -h || $1 == --help ]] && echo 0 || echo 2)"
fi
binary=${1:-build/dev/cli/cti}
[[ -x $binary ]] || { echo "rewrite.sh: error: there is no '$binary'; build it or name another" >&2; exit 2; }
declare -A file=([bash]=cti.bash [zsh]=_cti [fish]=cti.fish)
for shell in "${!file[@]}"; do "$binary" completion "$shell" >"completions/${file[$shell]}"; done
CTI_BINARY=$(realpath "$binary") PYTHONDONTWRITEBYTECODE=1 python3 tests/cli/test_feed_goldens.py --write
unit_tests=$(dirname "$binary")/../tests/unit/unit_tests
[[ ! -x $unit_tests ]] || CTI_WRITE_GOLDENS=1 "$unit_tests" --test-case='*article_*' >/dev/null
git diff --stat -- completions tests/data/feeds tests/data/articles
