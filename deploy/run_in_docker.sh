# shellcheck shell=bash
# shellcheck disable=SC2154  # command and install_allowed are run_cli.sh's
# The container mode of run_cli.sh, which sources this file. The tool runs in a container of its own, made after the service
# `cli` of the compose file (its networks, secrets, limits), and started by 'docker start', because 'compose run' loses
# signals and exit codes (v1) or words on stderr. No folder of this machine is writable in there but that of backups, for the
# commands that work on it: the file of -o is written here, from the tool's standard output.
: "${root:?run_cli.sh sources this file}"

# Sets engine_words to what the client says where it does not.
engine_answers() { command -v docker >/dev/null && engine_words=$(docker version --format '{{.Server.Version}}' 2>&1); }

# Without the wish for one or the other nothing is begun: the database of the other way would fill beside it.
refuse_silent_engine() {
    if [[ ${engine_words,,} == *"permission denied"* ]]; then
        die 1 "you may not use the Docker engine of this machine" \
            "Join its group: sudo usermod -aG docker $(id -un), then log in again. To work without containers: CTI_MODE=native."
    fi
    die 1 "the Docker engine does not answer" \
        "Start it: sudo systemctl start docker (and see: docker ps). To work without containers: CTI_MODE=native."
}

# `setup` was here: it is the containers' database that this checkout works with.
# Compose v1 makes folders of secrets that are missing; a folder that is closed to us was made by another user.
is_begun_in_docker() {
    local secrets=$root/.cti/secrets
    [[ -f $secrets/postgres_password || -f $secrets/database_url || (-d $secrets && ! -x $secrets) ]]
}

