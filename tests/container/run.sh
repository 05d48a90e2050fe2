#!/usr/bin/env bash
# Builds the image, and tries everything that docs/install.md promises of containers, on the Docker engine of this machine,
# with every version of Compose that is there. The blogs are invented ones, served by a container of their own.
#
#   tests/container/run.sh [--keep] [--quick]
#     --keep    leave containers, volumes and the copy of the checkout
#     --quick   no second build to compare the first one with
#   DEBIAN=bookworm tests/container/run.sh         the image on Debian 12 (default: trixie)
#   COMPOSE=v1 tests/container/run.sh              one version of Compose only
# The last line is "containers: N passed N failed"; the exit code is 1 when anything failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
debian=${DEBIAN:-trixie}
project=ctitest$$
image=cti-test:$debian
canary=canary-$$-$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n')
passed=0 failed=0 keep=0 quick=0
work='' copy=''

note() { printf '== %s\n' "$*"; }
check() { # NAME CMD…: one check that either passes or fails; its words are shown when it fails
    local name=$1 begun=$SECONDS status
    shift
    set +e # A function in the condition of an if would go on after its first failure.
    (set -e; "$@") >"$work/check.log" 2>&1
    status=$?
    set -e
    if ((status == 0)); then
        passed=$((passed + 1))
        printf 'ok      %s (%d s)\n' "$name" $((SECONDS - begun))
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$name"
        tail -n 30 "$work/check.log" | sed 's/^/        /'
    fi
}
equals() { [[ $1 == "$2" ]] || { printf 'expected: %s\ngot:      %s\n' "$2" "$1"; return 1; }; }
holds() { [[ $1 == *"$2"* ]] || { printf 'not in it: %s\nit is: %s\n' "$2" "$1"; return 1; }; }

run_cli() { (cd "$copy" && ./run_cli.sh "$@"); }
compose() { (cd "$copy" && "${compose_command[@]}" "$@"); }
container_of() { # SERVICE
    docker ps -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" \
        --filter label=com.docker.compose.oneoff=False | head -n 1
}
in_image() { docker run --rm --network none --entrypoint /bin/sh "$image" -c "$1"; }
revision() { git -C "$here" rev-parse --short=12 HEAD 2>/dev/null || echo unknown; }
epoch() { git -C "$here" log -1 --format=%ct 2>/dev/null || echo 1; }

# shellcheck source=tests/container/image.sh
source "$here/tests/container/image.sh"

# --- the services --------------------------------------------------------------------------------

set_up() {
    (cd "$copy" && POSTGRES_PASSWORD=$canary ./run_cli.sh setup)
    equals "$(<"$copy/.cti/secrets/postgres_password")" "$canary"
    equals "$(stat -c %a "$copy/.cti/secrets")" 700
    (cd "$copy" && ./run_cli.sh setup) # again: nothing is made anew
    equals "$(<"$copy/.cti/secrets/postgres_password")" "$canary"
}

up() {
    if [[ ${compose_command[*]} == docker-compose ]]; then
        compose up -d
        wait_healthy monitor 1
    else
        compose up -d --wait
    fi
}

wait_healthy() { # SERVICE NUMBER [PROJECT]
    local i of=${3:-$project}
    for ((i = 0; i < 240; i++)); do
        (($(docker ps -q --filter "label=com.docker.compose.project=$of" --filter "label=com.docker.compose.service=$1" \
            --filter health=healthy | wc -l) >= $2)) && return
        sleep 0.5
    done
    compose ps
    compose logs --tail 20
    return 1
}

status_answers() {
    local port
    port=$(docker port "$(container_of monitor)" 8080)
    holds "$port" 127.0.0.1:
    python3 -c 'import sys, urllib.request as u; print(u.urlopen("http://%s/readyz" % sys.argv[1], timeout=10).status)' "$port"
}

start_lab() {
    docker build --quiet -f "$copy/tests/container/lab.Dockerfile" --build-arg "DEBIAN=$debian" -t cti-lab "$copy"
    docker run -d --rm --name "$project-lab" --network "${project}_egress" --network-alias lab --read-only --cap-drop ALL cti-lab
    docker run --rm cti-lab sources >"$copy/config/lab.yaml"
}

# Every literal line that people use.
session() {
    run_cli init --config config/lab.yaml
    holds "$(run_cli sources list --active)" feedlab_000
    run_cli collect --dry-run
    equals "$(sql 'SELECT count(*) FROM articles')" 0
    run_cli collect
    equals "$(sql 'SELECT count(*) FROM articles')" 60
    equals "$(run_cli export --format json --days 7 | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')" 60
    run_cli stats
    run_cli sources add of_the_test "Of the test" http://lab:8765/s/0/ --rss-url http://lab:8765/s/0/feed.xml
    run_cli sources disable of_the_test
}

