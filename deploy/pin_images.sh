#!/usr/bin/env bash
# Which image a name means today: a tag moves, a digest does not.
#
#   deploy/pin_images.sh          looks all up and writes deploy/images.lock; needs Docker and a registry
#   deploy/pin_images.sh --use    writes those that are known into .env, so that Compose takes these very images
#
# What cannot be looked up keeps its old digest, is named, and makes the exit code 1.
set -euo pipefail
# shellcheck source=deploy/environment.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/environment.sh"
lock=$root/deploy/images.lock

# The digest of all platforms where buildx is there; else the one of what was pulled.
find_digest() { # IMAGE: prints sha256:…
    local digest
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1" 2>/dev/null) || digest=''
    if [[ -z $digest ]] && docker pull --quiet "$1" >/dev/null 2>&1; then
        digest=$(docker image inspect --format '{{join .RepoDigests "\n"}}' "$1" | sed -n 's/.*@//p' | head -n 1)
    fi
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] && printf '%s' "$digest"
}

renew() {
    local variable image digest found missing=()
    need_engine
    grep '^#' "$lock" >"$lock.new"
    while read -r variable image digest; do
        if found=$(find_digest "$image"); then
            [[ $found == "$digest" ]] || say "$image is now $found"
            digest=$found
        else
            missing+=("$image")
        fi
        printf '%s %s %s\n' "$variable" "$image" "$digest" >>"$lock.new"
    done < <(grep -v '^#' "$lock")
    mv "$lock.new" "$lock"
    ((${#missing[@]} == 0)) || die 1 "not looked up: ${missing[*]}" "Is the registry reachable? Try: docker pull ${missing[0]}"
}

use() {
    local variable image digest unknown=()
    [[ -e $root/.env ]] || die 2 "there is no '.env' yet" "Make it: ./run_cli.sh setup"
    while read -r variable image digest; do
        if [[ $digest == - ]]; then
            unknown+=("$image")
        elif [[ $variable == *_DIGEST ]]; then
            keep_setting "$variable" "@$digest"
        else
            keep_setting "$variable" "$image@$digest"
        fi
    done < <(grep -v '^#' "$lock")
    ((${#unknown[@]} == 0)) || die 1 "no digest is known of: ${unknown[*]}" "Look them up: deploy/pin_images.sh"
    say "wrote the digests into '.env'"
}

case ${1:-} in
'') renew ;;
--use) use ;;
-h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" ;;
*) die 2 "unknown option '$1'" "See: ${0##*/} --help" ;;
esac
