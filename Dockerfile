# The image of cti. Stages: base (Debian), deps (compiler, libraries), dev (builds a mounted folder whenever it changes), build
# (the program as a Debian package), test (the whole test suite), pgclient (the few PostgreSQL tools that backups need), runtime
# (the last one: what is shipped).
#
#   docker build -t cti .                                  Debian 13
#   docker build -t cti --build-arg DEBIAN=bookworm .      Debian 12
#   docker build -t cti-test --target test . && docker run --rm cti-test      all tests, on that Debian
#
# Nothing here needs BuildKit: the legacy builder makes the same image.
ARG DEBIAN=trixie
# "@sha256:…": the very image; deploy/pin_images.sh finds it and writes it into .env for Compose.
ARG DEBIAN_DIGEST=

FROM debian:${DEBIAN}-slim${DEBIAN_DIGEST} AS base
SHELL ["/bin/sh", "-euc"]
ENV DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 TZ=UTC

FROM base AS deps
# run_cli.sh's packages_build (a test compares the two), and what makes the Debian package.
RUN apt-get update; \
    apt-get install -y --no-install-recommends g++ cmake ninja-build pkg-config ca-certificates libfmt-dev libcli11-dev \
        libpqxx-dev libcurl4-openssl-dev libpugixml-dev libxml2-dev libssl-dev nlohmann-json3-dev libyaml-cpp-dev libuchardet-dev \
        libmicrohttpd-dev libhowardhinnant-date-dev tzdata libre2-dev libpsl-dev libidn2-dev libsqlite3-dev publicsuffix zlib1g-dev libzstd-dev \
        dpkg-dev file; \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src

# docker-compose.dev.yml, profile watch: the sources are mounted at /src, objects and the compiler's cache lie on volumes.
FROM deps AS dev
RUN apt-get update; \
    apt-get install -y --no-install-recommends ccache inotify-tools; \
    rm -rf /var/lib/apt/lists/*; \
    install -d -o 10001 -g 10001 /build /ccache
ENV CCACHE_DIR=/ccache CTI_WATCH_BUILD=/build
USER 10001:10001
ENTRYPOINT ["/bin/bash", "/src/deploy/watch.sh"]
CMD ["monitor"]

FROM deps AS build
# core changes less often than what stands around it, and takes most of the time: a layer of its own.
COPY CMakeLists.txt CMakePresets.json ./
COPY deploy/revision.cmake deploy/
COPY core core
COPY config config
COPY sql sql
# As many compilers at once as there are processors.
ARG JOBS=
RUN cmake --preset release; cmake --build --preset release --parallel "${JOBS:-$(nproc)}" --target cti_core
COPY cli cli
COPY deploy/install.cmake deploy/
RUN cmake --preset release; cmake --build --preset release --parallel "${JOBS:-$(nproc)}"
COPY completions completions
COPY deploy deploy
COPY docs docs
COPY LICENSE README.md CHANGELOG.md ./
# The commit that is built and its time (seconds since 1970); all file times of the image come from it.
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH=0
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
RUN cmake --preset release -DCTI_REVISION="${REVISION#unknown}"; \
    cmake --build --preset release --parallel "${JOBS:-$(nproc)}"; \
    mkdir /out; \
    cpack --config build/release/CPackConfig.cmake -G DEB -B /out; \
    mv /out/*.deb /out/cti.deb; \
    find /out -mindepth 1 -maxdepth 1 ! -name cti.deb -exec rm -rf {} +; \
    dpkg-deb -f /out/cti.deb Depends >/out/depends; \
    touch -h -d "@$SOURCE_DATE_EPOCH" /out/*

# docker run --rm of it builds with sanitizers and runs every test; tests/run.sh installs what is missing for that.
FROM build AS test
COPY . .
CMD ["bash", "tests/run.sh"]

# pg_dump, pg_restore and psql, without the 50 MB of Perl that their package brings for its wrappers.
FROM base AS pgclient
WORKDIR /pgclient
RUN apt-get update; \
    version=$(apt-cache depends postgresql-client | sed -n 's/.*Depends: postgresql-client-//p' | head -n 1); \
    apt-get download "postgresql-client-$version"; \
    dpkg-deb -x ./*.deb all; \
    mkdir -p out/usr/bin out/usr/share/doc out/var/lib/dpkg/status.d; \
    for tool in pg_dump pg_restore psql; do mv "all/usr/lib/postgresql/$version/bin/$tool" out/usr/bin/; done; \
    cp -r "all/usr/share/doc/postgresql-client-$version" out/usr/share/doc/; \
    find out/usr/share/doc -type f ! -name copyright -delete; \
    dpkg-deb -f ./*.deb >"out/var/lib/dpkg/status.d/postgresql-client-$version"; \
    dpkg-deb -f ./*.deb Depends | tr ',' '\n' | grep -v postgresql-client-common | paste -sd, >depends; \
    find out depends -exec touch -h -d @0 {} +

FROM base AS runtime
COPY --from=build /out/depends /tmp/depends/cti
COPY --from=pgclient /pgclient/depends /tmp/depends/pgclient
# Package names without their versions: apt takes the newest of the release, which is what they were built against.
RUN touch /tmp/begin; \
    apt-get update; \
    sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g' /tmp/depends/* | xargs apt-get install -y --no-install-recommends ca-certificates age; \
    apt-get clean; \
    printf 'cti:x:10001:10001:cti:/nonexistent:/usr/sbin/nologin\n' >>/etc/passwd; \
    printf 'cti:x:10001:\n' >>/etc/group; \
    install -d -o 10001 -g 10001 -m 0700 /var/lib/cti-backups; \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +; \
    rm -rf /tmp/depends /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache \
        /var/lib/dpkg/*-old /var/log/apt /var/log/*.log; \
    find / -xdev -newer /tmp/begin ! -path /tmp/begin -exec touch -h -d @0 {} +; \
    rm /tmp/begin; \
    touch -d @0 /tmp
COPY --from=pgclient /pgclient/out/ /
ARG SOURCE_DATE_EPOCH=0
COPY --from=build /out/cti.deb /tmp/
RUN touch /tmp/begin; \
    dpkg -i /tmp/cti.deb; \
    rm -rf /tmp/cti.deb /var/lib/dpkg/*-old /var/log/*.log /var/cache/ldconfig/aux-cache; \
    find / -xdev -newer /tmp/begin ! -path /tmp/begin -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; \
    rm /tmp/begin; \
    touch -d "@$SOURCE_DATE_EPOCH" /tmp
# In a container the status server is reached from outside of it; the port is published on 127.0.0.1 by the compose file.
ENV CTI_LISTEN=0.0.0.0:8080 CTI_LOG_FORMAT=text XDG_CACHE_HOME=/tmp/cache
EXPOSE 8080
USER 10001:10001
WORKDIR /
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="cti" \
      org.opencontainers.image.description="Collects cyber threat intelligence reports into PostgreSQL" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["cti", "healthcheck"]
ENTRYPOINT ["cti"]
