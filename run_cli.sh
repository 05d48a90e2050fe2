#!/usr/bin/env bash
# Runs cti with the arguments given, and does the set-up that is missing before it: packages, build, database.
#
#   ./run_cli.sh [--no-install] ARGS…          the tool, e.g. ./run_cli.sh collect
#   ./run_cli.sh setup                         the password and the settings of the containers
#   ./run_cli.sh db stop|status|psql [ARGS…]   the private database of this checkout
#   ./run_cli.sh demo [--keep]                 a whole run without the internet
#
# It works in containers where there is a Docker engine, else natively. A checkout that was begun in one way stays with
# it; a database that is named means native. CTI_MODE=docker or native decides otherwise.
#
# What this script says goes to stderr, so that stdout holds the tool's data only; the tool replaces this process,
# so its exit code and its signals are the caller's own. tests/run.sh sources this file for the functions.
set -euo pipefail

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
tool=$root/build/release/cli/cti
install_allowed=1

# Debian's names. Everything that is ever installed stands here.
packages_build=(g++ cmake ninja-build pkg-config ca-certificates libfmt-dev libcli11-dev libpqxx-dev
    libcurl4-openssl-dev libpugixml-dev libxml2-dev libssl-dev nlohmann-json3-dev libyaml-cpp-dev libuchardet-dev
    libmicrohttpd-dev libhowardhinnant-date-dev tzdata libre2-dev libpsl-dev libidn2-dev libsqlite3-dev publicsuffix
    zlib1g-dev libzstd-dev)
packages_database=(postgresql)
packages_demo=(python3)
# shellcheck disable=SC2034  # for tests/run.sh
packages_test=(doctest-dev python3 python3-yaml python3-jsonschema jq shellcheck pgbouncer w3m zsh fish mandoc zstd
    libxml2-utils cmark-gfm age gpg gpg-agent)

say() { printf 'run_cli: %s\n' "$*" >&2; }
# die CODE MESSAGE [HINT]: exit codes are those of the tool (docs/reference.md, "Exit codes").
die() {
    printf 'run_cli: error: %s\n' "$2" >&2
    [[ -z ${3:-} ]] || printf 'run_cli: hint: %s\n' "$3" >&2
    exit "$1"
}

# --- packages ------------------------------------------------------------------------------------