sql() { docker exec "$(container_of postgres)" psql -XAtq -U cti -d cti -c "$1" </dev/null; }

compose_run_works() {
    holds "$(compose run --rm -T cli sources list --active </dev/null)" feedlab_000
    equals "$(compose run --rm -T cli export --format json --limit 3 </dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')" 3
}

monitor_in_the_foreground() { # collects, and stops by SIGTERM with 143
    sql "UPDATE sources SET last_check = NULL" >/dev/null
    local client status=0 i
    (cd "$copy" && exec ./run_cli.sh monitor --interval 300) &
    client=$!
    for ((i = 0; i < 120; i++)); do
        [[ $(sql "SELECT count(*) FROM sources WHERE active AND last_check IS NULL AND identifier LIKE 'feedlab%'") != 0 ]] || break
        sleep 0.5
    done
    kill -TERM "$client"
    wait "$client" || status=$?
    equals "$status" 143
    equals "$(docker ps -q --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=True)" ""
}

exit_codes_and_streams() {
    local status=0
    run_cli colect >"$work/out" 2>"$work/err" || status=$?
    equals "$status" 2
    equals "$(<"$work/out")" ""
    holds "$(<"$work/err")" "Did you mean 'collect'?"
    status=0
    run_cli --database-url postgresql://u@127.0.0.1:1/x stats >"$work/out" 2>"$work/err" || status=$?
    equals "$status" 4
    run_cli export --format json | head -c 10 >/dev/null
    equals "$(run_cli inspect feed --json - <"$here/tests/data/feeds/rss20_wordpress.xml" | python3 -c 'import json, sys; print(json.load(sys.stdin)["format"][:3].lower())')" rss
}

paths_mean_the_callers() {
    mkdir -p "$work/else where/sub"
    cp "$copy/config/lab.yaml" "$work/else where/my, sources.yaml"
    cp "$here/tests/data/feeds/rss20_wordpress.xml" "$work/else where/sub/feed.xml"
    (
        cd "$work/else where"
        "$copy/run_cli.sh" init --config "my, sources.yaml" --dry-run
        "$copy/run_cli.sh" inspect feed --json sub/feed.xml >/dev/null
        "$copy/run_cli.sh" export --format csv -o sub/out.csv
        equals "$(head -c 3 sub/out.csv)" id,
        cp sub/out.csv before.csv
        ! "$copy/run_cli.sh" export --format nonsense -o sub/out.csv || exit 1
        cmp sub/out.csv before.csv
        status=0
        "$copy/run_cli.sh" export -o none/out.json || status=$?
        equals "$status" 7
    )
}

words_when_something_is_missing() {
    local status=0
    mkdir -p "$work/bin"
    printf '#!/bin/sh\nexit 1\n' >"$work/bin/docker"
    chmod 755 "$work/bin/docker"
    PATH=$work/bin:$PATH run_cli stats >"$work/out" 2>"$work/err" || status=$?
    equals "$status" 1
    holds "$(<"$work/err")" "systemctl start docker"
    status=0
    (cd "$copy" && touch .env && CTI_IMAGE=cti-nowhere:1 ./run_cli.sh --no-install stats) >"$work/out" 2>"$work/err" || status=$?
    equals "$status" 2
    holds "$(<"$work/err")" "docker compose build"
    equals "$(<"$work/out")" ""
}

hardened() { # CONTAINER UID
    local id=$1 status
    equals "$(docker inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Privileged}}' "$id")" "true [ALL] false"
    holds "$(docker inspect --format '{{.HostConfig.SecurityOpt}}' "$id")" no-new-privileges
    status=$(docker exec "$id" cat /proc/1/status)
    equals "$(awk '/^Uid:/ {print $2}' <<<"$status")" "$2"
    equals "$(awk '/^CapEff:/ {print $2}' <<<"$status")" 0000000000000000
    equals "$(awk '/^CapBnd:/ {print $2}' <<<"$status")" 0000000000000000
    equals "$(awk '/^NoNewPrivs:/ {print $2}' <<<"$status")" 1
    ! docker exec "$id" sh -c ': >/usr/bin/x' || return 1
    equals "$(docker inspect --format '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}' "$id" | sed 's/[1-9][0-9]*/n/g')" "n n n"
}

