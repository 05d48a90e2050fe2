#!/usr/bin/env bash
# Starts the environment for work on cti itself, beside production: a database of its own that this machine reaches, debug messages,
# invented blogs to collect from. Waits until all is healthy. After a change of the code: --build.
#
#   ./start_development.sh [--build] [--migrate] [--logs] | --stop
#     --build    build the images anew first
#     --migrate  bring the tables up to date in a step of its own first
#     --logs     follow the logs at the end; Ctrl-C ends that, not the services
#     --stop     stop all; the data stays
set -euo pipefail
# shellcheck source=deploy/environment.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/deploy/environment.sh"

say_what_next() {
    say "  sources         make seed                  (six invented blogs)"
    say "  health          http://127.0.0.1:$CTI_STATUS_PORT/health"
    say "  database        make dev-db-shell          (also 127.0.0.1:${POSTGRES_PORT:-5433})"
    say "  logs            make dev-logs"
    say "  stop            ./start_development.sh --stop"
}

run_start_script development "$@"
