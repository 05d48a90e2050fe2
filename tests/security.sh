#!/usr/bin/env bash
# Looks for what is dangerous in the code, the scripts, the images, the history and the libraries.
#
#   tests/security.sh [CHECK…]       all of them, or: cppcheck shell dockerfile secrets packages image
# A finding is one line that begins with its kind; tests/security/ignore takes it out until a day, with a reason. What could not be run
# here is told at the end, and is an error where it was asked for by name. Exits with 1 where something was found. Nothing is installed
# or started; 'packages' (debsecan) and 'image' (trivy, grype) ask their own servers, where they are installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

checks=(cppcheck shell dockerfile secrets packages image)
k_not_run=3 # what a check returns after it has set why
why='' not_run=() failed=()

is_there() { command -v "$1" >/dev/null; }
skip() { why=$1; return "$k_not_run"; }

# Reads findings ("KIND RULE FILE:LINE what", "cve CVE-…"), prints those that the ignore file does not name; fails where one is left.
without_ignored() { # KIND
    awk -v kind="$1" -v today="$(date -u +%F)" '
        NR == FNR { if ($1 == kind && $3 >= today) ignored[$2] = 1; next }
        NF { key = $2; if (kind != "cve") key = key ":" substr($3, 1, index($3, ":") - 1); if (!(key in ignored)) { print; left = 1 } }
        END { exit left }' tests/security/ignore -
}

# What it says of its own limits (C++20 that it cannot read) is no finding.
check_cppcheck() {
    is_there cppcheck || skip "cppcheck is not installed" || return
    cppcheck -q -j "$(nproc)" --std=c++20 --language=c++ --enable=warning,portability --inline-suppr --max-configs=1 -I . \
        --suppress=syntaxError --suppress=cppcheckError --template='cppcheck {id} {file}:{line} {message}' core cli 2>&1 |
        { grep '^cppcheck ' || true; } | without_ignored cppcheck
}

check_shell() {
    is_there shellcheck || skip "shellcheck is not installed" || return
    bash -c 'source tests/run.sh; shell_scripts'
}

check_dockerfile() {
    local files
    mapfile -t files < <(git ls-files -- '*Dockerfile')
    { python3 tests/security/check_dockerfile.py "${files[@]}" || true; } |
        without_ignored dockerfile
}

check_secrets() { python3 tests/security/find_secrets.py; }

# Those that Debian has mended already, of the packages that the program uses (its own list, where it is built).
check_packages() {
    local binary suite found
    is_there debsecan || skip "debsecan is not installed" || return
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    found=$(debsecan --suite "$suite" --only-fixed 2>/dev/null) || skip "debsecan got no answer from Debian's tracker" || return
    for binary in build/release/cli/cti build/check/cli/cti build/dev/cli/cti; do [[ ! -x $binary ]] || break; done
    [[ ! -x $binary ]] || found=$(awk 'NR == FNR { used[$1] = 1; next } $2 in used' <(sbom_packages "$binary") - <<<"$found")
    awk '/^(CVE|TEMP)/ { print "cve", $0 }' <<<"$found" | without_ignored cve
}
sbom_packages() { "$1" version --sbom | sed -n 's|.*"purl": *"pkg:deb/debian/\([^@?"]*\).*|\1|p'; }

check_image() {
    local image=${CTI_IMAGE:-cti:latest}
    is_there trivy || is_there grype || skip "neither trivy nor grype is installed" || return
    docker image inspect "$image" >/dev/null 2>&1 || skip "there is no image '$image' (CTI_IMAGE)" || return
    if is_there trivy; then
        trivy image --quiet --exit-code 1 --ignore-unfixed --severity HIGH,CRITICAL --ignorefile <(ignored_cves) "$image"
    else
        grype --quiet --only-fixed --fail-on high "$image"
    fi
}
ignored_cves() { awk -v today="$(date -u +%F)" '$1 == "cve" && $3 >= today { print $2 }' tests/security/ignore; }

run_check() { # NAME
    local status=0
    printf '== %s\n' "$1"
    "check_$1" || status=$?
    case $status in
    0) ;;
    "$k_not_run")
        echo "not run: $why"
        not_run+=("$1")
        ;;
    *) failed+=("$1") ;;
    esac
}

main() {
    local wanted=("$@") name
    (($#)) || wanted=("${checks[@]}")
    if [[ ${1:-} == -h || ${1:-} == --help ]]; then
        sed -n '2,7s/^# \{0,1\}//p' "$0"
        return
    fi
    for name; do
        [[ " ${checks[*]} " == *" $name "* ]] || { echo "security.sh: error: unknown check '$name'; it is one of: ${checks[*]}" >&2; exit 2; }
    done
    for name in "${wanted[@]}"; do run_check "$name"; done
    echo "security: found something: ${failed[*]:-nothing}; not run: ${not_run[*]:-nothing}"
    ((!${#failed[@]})) || exit 1
    ((!$# || !${#not_run[@]})) || exit 2
}

main "$@"
