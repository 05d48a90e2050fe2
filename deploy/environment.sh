#!/usr/bin/env bash
# One of the two environments of containers: development beside production, with a project, volumes and ports of its own.
# start_development.sh and start_production.sh source this file.
#
#   deploy/environment.sh development|production ARGS…      docker compose, for that environment
#   deploy/environment.sh development seed                  the sources of the lab, into its database
#   deploy/environment.sh production llm                    Ollama, with the model LLM_MODEL (mistral)
# shellcheck disable=SC2154  # root and project are run_cli.sh's and run_in_docker.sh's
set -euo pipefail
# shellcheck source=run_cli.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../run_cli.sh"
# shellcheck source=deploy/run_in_docker.sh
source "$root/deploy/run_in_docker.sh"

start_wait_s=${CTI_START_WAIT:-300} # The first start makes a cluster; a slow disk needs a minute for that.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    printf '%s: error: %s\n' "${0##*/}" "$2" >&2
    [[ -z ${3:-} ]] || printf '%s: hint: %s\n' "${0##*/}" "$3" >&2
    exit "$1"
}

use_environment() { # development|production: sets kind, project
    kind=$1
    case $kind in
    production) find_project ;;
    development)
        find_project
        project+=-dev
        export COMPOSE_FILE=docker-compose.yml:docker-compose.dev.yml
        # Beside production, which has 8080.
        CTI_STATUS_PORT=${CTI_DEV_STATUS_PORT:-8081} CTI_IMAGE=${CTI_DEV_IMAGE:-cti:dev}
        export CTI_STATUS_PORT CTI_IMAGE
        ;;
    *) die 2 "unknown environment '$kind'" "It is 'development' or 'production'." ;;
    esac
    need_engine
    is_set_up || setup
    find_compose
}

# --- waiting -------------------------------------------------------------------------------------

# "SERVICE STATE HEALTH EXIT" of each container of the project; health is "none" where nobody looks after it.
container_states() {
    local ids
    mapfile -t ids < <(docker ps -aq --filter "label=com.docker.compose.project=$project" \
        --filter label=com.docker.compose.oneoff=False)
    ((${#ids[@]})) || return 0
    docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.State.ExitCode}}' "${ids[@]}"
}

# Sets waiting_for. Ends with the one that will not come; what ended with 0 has done its work, as 'migrate' has.
look_at_services() {
    local service state health code
    waiting_for='' service_count=0
    while read -r service state health code; do
        ((++service_count))
        case $state:$health in
        exited:* | dead:*) [[ $code == 0 ]] || refuse_ended "$service" "$code" ;;
        running:unhealthy) die 1 "the service '$service' is not well" "See: $(log_command "$service")" ;;
        running:healthy | running:none) ;;
        *) waiting_for+=" $service" ;;
        esac
    done < <(container_states)
    ((service_count)) || waiting_for=' the first service'
}

refuse_ended() { # SERVICE CODE
    [[ $2 != 137 ]] || die 1 "the service '$1' was killed (exit 137): most often the memory did not suffice" \
        "Give it more by CTI_MEMORY or POSTGRES_MEMORY in '.env', and see: $(log_command "$1")"
    die 1 "the service '$1' ended with exit code $2" "See: $(log_command "$1")"
}

log_command() { printf 'deploy/environment.sh %s logs %s' "$kind" "$1"; }

wait_until_healthy() {
    local begun=$SECONDS told=0
    while look_at_services && [[ -n $waiting_for ]]; do
        ((SECONDS - begun < start_wait_s)) ||
            die 1 "not ready after $start_wait_s s: still waiting for$waiting_for" "See: $(log_command "${waiting_for##* }")"
        if ((SECONDS - begun >= 10 * (told + 1))); then
            say "waiting for$waiting_for"
            ((++told))
        fi
        sleep 1
    done
}

# --- what both scripts do ------------------------------------------------------------------------

parse_start_arguments() { # ARGS…: sets build, migrate, logs, stop, replicas
    build=0 migrate=0 logs=0 stop=0 replicas=''
    while (($#)); do
        case $1 in
        --build) build=1 ;;
        --migrate) migrate=1 ;;
        --logs) logs=1 ;;
        --stop) stop=1 ;;
        --replicas)
            replicas=${2:-}
            [[ $replicas =~ ^[1-9][0-9]?$ ]] ||
                die 2 "--replicas must be a number from 1 to 99, not '$replicas'" "As in: make prod-scale REPLICAS=3"
            shift
            ;;
        -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) die 2 "unknown option '$1'" "See: ${0##*/} --help" ;;
        esac
        shift
    done
    ((!stop || !(build || migrate || logs))) || die 2 "--stop stands alone"
}

# A port for each monitor, where no range is set.
choose_ports() {
    local first
    [[ -n $replicas ]] || return 0
    first=$(status_port)
    [[ $first == *-* || $replicas == 1 ]] || export CTI_STATUS_PORT=$first-$((first + replicas - 1))
}

run_start_script() { # development|production ARGS…
    local environment=$1 up=(up -d --remove-orphans)
    shift
    parse_start_arguments "$@"
    use_environment "$environment"
    if ((stop)); then
        compose stop
        say "stopped; the data stays in its volumes"
        return
    fi
    ((!build)) || compose build || die 1 "the image could not be built" "The messages stand above."
    ((!migrate)) || compose run --rm migrate || die 6 "the tables could not be brought up to date" "See: $(log_command migrate)"
    choose_ports
    [[ -z $replicas ]] || up+=(--scale "monitor=$replicas")
    compose "${up[@]}" || die 1 "the services do not start" "The messages stand above."
    wait_until_healthy
    say "all is healthy: $service_count containers of '$project'"
    say_what_next
    ((!logs)) || compose_here logs -f --tail 50
}

# Into the database of development, over standard input: no file of this machine is needed.
seed() {
    compose_here run --rm -T lab sources </dev/null | compose_here run --rm -T cli sources import -
}

# The model is some gigabytes; a second call finds it there.
start_model() {
    local model
    model=$(setting LLM_MODEL)
    compose --profile llm up -d ollama || die 1 "Ollama does not start" "The messages stand above."
    wait_until_healthy
    compose_here exec -T ollama ollama pull "${model:-mistral}" </dev/null || die 1 "the model '${model:-mistral}' could not be had" "See: $(log_command ollama)"
    say "ready; write LLM_API_URL=http://cti_ollama:11434 into '.env', then: ./run_cli.sh analyze --since 7d --dry-run"
}

main_of_environment() {
    case ${1:-} in
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    '') die 2 "which environment?" "deploy/environment.sh development|production ARGS…" ;;
    esac
    use_environment "$1"
    shift
    case $kind:${1:-} in
    development:seed) seed ;;
    *:llm) start_model ;;
    *) compose_here "$@" ;;
    esac
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main_of_environment "$@"
