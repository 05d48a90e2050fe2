# For benches of many articles, which source it after tests/run.sh. Runs nothing by itself.
# shellcheck shell=bash

# A cluster of its own with the database `bench`: 50 sources, and so many articles of 8.5 kB as another program would have stored them.
# In $work; the settings are those of ALTER SYSTEM.
make_bench_database() { # CTI COUNT [SETTING…]
    local cti=$1 count=$2 i setting settings=()
    shift 2
    for setting; do settings+=(-c "ALTER SYSTEM SET $setting"); done
    start_test_cluster
    unset DATABASE_URL
    psql -qXd postgres -c 'CREATE DATABASE bench' "${settings[@]}"
    pg_ctl -m fast -l pgdata/server.log restart >&2
    export PGDATABASE=bench
    printf 'sources:\n' >"${work:?}/sources.yaml"
    for ((i = 1; i <= 50; i++)); do
        printf '  - id: bench_%02d\n    name: Bench %d\n    url: https://bench.example/%d/\n    rss_url: https://bench.example/%d/feed\n' "$i" "$i" "$i" "$i"
    done >>"${work:?}/sources.yaml"
    "$cti" -q init --config "${work:?}/sources.yaml"
    python3 tests/bench/make_articles.py "$count" | psql -qX -c '\copy articles (id, source_id, canonical_url, title, published_at, authors, tags, summary, content, content_hash, article_metadata, discovered_at, processing_status, word_count) FROM STDIN'
    psql -qXo /dev/null -c "SELECT setval('articles_id_seq', $count)" -c 'VACUUM ANALYZE articles' -c 'CHECKPOINT'
}