# The value of a setting, from the environment or from .env, as Compose reads it.
setting() { # NAME
    if [[ -n ${!1:-} ]]; then printf '%s' "${!1}"; else kept_setting "$1"; fi
}
kept_setting() { # NAME: of .env alone
    local line
    [[ -r $root/.env ]] || return 0
    line=$(grep -E "^$1=" "$root/.env" | tail -n 1) || true
    line=${line#*=}
    line=${line#[\"\']}
    printf '%s' "${line%[\"\']}"
}

# As Compose itself makes it of the folder's name.
find_project() { # sets project
    project=$(setting COMPOSE_PROJECT_NAME)
    [[ -n $project ]] || project=$(basename "$root")
    project=${project,,}
    project=${project//[^a-z0-9_-]/}
}

# Of the checkout as it is now, whatever the last setup found.
find_revision() { # sets CTI_REVISION, CTI_SOURCE_DATE_EPOCH where they are not set
    : "${CTI_REVISION:=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || setting CTI_REVISION)}"
    : "${CTI_SOURCE_DATE_EPOCH:=$(git -C "$root" log -1 --format=%ct 2>/dev/null || setting CTI_SOURCE_DATE_EPOCH)}"
}

find_compose() { # sets compose_command
    [[ -z ${compose_command:-} ]] || return 0
    if docker compose version >/dev/null 2>&1; then
        compose_command=(docker compose)
    elif command -v docker-compose >/dev/null; then
        compose_command=(docker-compose)
    else
        die 1 "there is no Compose" "Install it: apt-get install docker-compose (or the plugin docker-compose-plugin)."
    fi
}

compose() { # ARGS…
    find_compose
    compose_here "$@" </dev/null >&2
}

# The same with the terminal of the caller.
compose_here() { # ARGS…
    (
        cd "$root" || exit 1
        export COMPOSE_PROJECT_NAME=$project
        find_revision
        export CTI_REVISION CTI_SOURCE_DATE_EPOCH
        # The .env of an earlier version does not name the file.
        exec env POSTGRES_PASSWORD_FILE="$(password_file)" "${compose_command[@]}" "$@"
    )
}

containers() { # SERVICE FILTER…: the ids of its containers
    local filters=() filter service=$1
    shift
    for filter; do filters+=(--filter "$filter"); done
    docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False "${filters[@]}" || true
}

# shellcheck source=deploy/set_up_docker.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/set_up_docker.sh"

# --- the container of one call -------------------------------------------------------------------

csv_field() { local field=${1//\"/\"\"}; printf '"%s"' "$field"; }

# Every word that names a file becomes a path below /host, where that file alone is mounted, read-only.
use_file() { # FILE: adds to mounts, sets in_container
    local path mount
    path=$(readlink -f -- "$1") || path=$1
    [[ -e $path ]] || { in_container=$1; return; } # The tool says so better.
    in_container=/host$path
    mount="type=bind,readonly,$(csv_field "src=$path"),$(csv_field "dst=$in_container")"
    # CURL_CA_BUNDLE and SSL_CERT_FILE often name the same file, and Docker takes no place twice.
    [[ $'\n'$(printf '%s\n' "${mounts[@]}")$'\n' == *$'\n'"$mount"$'\n'* ]] || mounts+=(--mount "$mount")
}

# What SQLite keeps beside its file would be missing there, and with it what was written last.
use_database() { # FILE
    local path beside
    path=$(readlink -f -- "$1") || path=$1
    for beside in "$path-wal" "$path-journal"; do
        [[ ! -s $beside ]] || die 2 "cannot read '$1': something was being written to it: '$beside' lies beside it" \
            "Stop what writes it, then import a whole copy: sqlite3 FILE '.backup copy.db'"
    done
    use_file "$1"
}

# Backups stay on this machine: what a container wrote into itself would go with it.
use_backup_folder() { # DIR: adds to mounts and arguments
    local path
    mkdir -p -- "$1" || die 7 "the folder '$1' of the backups cannot be made" "Name another one with --dir."
    path=$(readlink -f -- "$1")
    mounts+=(--mount "type=bind,$(csv_field "src=$path"),$(csv_field "dst=/host$path")")
    arguments+=(--dir "/host$path")
}

# Sets arguments, mounts, output (the file of -o), url (--database-url: never on a command line of this machine).
read_arguments() { # ARGS…
    local words=() backups=${CTI_BACKUP_DIR:-backups}
    arguments=() mounts=() output='' url=''
    while (($#)); do
        case $1 in
        --config | --settings | --ca-file | --secrets-file | --encrypt-key | --decrypt-key)
            arguments+=("$1")
            if (($# > 1)); then shift; use_file "$1"; arguments+=("$in_container"); fi
            ;;
        --sqlite)
            arguments+=("$1")
            if (($# > 1)); then shift; use_database "$1"; arguments+=("$in_container"); fi
            ;;
        --sqlite=*) use_database "${1#*=}"; arguments+=("--sqlite=$in_container") ;;
        --config=* | --settings=* | --ca-file=* | --secrets-file=* | --encrypt-key=* | --decrypt-key=*) use_file "${1#*=}"; arguments+=("${1%%=*}=$in_container") ;;
        -o | --output)
            if (($# > 1)); then shift; output=$1; else arguments+=("$1"); fi
            ;;
        --output=*) output=${1#*=} ;;
        -o?*) output=${1#-o} ;;
        --database-url)
            if (($# > 1)); then shift; url=$1; else arguments+=("$1"); fi
            ;;
        --database-url=*) url=${1#*=} ;;
        --dir | --to)
            if (($# > 1)); then shift; backups=$1; else arguments+=("$1"); fi
            ;;
        --dir=* | --to=*) backups=${1#*=} ;;
        --color | --log-format)
            arguments+=("$1")
            if (($# > 1)); then shift; arguments+=("$1"); fi
            ;;
        -*) arguments+=("$1") ;;
        *)
            case "${words[*]}" in # what takes a file
            restore*) # a dump, where there is one; else a backup by its name or label
                if [[ -f $1 ]]; then use_file "$1"; arguments+=("$in_container"); else arguments+=("$1"); fi
                ;;
            inspect\ * | import* | sources\ import*) use_file "$1"; arguments+=("$in_container") ;;
            *) arguments+=("$1") ;;
            esac
            words+=("$1")
            ;;
        esac
        shift
    done
    [[ -z $output || $output == - ]] || arguments+=(--output -)
    case "${words[*]}" in
    backup\ * | restore\ *) [[ " ${arguments[*]} " == *" --help "* ]] || use_backup_folder "$backups" ;;
    esac
}

# What the caller's environment says about the tool goes in; what it says about containers does not.
pass_environment() { # adds to settings
    local name
    for name in $(compgen -e); do
        case $name in
        CTI_MODE | CTI_IMAGE | CTI_DEBIAN | CTI_REVISION | CTI_SOURCE_DATE_EPOCH | CTI_MEMORY | CTI_LISTEN | CTI_STATUS_PORT | \
            CTI_SETTINGS | CTI_SECRETS_FILE | CTI_WEBHOOK_FILE | CTI_WEBHOOK_SECRET_FILE | CTI_BACKUP_ENCRYPT_KEY_FILE | CTI_BACKUP_DECRYPT_KEY_FILE) ;;
        AWS_REGION | AWS_DEFAULT_REGION | AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY | AWS_SESSION_TOKEN) [[ -z ${!name} ]] || settings+=(--env "$name") ;;
        OTEL_EXPORTER_OTLP_ENDPOINT | OTEL_EXPORTER_OTLP_TRACES_ENDPOINT | OTEL_EXPORTER_OTLP_HEADERS | OTEL_SERVICE_NAME | OTEL_SDK_DISABLED | \
            OTEL_TRACES_EXPORTER | WEBSCAN_TELEMETRY_ENDPOINT | TRACEPARENT) [[ -z ${!name} ]] || settings+=(--env "$name") ;;
        CTI_* | NO_COLOR | CLICOLOR_FORCE | DATABASE_URL | TERM) [[ -z ${!name} ]] || settings+=(--env "$name") ;;
        esac
    done
    if [[ -n ${SOURCES_CONFIG:-} ]]; then
        use_file "$SOURCES_CONFIG"
        settings+=(--env "SOURCES_CONFIG=$in_container")
    fi
    for name in DATABASE_URL_FILE CTI_SETTINGS CTI_SECRETS_FILE CTI_WEBHOOK_FILE CTI_WEBHOOK_SECRET_FILE CTI_BACKUP_ENCRYPT_KEY_FILE \
        CTI_BACKUP_DECRYPT_KEY_FILE AWS_ACCESS_KEY_ID_FILE AWS_SECRET_ACCESS_KEY_FILE AWS_SESSION_TOKEN_FILE AWS_CA_BUNDLE OTEL_EXPORTER_OTLP_HEADERS_FILE; do
        if [[ -n ${!name:-} ]]; then
            use_file "${!name}"
            settings+=(--env "$name=$in_container")
        fi
    done
}

# One line a flag.
template_flags() { # CONTAINER
    docker inspect --format '{{with .HostConfig}}--memory={{.Memory}}
--cpus={{.NanoCpus}}e-9
--pids-limit={{.PidsLimit}}
{{if .ReadonlyRootfs}}--read-only
{{end}}{{range .CapDrop}}--cap-drop={{.}}
{{end}}{{range .Ulimits}}--ulimit={{.Name}}={{.Soft}}:{{.Hard}}
{{end}}{{range .SecurityOpt}}--security-opt={{.}}
{{end}}{{range $path, $options := .Tmpfs}}--tmpfs={{$path}}:{{$options}}
{{end}}{{end}}{{range .Config.Env}}--env={{.}}
{{end}}{{range .Mounts}}{{if ne .Type "tmpfs"}}--volume={{.Source}}:{{.Destination}}:{{if .RW}}rw{{else}}ro{{end}}
{{end}}{{end}}--user={{.Config.User}}
--label=com.docker.compose.project={{index .Config.Labels "com.docker.compose.project"}}
--label=com.docker.compose.service=cli
--label=com.docker.compose.oneoff=True
image={{.Config.Image}}
{{range $name, $_ := .NetworkSettings.Networks}}network={{$name}}
{{end}}' "$1"
}

create_container() { # STDIN TERMINAL ARGS…: sets container
    local flags=() networks=() line image='' settings=()
    local stdin=$1 terminal=$2
    shift 2
    while read -r line; do
        case $line in
        image=*) image=${line#*=} ;;
        network=*) networks+=("${line#*=}") ;;
        --cpus=*) flags+=("--cpus=$(cpus_of "${line#*=}")") ;;
        ?*) flags+=("$line") ;;
        esac
    done <"$template"
    pass_environment
    ((EUID == 0)) || flags+=("--user=$EUID:$(id -g)")
    ((!stdin)) || flags+=(--interactive)
    ((!terminal)) || flags+=(--tty)
    [[ -z ${url:-} ]] || local -x DATABASE_URL=$url
    [[ -z ${url:-} ]] || settings+=(--env DATABASE_URL)
    container=$(docker create --no-healthcheck --log-driver none --network "${networks[0]}" "${flags[@]}" "${settings[@]}" "${mounts[@]}" "$image" "$@") ||
        die 1 "the container could not be made" "Docker's own messages stand above."
    for line in "${networks[@]:1}"; do docker network connect "$line" "$container"; done
}