run_cli_container_is_hardened_too() {
    local id client
    (cd "$copy" && exec ./run_cli.sh monitor --interval 300) &
    client=$!
    for _ in $(seq 120); do
        id=$(docker ps -q --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=True)
        [[ -z $id ]] || break
        sleep 0.5
    done
    local status=0
    hardened "$id" "$( ((EUID == 0)) && echo 10001 || id -u)" || status=1
    kill -TERM "$client"
    wait "$client" || true
    return "$status"
}

published_on_loopback_only() {
    local id
    for id in $(docker ps -q --filter "label=com.docker.compose.project=$project"); do
        ! docker port "$id" | grep -v '127\.0\.0\.1:' || return 1
    done
    equals "$(docker port "$(container_of postgres)")" ""
    equals "$(docker network inspect --format '{{.Internal}}' "${project}_database")" true
}

ten_monitors() {
    compose up -d --scale monitor=10
    wait_healthy monitor 10
    equals "$(docker ps -q --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.service=monitor | wc -l)" 10
    compose up -d --scale monitor=1
}

restarted() {
    compose restart
    wait_healthy postgres 1
    wait_healthy monitor 1
    holds "$(run_cli sources list)" feedlab_000
}

down_and_up_keep_the_data() {
    local before
    before=$(sql 'SELECT count(*) FROM articles')
    docker stop "$project-lab" >/dev/null
    compose down
    up
    equals "$(sql 'SELECT count(*) FROM articles')" "$before"
}

without_setup() {
    local status=0
    CTI_IMAGE=cti-nowhere:1 compose up -d >"$work/out" 2>&1 || status=$?
    ((status != 0))
    holds "$(<"$work/out")" "run './run_cli.sh setup' first"
    ! docker image inspect cti-nowhere:1 >/dev/null 2>&1
}

down_leaves_nothing() {
    local of=label=com.docker.compose.project=$project
    run_cli stats
    compose down -v
    equals "$(docker ps -aq --filter "$of")" ""
    equals "$(docker network ls -q --filter "$of")" ""
    equals "$(docker volume ls -q --filter "$of")" ""
}

# A web service's network and database, made here, and cti beside them by deploy/attach-web-service.md.
beside_a_web_service() {
    local network=${project}_web password
    password=$(<"$copy/.cti/secrets/postgres_password")
    sql 'CREATE DATABASE cti_scraper' >/dev/null
    docker exec -i "$(container_of postgres)" psql -XqU cti -d cti_scraper <"$here/tests/data/db/web_2026.sql"
    docker network create "$network" >/dev/null
    docker network connect --alias postgres "$network" "$(container_of postgres)"
    docker network connect --alias lab "$network" "$project-lab"
    printf 'postgresql+asyncpg://cti:%s@postgres:5432/cti_scraper\n' "$password" >"$copy/.cti/secrets/database_url"
    chmod 444 "$copy/.cti/secrets/database_url"
    export COMPOSE_FILE=docker-compose.attach.yml COMPOSE_PROJECT_NAME=${project}beside WEB_NETWORK=$network
    run_cli init --dry-run --config config/lab.yaml
    run_cli init --config config/lab.yaml
    run_cli collect
    equals "$(run_cli export --format ndjson | wc -l)" 60
    compose up -d monitor
    wait_healthy monitor 1 "${project}beside"
    compose down
    docker network disconnect "$network" "$(container_of postgres)"
    docker network disconnect "$network" "$project-lab"
    docker network rm "$network" >/dev/null
}

# The password is searched for wherever others could see it.
canary_stays_secret() {
    local id
    : >"$work/found"
    printf '%s\n' "$canary" >"$work/canary" # in a file: the search itself is in the process list
    seen() { ! grep -qaFf "$work/canary" || echo "the password is in: $1" >>"$work/found"; }
    run_cli -vv collect --force 2>&1 | seen "the messages of collect -vv"
    (cd "$copy" && DATABASE_URL="postgresql://cti:$canary@127.0.0.1:1/x" ./run_cli.sh -vv stats) 2>&1 | seen "an error message" || true
    for id in $(docker ps -aq --filter "label=com.docker.compose.project=$project"); do
        docker inspect "$id" | seen "docker inspect of $id"
        docker logs "$id" 2>&1 | seen "the log of $id" || true # A container that was never started has none.
        docker top "$id" 2>&1 | seen "the processes of $id" || true
    done
    docker history --no-trunc "$image" | seen "the history of the image"
    docker save "$image" | seen "a layer of the image"
    cat /proc/[0-9]*/cmdline 2>/dev/null | seen "the process list" || true # Some have ended meanwhile.
    cat "$work/found"
    [[ ! -s $work/found ]]
}

