#!/usr/bin/env bash
# clang-tidy on what a change touches: the .cpp files that differ from BASE, also uncommitted ones, and those beside a header that differs.
# It needs clang-tidy and the compile commands of a configured build.
#
#   tests/tidy.sh [BASE | --all]     BASE: a commit (the one where this branch left main); --all: the whole tree, some 40 CPU minutes
#     CTI_BUILD=build/dev            the build whose commands are taken
# Exits with 1 where something is found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 0
fi
build=${CTI_BUILD:-build/dev}
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo "tidy.sh: error: there is no clang-tidy; install the package clang-tidy" >&2; exit 2; }
[[ -f $build/compile_commands.json ]] || cmake --preset dev >/dev/null

touched() { # BASE: .cpp files, one a line
    git diff --name-only --diff-filter=d "$1" -- '*.cpp' '*.hpp'
    git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
}

case ${1:-} in
--all) mapfile -t files < <(git ls-files '*.cpp') ;;
-*) echo "tidy.sh: error: unknown option '$1'" >&2; exit 2 ;;
*)
    base=${1:-$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main)}
    mapfile -t files < <(touched "$base" | sed 's/\.hpp$/.cpp/' | sort -u | while read -r file; do [[ ! -f $file ]] || echo "$file"; done)
    ;;
esac
((${#files[@]})) || { echo "nothing is touched"; exit 0; }
# gcc's own warnings in the commands are unknown to clang.
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 2 "$tidy" --quiet --extra-arg=-Wno-unknown-warning-option -p "$build" 2>/dev/null
echo "${#files[@]} files, nothing found"