cpus_of() { # "1500000000e-9" -> 1.500
    local nano=${1%e-9}
    printf '%d.%03d' $((nano / 1000000000)) $((nano / 1000000 % 1000))
}

wants_stdin() { # ARGS…
    local word
    [[ $command != inspect && $command != sources ]] || return 0
    for word; do [[ $word != - ]] || return 0; done
    return 1
}

# Starts the container and waits for its end. Signals go to the tool once, by the engine: its client stands in a session of
# its own, where Ctrl-C of the terminal does not reach it too. Sets status to the tool's exit code.
run_container() { # STDIN TERMINAL FILE: FILE gets stdout, where it is given
    local client
    exec 3<&0
    trap 'docker kill --signal INT "$container" >/dev/null 2>&1' INT
    trap 'docker kill --signal TERM "$container" >/dev/null 2>&1' TERM
    if (($2)); then
        docker start -a -i "$container" <&3 &
    elif [[ -n $3 ]]; then
        start_apart "$1" >"$3" &
    else
        start_apart "$1" | pass_on &
    fi
    client=$!
    exec 3<&-
    while kill -0 "$client" 2>/dev/null; do wait "$client" || true; done # A trap ends a wait early.
    status=$(docker wait "$container") || status=1
    docker rm -f "$container" >/dev/null
    [[ $status != 137 || ! -e $root/.cti/gone-$container ]] || { status=0 && rm -f "$root/.cti/gone-$container"; }
}