with_compose() { # COMMAND…
    compose_command=("$@")
    note "with '$*' ($("$@" version --short 2>/dev/null))"
    check "without setup nothing is built, and it is said" without_setup
    check "setup makes a password once" set_up
    check "up: database, tables, monitor are healthy" up
    check "the status server answers on loopback" status_answers
    check "the lab serves six blogs" start_lab
    check "init, list, collect, export through run_cli.sh" session
    check "compose run works as well" compose_run_works
    check "monitor stops by SIGTERM with 143" monitor_in_the_foreground
    check "exit codes and streams are the tool's" exit_codes_and_streams
    check "paths are the caller's" paths_mean_the_callers
    check "the monitor is locked in" hardened "$(container_of monitor)" 10001
    check "the database is locked in" hardened "$(container_of postgres)" 999
    check "a container of run_cli.sh is locked in" run_cli_container_is_hardened_too
    check "ports are published on 127.0.0.1 only" published_on_loopback_only
    check "the password is nowhere to be seen" canary_stays_secret
    check "beside a web service: its network, its database, its address" beside_a_web_service
    check "ten monitors" ten_monitors
    check "restart" restarted
    check "down and up keep the data" down_and_up_keep_the_data
    check "what is missing is said, with what mends it" words_when_something_is_missing
    check "down -v leaves nothing" down_leaves_nothing
    compose down -v --remove-orphans >/dev/null 2>&1 || true
    rm -rf "$copy/.cti" "$copy/.env"
}

wanted() { [[ -z ${COMPOSE:-} || $COMPOSE == "$1" ]]; } # v1 or v2

clean_up() {
    [[ -n $work ]] || return 0
    if ((keep)); then
        echo "kept: project $project, $copy" >&2
        return 0
    fi
    docker rm -f "$project-lab" >/dev/null 2>&1 || true
    local ids
    ids=$(docker ps -aq --filter "label=com.docker.compose.project=$project"
        docker ps -aq --filter "label=com.docker.compose.project=${project}beside")
    # shellcheck disable=SC2086  # a list of ids
    [[ -z $ids ]] || docker rm -f $ids >/dev/null 2>&1 || true
    docker volume rm -f "${project}_postgres_data" >/dev/null 2>&1 || true
    docker network rm "${project}_database" "${project}_egress" "${project}_web" >/dev/null 2>&1 || true
    rm -rf "$work"
}

copy_checkout() { # what git knows of, as it is now
    copy=$work/$project
    mkdir "$copy"
    (cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy")
    # The revision and its time are the checkout's, though the copy has no history.
    CTI_REVISION=$(revision) CTI_SOURCE_DATE_EPOCH=$(epoch)
    export CTI_REVISION CTI_SOURCE_DATE_EPOCH
}

main() {
    local argument
    for argument; do
        case $argument in
        --keep) keep=1 ;;
        --quick) quick=1 ;;
        *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
        esac
    done
    docker version >/dev/null || { echo "no Docker engine answers" >&2; exit 1; }
    work=$(mktemp -d /tmp/cti-containers.XXXXXX)
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    unset DATABASE_URL DATABASE_URL_FILE "${!PG@}" "${!POSTGRES_@}" "${!COMPOSE_@}"
    copy_checkout
    export CTI_MODE=docker CTI_IMAGE=$image CTI_DEBIAN=$debian CTI_ALLOW_PRIVATE=1 COMPOSE_PROJECT_NAME=$project
    local port=$((20000 + RANDOM % 12000))
    export CTI_STATUS_PORT=$port-$((port + 19)) # more than ten: a port that was just let go is not taken at once

    note "the image on Debian $debian"
    check "it builds with the legacy builder" build 0 "$image"
    docker image inspect "$image" >/dev/null 2>&1 || { echo "containers: $passed passed $failed failed"; exit 1; }
    check "it is small" image_is_small
    check "user, entry point, health check, labels" image_settings
    check "PostgreSQL's tools are in it, and no compiler" image_holds_what_it_should
    check "it tells its packages" image_tells_what_is_in_it
    check "the stage with the package" build 0 "$image-built" --target build
    check "the Debian package installs and removes cleanly" package_installs_and_removes
    if ((!quick)); then
        check "a change of a document costs no compiling" warm_build_is_quick
        check "two builds are the same bytes" two_builds_are_the_same
        ! docker buildx version >/dev/null 2>&1 || check "it builds with BuildKit" build 1 "$image-buildkit"
    fi
    if wanted v2 && docker compose version >/dev/null 2>&1; then with_compose docker compose; fi
    if wanted v1 && command -v docker-compose >/dev/null; then with_compose docker-compose; fi
    echo "containers: $passed passed $failed failed"
    ((failed == 0))
}

main "$@"
