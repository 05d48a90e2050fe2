#!/usr/bin/env bash
# Builds cti from /src, runs it, and does both again whenever a source is written. What does not build leaves the last one running.
# The entry point of the stage `dev` of the Dockerfile; its arguments are cti's. Works without a container too:
#
#   CTI_WATCH_SOURCE=. CTI_WATCH_BUILD=build/watch deploy/watch.sh monitor
set -uo pipefail
source_folder=${CTI_WATCH_SOURCE:-/src} build_folder=${CTI_WATCH_BUILD:-/build}
running=''

say() { printf 'watch: %s\n' "$*" >&2; }

build() {
    local launcher=()
    ! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    [[ -e $build_folder/build.ninja ]] ||
        cmake -S "$source_folder" -B "$build_folder" -G Ninja -DCMAKE_BUILD_TYPE=Debug "${launcher[@]}" >&2 || return
    cmake --build "$build_folder" --parallel "${JOBS:-$(nproc)}" --target cti >&2
}

stop() {
    [[ -n $running ]] || return 0
    kill -TERM "$running" 2>/dev/null
    wait "$running"
    running=''
}

# The program may be written anew while it runs: a copy is started.
start() { # ARGS…
    cp -f "$build_folder/cli/cti" "$build_folder/cti.running" || return
    "$build_folder/cti.running" "$@" &
    running=$!
    say "started: cti $*"
}

# Ends with the first change. The watch begins before the build does, so that no change is lost in between.
begin_watching() {
    exec {changes}< <(exec inotifywait -m -q -r -e close_write,create,delete,move --format %w%f \
        "$source_folder"/{CMakeLists.txt,core,cli,config,sql,deploy/revision.cmake} 2>&1)
    watcher=$!
}

wait_for_change() {
    local file
    read -r -u "$changes" file || { say "error: the watch has ended"; end 1; }
    say "changed: ${file#"$source_folder"/}"
    while read -r -t 0.3 -u "$changes" file; do :; done # An editor, or git, writes many at once.
}

# By the shell's own list: a signal may come before the number of what was just started is noted.
end() { # CODE
    local pids
    trap '' TERM INT
    mapfile -t pids < <(jobs -p)
    ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null
    kill "$watcher" 2>/dev/null
    wait
    exit "$1"
}
trap 'end 143' TERM
trap 'end 130' INT
command -v inotifywait >/dev/null || { say "error: there is no inotifywait; install inotify-tools"; exit 1; }
begin_watching
while :; do
    if build; then
        stop
        start "$@"
    else
        say "it does not build; waiting for the next change"
    fi
    wait_for_change
done