start_apart() { # STDIN
    if (($1)); then
        exec setsid docker start -a -i "$container" <&3 3<&-
    else
        exec setsid docker start -a "$container" </dev/null 3<&-
    fi
}

# A reader that has gone away (| head) is no error and no reason to go on.
pass_on() {
    cat 2>/dev/null && return
    : >"$root/.cti/gone-$container"
    docker kill "$container" >/dev/null 2>&1 || true
    cat >/dev/null
}

# The file appears complete or not at all.
run_into_file() { # STDIN FILE
    local temporary status=0
    [[ -d $(dirname -- "$2") ]] || die 7 "cannot write '$2': no such folder"
    temporary=$(mktemp -- "$(dirname -- "$2")/.$(basename -- "$2").XXXXXX") || die 7 "cannot write '$2'"
    chmod "$(printf '%o' $((0666 & ~0$(umask))))" "$temporary"
    create_container "$1" 0 "${arguments[@]}"
    run_container "$1" 0 "$temporary"
    if ((status == 0)); then
        { sync "$temporary" && mv -f -- "$temporary" "$2"; } || { rm -f "$temporary"; die 7 "cannot write '$2'"; }
    else
        rm -f "$temporary"
    fi
    exit "$status"
}

run_in_docker() { # ARGS…
    local template container stdin=0 terminal=0 status=0
    need_engine
    find_command "$@"
    is_set_up || setup
    find_template
    read_arguments "$@"
    if needs_compose_database; then
        start_database
        prepare_container_database "$command"
    fi
    ! wants_stdin "${arguments[@]}" || stdin=1
    [[ -z $output || $output == - ]] || run_into_file "$stdin" "$output"
    [[ ! -t 0 || ! -t 1 || ! -t 2 ]] || stdin=1 terminal=1
    create_container "$stdin" "$terminal" "${arguments[@]}"
    run_container "$stdin" "$terminal" ''
    exit "$status"
}

needs_compose_database() {
    [[ -z ${url:-}${DATABASE_URL:-}${DATABASE_URL_FILE:-} ]] || return 1
    case $command in '' | help | version | inspect | completion | settings) return 1 ;; esac
    grep -qx -e --env=POSTGRES_HOST=postgres "$template"
}

# --- db, and the completion of the shell ---------------------------------------------------------

db_in_docker() { # status|stop|psql [ARGS…]
    local id
    need_engine
    id=$(containers postgres | head -n 1)
    case ${1:-} in
    status)
        [[ -n $id ]] || { echo "not running"; return 4; }
        echo "running: container ${id:0:12}, project $project"
        ;;
    stop) compose stop postgres ;;
    psql)
        shift
        is_set_up || setup
        start_database
        id=$(containers postgres | head -n 1)
        local terminal=(-i)
        [[ ! -t 0 || ! -t 1 ]] || terminal+=(-t)
        # shellcheck disable=SC2016  # the shell in the container knows its user and database
        exec docker exec "${terminal[@]}" "$id" sh -c 'exec psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" "$@"' psql "$@"
        ;;
    *) die 2 "unknown database command '${1:-}'" "Use 'db stop', 'db status' or 'db psql'." ;;
    esac
}

# A key press must not start anything: a monitor that runs is asked, else there is no answer.
complete_in_docker() { # KIND
    local id
    id=$(containers monitor status=running 2>/dev/null | head -n 1)
    [[ -z $id ]] || timeout 2 docker exec "$id" cti __complete "$@" 2>/dev/null || true
}
