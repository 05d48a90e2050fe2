-- The least rights that cti works with, as five roles. Run it as a superuser or as the owner of the database, after the
-- first `cti init`, and again whenever you like; nothing is taken away from anybody:
--
--   psql -v database=cti -f sql/roles.sql
--
-- The roles have no password and cannot log in. Make users that may, as members of one of them:
--
--   CREATE ROLE cti_nightly LOGIN PASSWORD '…' IN ROLE cti_collector;
--
--   cti_owner      init, with the migrations of later versions
--   cti_collector  collect, import, monitor, sources …; everything that cti_reader may
--   cti_reader     export, search, stats, sources list|show|diff, collect --dry-run, import --dry-run
--   cti_status     the numbers of stats and sources list: no text of any article
--   cti_server     serve --enable-control; what cti_reader reads, and jobs that are asked for and cancelled
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I NOLOGIN', name) AS statement
FROM unnest(ARRAY['cti_owner', 'cti_collector', 'cti_reader', 'cti_status', 'cti_server']) AS name
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
\gexec

-- What all of them need.
GRANT CONNECT ON DATABASE :"database" TO cti_owner, cti_collector, cti_reader, cti_status, cti_server;
GRANT USAGE ON SCHEMA public, cti TO cti_owner, cti_collector, cti_reader, cti_status, cti_server;

-- The owner makes what is missing: tables of the web service in public, its own in cti.
GRANT CREATE ON DATABASE :"database" TO cti_owner;
GRANT CREATE ON SCHEMA public, cti TO cti_owner;
GRANT SELECT, INSERT, UPDATE, DELETE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA cti TO cti_owner;
GRANT SELECT, INSERT, UPDATE ON public.sources TO cti_owner;
GRANT SELECT ON public.articles, public.source_checks, public.content_hashes TO cti_owner;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, cti TO cti_owner, cti_collector;

GRANT SELECT ON ALL TABLES IN SCHEMA cti TO cti_collector, cti_reader, cti_server;
GRANT SELECT ON public.sources, public.articles, public.source_checks, public.content_hashes TO cti_collector, cti_reader, cti_server;
GRANT INSERT, UPDATE ON public.sources, public.articles, public.content_hashes TO cti_collector;
GRANT INSERT ON public.source_checks TO cti_collector;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cti TO cti_collector;
GRANT INSERT, UPDATE ON cti.export_cursors TO cti_reader; -- export --new-since-last
GRANT INSERT, DELETE ON cti.read_marks TO cti_reader;     -- show, next, open, articles --mark
GRANT INSERT, UPDATE, DELETE ON cti.jobs TO cti_server;   -- POST /jobs/scrape, DELETE /jobs/{id}
GRANT INSERT ON cti.finished_jobs TO cti_server;          -- where a job goes that was cancelled
REVOKE INSERT, UPDATE, DELETE ON cti.migrations FROM cti_collector;

-- Of an article the status sees when it came and how it counts, never what it says.
GRANT SELECT ON public.sources, public.source_checks TO cti_status;
GRANT SELECT ON ALL TABLES IN SCHEMA cti TO cti_status;
REVOKE SELECT ON cti.indicators, cti.article_words, cti.word_blocks, cti.read_marks, cti.analyses FROM cti_status;
GRANT SELECT (article_id, type, verdict) ON cti.indicators TO cti_status;
SELECT format('GRANT SELECT (%s) ON public.articles TO cti_status', string_agg(quote_ident(column_name), ', ')) AS statement
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'articles'
  AND column_name IN ('id', 'source_id', 'published_at', 'discovered_at', 'created_at', 'updated_at', 'archived', 'processing_status')
\gexec

-- Tables that a later `cti init` adds get the rights of cti.source_state: init copies them.
-- `sources remove` also deletes from articles and from the web service's tables that refer to them (article_annotations,
-- text_highlights, simhash_buckets, …): grant DELETE on those to whoever is to remove sources:
--   GRANT DELETE ON public.sources, public.articles, public.source_checks, public.content_hashes TO cti_collector;
