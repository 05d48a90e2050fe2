#!/usr/bin/env bash
# Makes what the profiles `proxy` and `monitoring` of docker-compose.yml need and what is not there yet; twice in a row is fine.
#
#   deploy/prepare_profiles.sh [HOST…]
#
# .cti/tls/certificate.pem and key.pem: a certificate that signs itself, for the names HOST (localhost), good for a trial. Put one of
# your own in its place, or name it by CTI_TLS_CERTIFICATE and CTI_TLS_KEY.
# .cti/secrets/grafana_password: the password of Grafana's first user, 'admin'.
set -euo pipefail
# shellcheck source=deploy/environment.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/environment.sh"

# Both are read by users of containers; the folders are closed to others.
make_certificate() { # FOLDER HOST…
    local folder=$1 names='' host
    shift
    for host; do
        [[ $host =~ ^[A-Za-z0-9.:-]+$ ]] || die 2 "'$host' is no name of a host"
        if [[ $host =~ ^[0-9.]+$|: ]]; then names+=,IP:$host; else names+=,DNS:$host; fi
    done
    command -v openssl >/dev/null || die 1 "there is no openssl on this machine" "Install it: apt-get install openssl"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$1" \
        -addext "subjectAltName=${names#,}" -keyout "$folder/key.pem.new" -out "$folder/certificate.pem.new" 2>/dev/null ||
        die 1 "the certificate could not be made" "See: openssl version"
    chmod 0444 "$folder/key.pem.new" "$folder/certificate.pem.new"
    mv "$folder/key.pem.new" "$folder/key.pem"
    mv "$folder/certificate.pem.new" "$folder/certificate.pem"
}

prepare() { # HOST…
    local tls=$root/.cti/tls secrets=$root/.cti/secrets
    install -d -m 0755 "$root/.cti"
    install -d -m 0700 "$tls" "$secrets"
    if [[ -s $tls/key.pem && -s $tls/certificate.pem ]]; then
        say "the certificate '$tls/certificate.pem' is kept"
    else
        make_certificate "$tls" "${@:-localhost}"
        say "made a certificate that signs itself: '$tls/certificate.pem'"
    fi
    if [[ -s $secrets/grafana_password ]]; then
        say "the password in '$secrets/grafana_password' is kept"
    else
        head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$secrets/grafana_password.new"
        chmod 0444 "$secrets/grafana_password.new"
        mv "$secrets/grafana_password.new" "$secrets/grafana_password"
        say "made a password for 'admin' of Grafana: '$secrets/grafana_password'"
    fi
}

case ${1:-} in
-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0" ;;
-*) die 2 "unknown option '$1'" "See: ${0##*/} --help" ;;
*) prepare "$@" ;;
esac
