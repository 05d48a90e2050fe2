#!/usr/bin/env bash
# Backups of a database with many articles of 8.5 kB: wall seconds, the ratio to pg_dump -Fc of the same in the same run, and the most
# memory that cti itself held (pg_dump and the server have their own). Ends with 1 where that was above 64 MB.
#
#   tests/bench/backup.sh [COUNT]      default: 75000, 360 MB in PostgreSQL (3 GB of disk); CTI_BINARY: what is measured, else build/release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh

count=${1:-75000}
if [[ -z ${CTI_BINARY:-} ]]; then
    build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
    export CTI_BINARY=$PWD/build/release/cli/cti
fi
work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
trap clean_up EXIT
start_test_cluster
unset DATABASE_URL
psql -qXd postgres -c 'CREATE DATABASE bench' -c "ALTER SYSTEM SET max_wal_size = '4GB'"
pg_ctl -m fast -l pgdata/server.log restart >&2
export PGDATABASE=bench

printf 'sources:\n' >"$work/sources.yaml"
for ((i = 1; i <= 50; i++)); do
    printf '  - id: bench_%02d\n    name: Bench %d\n    url: https://bench.example/%d/\n    rss_url: https://bench.example/%d/feed\n' "$i" "$i" "$i" "$i"
done >>"$work/sources.yaml"
"$CTI_BINARY" -q init --config "$work/sources.yaml"
python3 tests/bench/make_articles.py "$count" | psql -qX -c '\copy articles (id, source_id, canonical_url, title, published_at, authors, tags, summary, content, content_hash, article_metadata, discovered_at, processing_status, word_count) FROM STDIN'
psql -qXo /dev/null -c "SELECT setval('articles_id_seq', $count)" -c 'VACUUM ANALYZE articles' -c 'CHECKPOINT'
PYTHONPATH=tests/cli python3 tests/bench/backup.py "$work"
