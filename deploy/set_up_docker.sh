# shellcheck shell=bash
# shellcheck disable=SC2154  # root, project and others are run_cli.sh's and run_in_docker.sh's
# What run_in_docker.sh needs before it can run a container: the settings that 'setup' keeps, the image, the database.
: "${root:?run_in_docker.sh sources this file}"

# --- setup ---------------------------------------------------------------------------------------

own_password_file=./.cti/secrets/postgres_password

password_file() {
    local file
    file=$(setting POSTGRES_PASSWORD_FILE)
    [[ -n $file ]] || file=$own_password_file
    [[ $file == /* ]] || file=$root/${file#./}
    printf '%s' "$file"
}

# Compose v1 makes a folder where the file of a secret is missing.
is_attached() { [[ $(setting COMPOSE_FILE) == *attach* ]]; }
is_set_up() {
    local address
    if is_attached; then
        address=$(setting DATABASE_URL_FILE)
        address=${address:-$root/.cti/secrets/database_url}
        [[ -f $address ]] || die 2 "'$address' is missing" "Write the address of the web service's database into it, see deploy/attach-web-service.md."
        return
    fi
    [[ -s $(password_file) && -f $(password_file) ]]
}

setup() {
    local file
    refuse_second_database
    file=$(password_file)
    if is_set_up; then
        say "the password in '$file' is kept"
    else
        [[ $file == "$root/${own_password_file#./}" ]] || die 2 "'$file', which POSTGRES_PASSWORD_FILE names, is missing or empty"
        make_password "$file"
    fi
    if [[ ! -e $root/.env ]]; then
        cp "$root/deploy/env.example" "$root/.env"
        say "wrote '.env': the settings of the containers"
    fi
    pin_mode
    tell_compose
    say "ready; start it: docker compose up -d --wait; then see http://127.0.0.1:$(status_port)"
}

status_port() {
    local port
    port=$(setting CTI_STATUS_PORT)
    printf '%s' "${port:-8080}"
}

# Whoever began natively has a database already, which would stay behind unseen.
refuse_second_database() {
    [[ $(setting CTI_MODE) != docker ]] || return 0
    locate_cluster
    [[ ! -e $data/PG_VERSION ]] || die 2 "this checkout works natively, with the private PostgreSQL in '$data'" \
        "To go over to containers: CTI_MODE=docker ./run_cli.sh setup. Its articles stay where they are: docs/operate.md, \"Two databases\"."
}

# What Compose cannot know by itself, for who calls it without this script.
tell_compose() {
    [[ -n $(kept_setting POSTGRES_PASSWORD_FILE) ]] ||
        keep_setting POSTGRES_PASSWORD_FILE "${POSTGRES_PASSWORD_FILE:-$own_password_file}"
    find_revision
    [[ -z $CTI_REVISION ]] || keep_setting CTI_REVISION "$CTI_REVISION"
    [[ -z $CTI_SOURCE_DATE_EPOCH ]] || keep_setting CTI_SOURCE_DATE_EPOCH "$CTI_SOURCE_DATE_EPOCH"
}

# In place of what .env says of it; the others stay where they are.
keep_setting() { # NAME VALUE
    [[ $(kept_setting "$1") != "$2" ]] || return 0
    sed -i "/^$1=/d" "$root/.env"
    [[ -z $(tail -c 1 "$root/.env") ]] || echo >>"$root/.env"
    echo "$1=$2" >>"$root/.env"
}

# From now on an engine that does not answer is an error, not a reason to begin another database.
pin_mode() {
    [[ -z $(kept_setting CTI_MODE) ]] || return 0
    keep_setting CTI_MODE docker
    say "wrote CTI_MODE=docker into '.env': this checkout works in containers"
}

# The folder is closed to others; the file itself must be readable for the users in the containers.
make_password() { # FILE
    local password
    install -d -m 0755 "$root/.cti"
    install -d -m 0700 "${1%/*}"
    [[ ! -d $1 ]] || rmdir "$1"
    password=$(setting POSTGRES_PASSWORD)
    [[ -n $password ]] || password=$(head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
    printf '%s' "$password" >"$1.new"
    chmod 0444 "$1.new"
    mv "$1.new" "$1"
    say "made a password for the database: '$1'"
}

# --- what must be there before the tool ----------------------------------------------------------

need_engine() {
    command -v docker >/dev/null || die 1 "there is no Docker on this machine" "Install it (apt-get install docker.io), or set CTI_MODE=native."
    engine_answers || refuse_silent_engine
}

build_image() { # only where it is missing: a newer one is made by 'docker compose build'
    local image
    image=$(setting CTI_IMAGE)
    ! docker image inspect "${image:-cti:latest}" >/dev/null 2>&1 || return 0
    ((install_allowed)) || die 2 "there is no image '${image:-cti:latest}'" "Build it: docker compose build"
    say "building the image '${image:-cti:latest}' (takes some minutes)"
    if [[ -t 2 ]]; then
        compose build || die 1 "the image could not be built" "The messages stand above."
    else
        compose build 2>"$root/.cti/image.log" ||
            { tail -n 20 "$root/.cti/image.log" >&2; die 1 "the image could not be built" "The whole log is in '.cti/image.log'."; }
    fi
}

# What Compose makes of its files and settings for the service `cli`, as flags for containers of our own. It is read off a
# container that is never started, and which does not stay: 'docker compose down' would leave it behind.
find_template() { # sets template, a file
    local id
    template=$root/.cti/template-$project
    ! is_template_good || return 0
    build_image
    quietly compose up --no-start --no-deps --force-recreate cli || die 1 "the container could not be made" "See 'docker compose config'."
    id=$(containers cli status=created | head -n 1)
    [[ -n $id ]] || die 1 "the compose file has no service 'cli'"
    template_flags "$id" >"$template.new"
    docker rm "$id" >/dev/null
    mv "$template.new" "$template"
}

# Newer than what it was made of; its networks are gone after a 'down'.
is_template_good() {
    local file networks
    [[ -s $template ]] || return 1
    for file in "$root"/docker-compose*.yml "$root/.env" "$root/.cti/secrets"; do
        [[ ! -e $file || $template -nt $file ]] || return 1
    done
    mapfile -t networks < <(sed -n 's/^network=//p' "$template")
    docker network inspect "${networks[@]}" >/dev/null 2>&1
}

quietly() { # CMD…: its words only when it fails
    local words
    words=$("$@" 2>&1) || { printf '%s\n' "$words" >&2; return 1; }
}

start_database() {
    local id i
    [[ -z $(containers postgres health=healthy) ]] || return 0
    say "starting the database"
    quietly compose up -d postgres || die 4 "the database does not start" "See: docker compose logs postgres"
    for ((i = 0; i < 240; i++)); do
        id=$(containers postgres health=healthy)
        [[ -z $id ]] || return 0
        sleep 0.5
    done
    die 4 "the database is not ready after 120 s" "See: docker compose logs postgres"
}

# A new volume has no sources yet. Whoever says 'init' has a file in mind: ours is not loaded before it.
prepare_container_database() { # COMMAND
    local mark=$root/.cti/ready-$project made
    made=$(docker volume inspect --format '{{.CreatedAt}}' "${project}_postgres_data" 2>/dev/null || echo unknown)
    [[ ! -e $mark || $(<"$mark") != "$made" ]] || return 0
    if [[ $1 != init ]]; then
        say "making the database ready and loading 'config/sources.yaml'"
        local status=0
        create_container 0 0 init
        run_container 0 0 '' >&2
        ((status == 0)) || exit "$status"
    fi
    printf '%s' "$made" >"$mark"
}