install_packages() { # NAME…: those of them that are missing, by apt
    local have missing=() name as_root=()
    command -v dpkg-query >/dev/null || die 1 "this system has no dpkg" "Install by hand what Debian calls: $*"
    # dpkg-query fails when one of the names is unknown to it; what it prints is still right.
    have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for name in "$@"; do
        [[ $'\n'$have$'\n' == *$'\n'"$name installed"$'\n'* ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || as_root=(sudo)
    ((install_allowed)) || die 2 "missing: ${missing[*]}" "Run: ${as_root[*]:+sudo }apt-get install -y --no-install-recommends ${missing[*]}"
    [[ ${#as_root[@]} -eq 0 ]] || command -v sudo >/dev/null ||
        die 1 "missing: ${missing[*]}" "There is no sudo here; as root, run: apt-get install -y --no-install-recommends ${missing[*]}"
    say "installing ${missing[*]}"
    apt_get "${as_root[@]}" -- update
    apt_get "${as_root[@]}" -- install -y --no-install-recommends "${missing[@]}"
}

apt_get() { # [sudo] -- ARGS…
    local as_root=()
    [[ $1 == -- ]] || { as_root=("$1"); shift; }
    shift
    local log=$root/.cti/apt.log
    install -d -m 0755 "$root/.cti"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" \
        </dev/null >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2 || true; die 1 "'apt-get $1' failed" "Its own messages stand above; all of them are in '$log'."; }
}

# --- build ---------------------------------------------------------------------------------------

is_built() {
    local stamp=$root/build/release/.built
    [[ -x $tool && -e $stamp ]] || return 1
    [[ -z $(find "$root"/{cli,core,sql,CMakeLists.txt,CMakePresets.json} -newer "$stamp" -print -quit) ]]
}

build_release() {
    is_built && return
    lock
    if ! is_built; then
        install_packages "${packages_build[@]}"
        say "building cti (takes some minutes the first time)"
        mkdir -p "$root/build/release"
        # Dated before the build: what is edited while it runs is built by the next call.
        touch "$root/build/release/.building"
        build_quietly release "$root/build/release.log" cti
        mv "$root/build/release/.building" "$root/build/release/.built"
    fi
    unlock
}

# What the compiler says goes to the log, and is told only where the build fails; on a terminal a line shows how far it is.
build_quietly() { # PRESET LOG TARGET…
    local preset=$1 log=$2 progress='' failed=0
    shift 2
    if [[ -t 2 ]]; then
        show_progress "$log" &
        progress=$!
    fi
    (
        cd "$root" && cmake --preset "$preset" </dev/null &&
            cmake --build --preset "$preset" --parallel "$(nproc)" --target "$@" </dev/null
    ) >"$log" 2>&1 || failed=1
    if [[ -n $progress ]]; then
        kill "$progress" 2>/dev/null || true
        wait "$progress" 2>/dev/null || true
        printf '\r\033[K' >&2
    fi
    ((!failed)) || { tail -n 40 "$log" >&2 || true; die 1 "the build failed" "The whole log is in '$log'."; }
}

# Ends with the script, whose Ctrl-C does not reach what runs in the background.
show_progress() { # LOG
    local step begun=$SECONDS
    while kill -0 "$$" 2>/dev/null; do
        step=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$1" 2>/dev/null | tail -n 1) || true
        step=${step//[\[\]]/}
        printf '\r\033[Krun_cli: building: step %s, %d:%02d' "${step:-1}" $(((SECONDS - begun) / 60)) $(((SECONDS - begun) % 60)) >&2
        sleep 1
    done
}

# --- one at a time -------------------------------------------------------------------------------

# Two first calls at once would build and create the database twice.
lock() {
    install -d -m 0755 "$root/.cti"
    exec {lock_fd}>"$root/.cti/lock"
    flock -n "$lock_fd" && return
    echo "run_cli: another call builds or sets up; waiting for it" >&2
    flock "$lock_fd"
}
unlock() {
    exec {lock_fd}>&-
    unset lock_fd
}

# shellcheck source=deploy/private_database.sh
source "$root/deploy/private_database.sh"

# --- what the arguments ask for ------------------------------------------------------------------

find_command() { # ARGS…: sets command to the first word that is no option, own_database when one is named
    command='' own_database=0 settings_word=${CTI_SETTINGS:-}
    local wants_help=0
    while (($#)); do
        case $1 in
        --database-url | --database-url=*) own_database=1 ;;&
        --settings) settings_word=${2:-} ;;&
        --settings=*) settings_word=${1#*=} ;;&
        --database-url | --config | --color | --log-format | --settings) (($# < 2)) || shift ;;
        -h | --help | --help-all | --version) wants_help=1 ;;
        -*) ;;
        *) [[ -n $command ]] || command=$1 ;;
        esac
        shift
    done
    ((!wants_help)) || command=help
}

is_database_named() { [[ -n ${DATABASE_URL:-}${DATABASE_URL_FILE:-}${POSTGRES_HOST:-}${PGHOST:-}${PGHOSTADDR:-}${PGSERVICE:-} ]]; }

# The files that the tool would read: one that is named, or those that are found.
settings_name() { # KEY…: whether one of them stands at the top of one
    local file line key files=("$settings_word")
    [[ -n $settings_word ]] || files=(cti.yaml "${XDG_CONFIG_HOME:-${HOME:-}/.config}/cti/cti.yaml" /etc/cti/cti.yaml)
    for file in "${files[@]}"; do
        [[ -f $file && -r $file ]] || continue
        while IFS= read -r line; do
            for key; do [[ $line != "$key":* ]] || return 0; done
        done <"$file"
    done
    return 1
}

settings_name_database() { settings_name database-url database-url-file postgres-host; }

needs_private_database() {
    ((!own_database)) && ! is_database_named && ! settings_name_database || return 1
    case $command in '' | help | version | inspect | completion | settings) return 1 ;; esac
}

# --- db and demo ---------------------------------------------------------------------------------

db() {
    locate_cluster
    case ${1:-} in
    status)
        if cluster_is_up; then
            printf 'running: %s\n' "$(url_of cti)"
        else
            echo "not running" && return 4
        fi
        ;;
    stop)
        cluster_is_up || { say "the private PostgreSQL is not running"; return 0; }
        pg_ctl -m fast stop >&2
        [[ $socket == "$base"/* ]] || rmdir "$socket"
        say "stopped"
        ;;
    psql)
        shift
        start_cluster
        exec psql "$(url_of cti)" "$@"
        ;;
    *) die 2 "unknown database command '${1:-}'" "Use 'db stop', 'db status' or 'db psql'." ;;
    esac
}

demo() { # [--keep]: the database stays, to go on playing with it
    case ${1:-} in
    '') demo_keeps=0 ;;
    --keep) demo_keeps=1 ;;
    *) die 2 "unknown option '$1' of demo" "Use 'demo' or 'demo --keep'." ;;
    esac
    command -v python3 >/dev/null || install_packages "${packages_demo[@]}"
    build_release
    locate_cluster
    start_cluster
    demo_database=cti_demo_$$ demo_lab='' demo_dir=$(mktemp -d)
    trap demo_clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    query "CREATE DATABASE $demo_database"
    export DATABASE_URL CTI_ALLOW_PRIVATE=1
    DATABASE_URL=$(url_of "$demo_database")

    local lab=("$root/tests/lab/feedlab.py" --sources 6 --entries 10 --hosts multi --now "$(date -u +%FT%H:00:00Z)")
    demo_serve "${lab[@]}"
    say "demo: six invented blogs are served on 127.0.1.x, port $demo_port; collecting them"
    "$tool" init --config "$demo_dir/sources.yaml" >&2
    "$tool" collect >&2
    say "demo: the three newest articles, from 'cti export --format json --limit 3'"
    "$tool" export --format json --limit 3 | python3 -c '
import json, sys
for a in json.load(sys.stdin):
    print(a["published_at"] + "  " + a["source"], a["title"], a["url"], " ".join(a["content"].split())[:110] + " …", sep="\n  ")'
    say "demo: 'cti export --format csv --fields id,source,published_at,title --limit 4'"
    "$tool" export --format csv --fields id,source,published_at,title --limit 4 | tr -d '\r'
    if ((demo_keeps)); then
        say "demo: the database stays; go on with it:"
        say "  export DATABASE_URL='$DATABASE_URL'; ./run_cli.sh next"
        say "drop it in the end: unset DATABASE_URL; ./run_cli.sh db psql -c 'DROP DATABASE $demo_database'"
        demo_kept=1
    else
        say "demo: done; the scratch database is dropped"
    fi
}

demo_serve() { # feedlab.py OPTIONS…: starts it on a free port; it says READY when it answers
    local line='' out
    demo_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
    exec {out}< <(exec python3 "$@" serve --port "$demo_port" 2>"$demo_dir/lab.err" </dev/null)
    demo_lab=$!
    read -r -t 60 -u "$out" line || true
    [[ $line == READY* ]] || { cat "$demo_dir/lab.err" >&2; die 1 "the feed server of the demo does not start"; }
    python3 "$@" sources --port "$demo_port" >"$demo_dir/sources.yaml"
}

demo_clean_up() {
    trap '' INT TERM
    if [[ -n $demo_lab ]]; then
        kill "$demo_lab" 2>/dev/null || true
        wait "$demo_lab" 2>/dev/null || true
    fi
    ((${demo_kept:-0})) || query "DROP DATABASE $demo_database WITH (FORCE)" >&2 || true
    rm -rf "$demo_dir"
}

# -------------------------------------------------------------------------------------------------

# --- containers or not ---------------------------------------------------------------------------

decide_mode() { # ARGS…: sets mode
    mode=${CTI_MODE:-}
    [[ $mode == native ]] && return
    # shellcheck source=deploy/run_in_docker.sh
    source "$root/deploy/run_in_docker.sh"
    [[ -n $mode ]] || mode=$(setting CTI_MODE)
    case $mode in
    native) return ;;
    docker) ;;
    '') mode=native; ! wants_containers "$@" || mode=docker ;;
    *) die 2 "unknown CTI_MODE '$mode'" "Leave it unset, or set it to 'docker' or 'native'." ;;
    esac
    [[ $mode != docker ]] || find_project
}

# A checkout that was begun in one way stays with it, whatever the engine does: another way is another database.
wants_containers() { # ARGS…
    local native=0
    find_command "$@"
    ((!own_database)) && ! is_database_named && ! settings_name_database || return 1
    locate_cluster
    [[ ! -e $data/PG_VERSION ]] || native=1
    case $command in
    setup | demo) return 1 ;;
    __complete) ((!native)) && is_begun_in_docker; return ;;
    esac
    if is_begun_in_docker; then
        ((!native)) || refuse_two_databases
        return 0
    fi
    ((!native)) || return 1
    command -v docker >/dev/null || return 1
    ! engine_answers || return 0
    is_built && ! needs_private_database && return 1
    refuse_silent_engine
}

refuse_two_databases() {
    die 2 "there are two databases: that of the containers, and a private PostgreSQL in '$data'" \
        "Choose one: write CTI_MODE=docker or CTI_MODE=native into '.env'. How to join them: docs/operate.md, \"Two databases\"."
}

# A key press must not build, start or say anything.
complete_natively() { # ARGS…
    [[ -x $tool ]] || return 0
    if ! is_database_named; then
        locate_cluster
        cluster_is_up || return 0
        DATABASE_URL=$(url_of cti)
        export DATABASE_URL
    fi
    "$tool" "$@" 2>/dev/null || true
}

own_help() {
    cat <<HELP
Commands of run_cli.sh itself:
  setup                   Make the password and the settings of the containers
  db stop|status|psql     The private database of this checkout
  demo [--keep]           A whole run on invented blogs, without the internet
Options of run_cli.sh itself:
  --no-install            Install no packages and build no image; say what is missing
HELP
}

# Only what this script knows is told without a build, a container or a database.
wants_own_help() { # ARGS…
    case ${1:-} in setup | db | demo) ;; *) return 1 ;; esac
    [[ ${2:-} == -h || ${2:-} == --help ]]
}

main() {
    [[ ${1:-} != --no-install ]] || { install_allowed=0; shift; }
    if wants_own_help "$@"; then
        own_help
        return
    fi
    decide_mode "$@"
    if [[ $# == 1 && $1 == @(-h|--help|help) ]]; then own_help && echo; fi
    if [[ $mode == docker ]]; then
        case ${1:-} in
        __complete) shift; complete_in_docker "$@"; exit ;;
        setup) setup; exit ;;
        db) shift; db_in_docker "$@"; exit ;;
        demo) ;; # It needs nothing but this machine.
        *) run_in_docker "$@" ;;
        esac
    fi
    case ${1:-} in
    __complete) complete_natively "$@"; exit ;;
    setup)
        # shellcheck source=deploy/run_in_docker.sh
        source "$root/deploy/run_in_docker.sh"
        setup
        exit
        ;;
    db) shift; db "$@"; exit ;;
    demo) shift; demo "$@"; exit ;;
    esac

    build_release
    find_command "$@"
    # The default file is found from every folder.
    [[ $PWD == "$root" ]] || settings_name config || export SOURCES_CONFIG=${SOURCES_CONFIG:-$root/config/sources.yaml}
    if needs_private_database; then
        locate_cluster
        start_cluster
        prepare_database "$command"
    fi
    exec "$tool" "$@"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
