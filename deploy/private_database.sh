# shellcheck shell=bash
# shellcheck disable=SC2154  # command and install_allowed are run_cli.sh's
# The private database of a checkout: a PostgreSQL of its own on a socket, made where none is named. run_cli.sh and tests/run.sh
# source this file.
: "${root:?run_cli.sh sources this file}"

# Sets base, data and socket: where the cluster of this checkout lives. PostgreSQL refuses to run as root;
# root's cluster belongs to the system's user postgres.
locate_cluster() {
    base=$root/.cti
    if ((EUID == 0)) && [[ ! -d $base/pgdata ]]; then
        base=$(cluster_base_for_root)
    fi
    data=$base/pgdata socket=$base/run
    # The path of a unix socket has room for 107 bytes. Nobody but root can put something in our way in /run.
    ((${#socket} <= 90)) || if ((EUID == 0)); then socket=/run/cti-$(path_hash); else socket=/tmp/cti-$EUID-$(path_hash); fi
}

path_hash() { printf '%s' "$root" | sha256sum | cut -c1-12; }

# Root's home is closed to the user postgres; the data then lives where that user's data always does.
cluster_base_for_root() {
    local elsewhere
    elsewhere=/var/lib/postgresql/cti-$(path_hash)
    if [[ ! -d $elsewhere/pgdata ]] && getent passwd postgres >/dev/null && as_owner test -x "$root"; then
        echo "$root/.cti"
    else
        echo "$elsewhere"
    fi
}

as_owner() { # CMD…: as the user that owns the cluster, without our lock, in a folder that this user may enter
    (
        cd "${owner_folder:-/}" || exit
        [[ -z ${lock_fd:-} ]] || exec {lock_fd}>&-
        if ((EUID == 0)); then exec runuser -u postgres -- "$@"; else exec "$@"; fi
    )
}

owned_dir() { # DIR: made for the owner of the cluster, closed to everybody else
    if ((EUID == 0)); then
        install -d -m 0700 -o postgres "$1"
    else
        [[ ! -L $1 ]] || die 1 "'$1' is a symbolic link"
        [[ ! -e $1 || -O $1 ]] || die 1 "'$1' belongs to another user"
        install -d -m 0700 "$1"
    fi
}

pg() { # TOOL ARGS…: a server program, of the version that the data was made by
    local version=
    [[ ! -e $data/PG_VERSION ]] || read -r version <"$data/PG_VERSION"
    local program
    program=$(compgen -G "/usr/lib/postgresql/${version:-*}/bin/$1" | sort -V | tail -n 1) ||
        die 1 "PostgreSQL ${version:-} is not installed" "The data in '$data' was made by this version."
    shift
    as_owner "$program" "$@"
}

# Called beside the data and with a relative path: pg_ctl puts the path between double quotes for a shell.
pg_ctl() {
    local owner_folder=$base
    pg pg_ctl -D pgdata -w -t 60 -s "$@" </dev/null
}

# No process is started for these two answers: every call of the tool asks them.
server_runs() { # sets server_state to what the server says of itself
    local lines
    [[ -r $data/postmaster.pid ]] || return 1
    mapfile -t lines <"$data/postmaster.pid"
    server_state=${lines[7]:-}
    # A dead server's number may belong to another process by now; only a server works in this folder.
    [[ /proc/${lines[0]:-none}/cwd -ef $data ]] || began_at "${lines[0]:-none}" "${lines[2]:-0}"
}
# began_at PID SECONDS: where root may not see in which folder a process of another user works, as in a container without
# CAP_SYS_PTRACE: whether it began when the file says, and lives.
began_at() {
    local stat fields name value ticks_a_second=100
    [[ ! -e /proc/$1/cwd ]] && read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
    read -r -a fields <<<"${stat##*) }" # from the third field on, which is the state; the 22nd is the start, in ticks since boot
    [[ ${fields[0]} != [ZX] ]] || return 1
    while read -r name value _; do [[ $name != btime ]] || break; done </proc/stat
    value=$((value + fields[19] / ticks_a_second - $2))
    ((value >= -2 && value <= 2))
}
cluster_is_up() { [[ -S $socket/.s.PGSQL.5432 ]] && server_runs && [[ $server_state == ready* ]]; }

# PostgreSQL does not start while the number of its dead predecessor is somebody else's, or a zombie's. A number that
# no process can have lets it start, and leaves it its own check that no worker of the dead one is still at the data.
forget_dead_server() {
    local file
    server_runs && return
    for file in "$data/postmaster.pid" "$socket/.s.PGSQL.5432.lock"; do
        [[ ! -e $file ]] || as_owner sed -i '1s/.*/2147483646/' "$file"
    done
}

create_cluster() {
    say "creating a private PostgreSQL in '$data'"
    rm -rf "$data.new" "$base/ready"
    mkdir -p "$base"
    owned_dir "$data.new"
    # Everyone who can open the socket is trusted; its folder is closed to all but the owner.
    pg initdb -D "$data.new" -U cti --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$base/initdb.log" 2>&1 ||
        { cat "$base/initdb.log" >&2 || true; die 1 "'initdb' failed"; }
    echo "include 'cti.conf'" | as_owner tee -a "$data.new/postgresql.conf" >/dev/null
    mv "$data.new" "$data"
}

# Written at every start, because the checkout may have been moved.
configure_cluster() {
    local quoted=${socket//\"/\"\"}
    as_owner tee "$data/cti.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '"${quoted//\'/\'\'}"'
unix_socket_permissions = 0700
port = 5432
timezone = 'UTC'
log_timezone = 'UTC'
CONF
}

start_cluster() {
    cluster_is_up && return
    lock
    if ! cluster_is_up; then
        install_packages "${packages_database[@]}"
        locate_cluster # the user postgres may be new
        [[ -e $data/PG_VERSION ]] || create_cluster
        owned_dir "$socket"
        say "starting the private PostgreSQL"
        # Running and yet not to be reached: its socket was swept away.
        if server_runs; then pg_ctl -m fast stop >&2 || true; fi
        forget_dead_server
        configure_cluster
        pg_ctl -l pgdata/server.log start >/dev/null 2>&1 ||
            { tail -n 10 "$data/server.log" >&2 || true; die 4 "the private PostgreSQL does not start" "Its log is '$data/server.log'."; }
        [[ $(query "SELECT count(*) FROM pg_database WHERE datname = 'cti'") == 1 ]] || query 'CREATE DATABASE cti' >&2
    fi
    unlock
}

query() { psql -X -q -At -v ON_ERROR_STOP=1 -c "$1" "$(url_of postgres)" </dev/null; }

url_of() { # DATABASE: of the private cluster
    local LC_ALL=C path='' i char
    for ((i = 0; i < ${#socket}; i++)); do
        char=${socket:i:1}
        [[ $char == [A-Za-z0-9/._-] ]] || printf -v char '%%%02X' "'$char"
        path+=$char
    done
    printf 'postgresql:///%s?host=%s&port=5432&user=cti' "$1" "$path"
}

# The first use fills the database; later calls ask nothing of it.
prepare_database() { # COMMAND
    export DATABASE_URL
    DATABASE_URL=$(url_of cti)
    [[ ! -e $base/ready ]] || return 0
    lock
    if [[ ! -e $base/ready ]]; then
        # Whoever says 'init' has a file in mind: ours is not loaded before it.
        if [[ $1 != init ]]; then
            say "making the database ready and loading '${SOURCES_CONFIG:-config/sources.yaml}'"
            "$tool" init >&2 {lock_fd}>&- || exit $?
        fi
        : >"$base/ready"
    fi
    unlock
}
