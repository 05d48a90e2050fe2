#!/usr/bin/env bash
# Starts cti and its PostgreSQL in containers, waits until all is healthy, and says what to do next. Twice in a row is fine.
#
#   ./start_production.sh [--build] [--migrate] [--logs] [--replicas N] | --stop
#     --build       build the image anew first
#     --migrate     bring the tables up to date in a step of its own first
#     --logs        follow the logs at the end; Ctrl-C ends that, not the services
#     --replicas N  so many monitors, which share the sources
#     --stop        stop all; the data stays
set -euo pipefail
# shellcheck source=deploy/environment.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/deploy/environment.sh"

say_what_next() {
    say "  sources         ./run_cli.sh init          (those of config/sources.yaml)"
    say "  health          http://127.0.0.1:$(status_port)/health"
    say "  articles        ./run_cli.sh latest"
    say "  stop            ./start_production.sh --stop"
}

run_start_script production "$@"
