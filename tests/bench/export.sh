#!/usr/bin/env bash
# Exports and searches of many articles of 8.5 kB: wall seconds, the ratio to psql's \copy of the same columns in the same run, CPU
# seconds, peak memory, and the time of the first byte. Then two words by `search` and by ILIKE.
#
#   tests/bench/export.sh [COUNT]      default: 200000 (2 GB of disk, and minutes for the index)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/run.sh
source tests/run.sh

count=${1:-200000}
build_quietly release "${TMPDIR:-/tmp}/cti-bench-build.log" cti
export cti=$PWD/build/release/cli/cti
work=$(mktemp -d /tmp/cti-bench.XXXXXX)
chmod 0755 "$work"
trap clean_up EXIT
start_test_cluster
unset DATABASE_URL
psql -qXd postgres -c 'CREATE DATABASE bench' -c "ALTER SYSTEM SET shared_buffers = '1GB'" -c "ALTER SYSTEM SET max_wal_size = '8GB'"
pg_ctl -m fast -l pgdata/server.log restart >&2
export PGDATABASE=bench

# measure NAME CMD…: its output is thrown away; the first run's wall time is what the others are compared with.
measure() {
    python3 - "$work/least" "$@" <<'PY'
import os, subprocess, sys, time
least, name, argv = sys.argv[1], sys.argv[2], sys.argv[3:]
best = None
for _ in range(3):
    begun = time.monotonic()
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.read(1)
    first = time.monotonic() - begun
    while process.stdout.read(1 << 20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    one = (time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, first, status)
    best = one if best is None else min(best, one)
if not os.path.exists(least):
    open(least, "w").write(str(best[0]))
print("%-34s %7.2f  x%4.2f %7.2f %7.0f %8.3f%s" % (name, best[0], best[0] / float(open(least).read()), *best[1:4], "" if best[4] == 0 else "   (status %d)" % best[4]), flush=True)
PY
}
copy_of() { echo "\\copy (SELECT $1 FROM articles a ORDER BY published_at DESC, id DESC) TO STDOUT"; }

printf 'sources:\n' >"$work/sources.yaml"
for ((i = 1; i <= 50; i++)); do
    printf '  - id: bench_%02d\n    name: Bench %d\n    url: https://bench.example/%d/\n    rss_url: https://bench.example/%d/feed\n' "$i" "$i" "$i" "$i"
done >>"$work/sources.yaml"
"$cti" -q init --config "$work/sources.yaml"
python3 tests/bench/make_articles.py "$count" | psql -qX -c '\copy articles (id, source_id, canonical_url, title, published_at, authors, tags, summary, content, content_hash, article_metadata, discovered_at, processing_status, word_count) FROM STDIN'
psql -qX -c 'VACUUM ANALYZE articles' -c 'CHECKPOINT'

printf '== %s articles                      wall s  ratio   CPU s      MB  first s\n' "$count"
all='id, source_id, (SELECT identifier FROM sources s WHERE s.id = a.source_id), title, canonical_url, published_at, authors, tags, summary, content, discovered_at, word_count, article_metadata'
measure 'psql \copy, all columns' psql -qX -c "$(copy_of "$all")"
measure 'cti export --format json' "$cti" -q export --format json
measure 'cti export --format ndjson' "$cti" -q export --format ndjson
measure 'cti export --format csv, all' "$cti" -q export --format csv --fields id,source_id,source,title,url,published_at,authors,tags,summary,content,discovered_at,word_count,threat_hunting_score
rm "$work/least"
measure 'psql \copy, columns of csv' psql -qX -c "$(copy_of 'id, source_id, title, canonical_url, published_at, authors, tags, summary')"
measure 'cti export --format csv' "$cti" -q export --format csv

echo "== the index"
time "$cti" intel backfill
psql -qX -c 'VACUUM ANALYZE'
rm "$work/least"
printf '== two words                              wall s  ratio   CPU s      MB  first s\n'
measure 'ILIKE' psql -qXAt -c "SELECT id FROM articles WHERE content ILIKE '%malware%' AND content ILIKE '%loader%' ORDER BY published_at DESC LIMIT 50"
measure 'cti search malware loader' "$cti" -q search 'malware loader'
measure 'cti search phishing, by score' "$cti" -q search 'phishing bitcoin score>50'
measure 'cti search, a phrase' "$cti" -q search '"kalo merti"'
printf '== with their indicators                  wall s  ratio   CPU s      MB  first s\n'
rm "$work/least"
measure 'cti export --format json' "$cti" -q export --format json
measure 'cti export --of indicators' "$cti" -q export --of indicators --format csv
