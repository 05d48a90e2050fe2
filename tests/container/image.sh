# shellcheck shell=bash
# shellcheck disable=SC2154  # here, image, debian, work are run.sh's
# What the image must be, for tests/container/run.sh, which sources this file.
: "${here:?run.sh sources this file}"

build() { # BUILDKIT TAG [FLAG…]
    local buildkit=$1 tag=$2
    shift 2
    DOCKER_BUILDKIT=$buildkit docker build --quiet --build-arg "DEBIAN=$debian" --build-arg "REVISION=$(revision)" \
        --build-arg "SOURCE_DATE_EPOCH=$(epoch)" ${JOBS:+--build-arg "JOBS=$JOBS"} -t "$tag" "$@" "$copy"
}

image_is_small() {
    # Debian 12's libxml2 brings 36 MB of ICU, which nothing here needs; Debian 13's does not.
    local size limit=130000000
    [[ $debian != bookworm ]] || limit=145000000
    size=$(docker image inspect --format '{{.Size}}' "$image")
    echo "the image has $((size / 1000000)) MB"
    ((size < limit))
}

image_settings() {
    equals "$(docker image inspect --format '{{json .Config.Entrypoint}} {{.Config.User}} {{json .Config.Healthcheck.Test}}' "$image")" \
        '["cti"] 10001:10001 ["CMD","cti","healthcheck"]'
    equals "$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$image")" "$CTI_REVISION"
}

image_holds_what_it_should() {
    # shellcheck disable=SC2016  # for the shell in the container
    in_image '
        for tool in gcc g++ cc c++ make cmake ld perl5 python3 curl wget; do ! command -v $tool || exit 1; done
        for tool in cti pg_dump pg_restore psql; do $tool --version || exit 1; done
        test -z "$(find / -xdev -perm /6000 -type f)" || exit 1
        test -s /usr/share/cti/sources.yaml && test -s /etc/ssl/certs/ca-certificates.crt'
}

image_tells_what_is_in_it() {
    docker run --rm "$image" version --sbom >"$work/sbom.json"
    python3 - "$work/sbom.json" <<'PYTHON'
import json, sys
bom = json.load(open(sys.argv[1]))
names = {c["name"] for c in bom["components"]}
assert bom["bomFormat"] == "CycloneDX" and {"cti", "libc6", "libpq5", "ca-certificates"} <= names, names
assert any(n.startswith("postgresql-client-") for n in names), names
print(len(names), "packages")
PYTHON
}

# On a machine that has nothing of it: installs with what it depends on, works, leaves nothing behind.
package_installs_and_removes() {
    local id
    id=$(docker create "$image-built")
    docker cp "$id:/out/cti.deb" "$work/cti.deb"
    docker rm "$id" >/dev/null
    chmod 644 "$work/cti.deb"
    docker run --rm -v "$work/cti.deb:/tmp/cti.deb:ro" "debian:$debian-slim" sh -euc '
        rm -f /etc/dpkg/dpkg.cfg.d/docker # It would leave the man pages out.
        apt-get -qq update
        apt-get -qq install -y --no-install-recommends /tmp/cti.deb >/dev/null 2>&1
        cti --version
        for file in man/man1/cti.1.gz man/man1/cti-collect.1.gz doc/cti/docs/operate.md bash-completion/completions/cti zsh/vendor-completions/_cti \
            fish/vendor_completions.d/cti.fish cti/sources.yaml; do test -s /usr/share/$file; done
        dpkg --verify cti
        apt-get -qq purge -y cti >/dev/null
        apt-get -qq autoremove -y --purge >/dev/null
        ! command -v cti
        find / -xdev -path "*cti.1.gz" -o -xdev -path "/usr/share/*/cti*" | grep -v ^/proc | { ! grep .; }'
}

warm_build_is_quick() {
    local begun=$SECONDS
    echo "<!-- a change of a document -->" >>"$copy/README.md"
    build 0 "$image-warm"
    sed -i '$d' "$copy/README.md"
    docker image rm "$image-warm" >/dev/null
    ((SECONDS - begun < 120))
}

# The same revision built twice, the second time without any layer of the first: every file of the two is the same in
# content, owner, mode and time. What the engine puts into a container by itself does not count.
two_builds_are_the_same() {
    build 0 "$image-again" --no-cache
    files_of "$image" >"$work/files.1"
    files_of "$image-again" >"$work/files.2"
    docker image rm "$image-again" >/dev/null
    wc -l "$work/files.1"
    diff "$work/files.1" "$work/files.2"
}

files_of() { # IMAGE
    local id
    id=$(docker create "$1")
    docker export "$id" | python3 -c '
import hashlib, sys, tarfile
of_the_engine = {"", ".dockerenv", "dev", "proc", "sys", "etc", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}
tar = tarfile.open(fileobj=sys.stdin.buffer, mode="r|")
for m in tar:
    name = m.name.strip("./") if m.name != ".dockerenv" else m.name
    content = hashlib.sha256(tar.extractfile(m).read()).hexdigest() if m.isfile() else m.linkname
    if name not in of_the_engine and not name.startswith("dev/"):
        print(name, oct(m.mode), m.uid, m.gid, m.mtime, content)
'
    docker rm "$id" >/dev/null
}
