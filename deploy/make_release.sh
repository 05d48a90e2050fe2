#!/usr/bin/env bash
# Makes the files that the page of a release carries, of the commit that is checked out, in build/release-files/:
#
#   cti-VERSION.tar.gz                           the sources, which know their commit
#   cti_VERSION-1_DEBIAN_ARCHITECTURE.deb        the package for the Debian of this machine
#   cti-VERSION-image.tar.gz, .cdx.json          the image (docker load) and what is in it, where a Docker engine answers
#   SHA256SUMS                                   their sums
#
#   deploy/make_release.sh                       the same as: make release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=build/release-files

say() { printf 'release: %s\n' "$*" >&2; }
die() { # MESSAGE HINT
    printf 'release: error: %s\n' "$1" >&2
    printf 'release: hint: %s\n' "$2" >&2
    exit 1
}

if [[ $# -gt 0 ]]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit "$([[ $1 == -h || $1 == --help ]] && echo 0 || echo 2)"
fi
[[ -e .git ]] || die "this is no checkout of git" "A release is made of a commit: git clone the repository."
git diff --quiet HEAD || die "there are changes that are not committed" "Commit them, or put them aside: git stash."
command -v cmake >/dev/null || die "cmake is missing" "Install what a build needs: ./run_cli.sh version"

version=$(sed -n 's/^project(cti VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
revision=$(git rev-parse --short=12 HEAD)
# All times in the files are the commit's, so that whoever builds it again gets the same bytes.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
debian=$(. /etc/os-release && echo "${VERSION_CODENAME:-$ID}")
rm -rf "$files"
mkdir -p "$files"

say "sources of $version ($revision)"
git archive --format=tar --prefix="cti-$version/" HEAD | gzip -9n >"$files/cti-$version.tar.gz"

say "package for $debian"
cmake --preset release -DCTI_REVISION="$revision"
cmake --build --preset release
cpack --config build/release/CPackConfig.cmake -G DEB -B build/release/package-files
for package in build/release/package-files/*.deb; do
    name=${package##*/}
    cp "$package" "$files/${name%_*}_${debian}_${name##*_}"
    rm "$package"
done

if command -v docker >/dev/null && docker version >/dev/null 2>&1; then
    say "image cti:$version"
    docker build -t "cti:$version" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
        --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" ${CTI_DEBIAN:+--build-arg "DEBIAN=$CTI_DEBIAN"} .
    docker save "cti:$version" | gzip -9n >"$files/cti-$version-image.tar.gz"
    docker run --rm "cti:$version" version --sbom >"$files/cti-$version.cdx.json"
else
    say "no Docker engine answers: no image"
fi

(cd "$files" && sha256sum -- *.* >SHA256SUMS)
say "in '$files':"
cat "$files/SHA256SUMS"
