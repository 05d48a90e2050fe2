-- The least rights that cti works with. Run it as the owner of the database after the first `cti init`, in psql:
--   psql -v database=cti_scraper -f sql/roles.sql
-- It makes two roles without a password: give them one, or members that log in.

CREATE ROLE cti_reader; -- export, search, stats, sources list, collect --dry-run
CREATE ROLE cti_writer IN ROLE cti_reader; -- collect, sources add|edit|remove, monitor

GRANT CONNECT ON DATABASE :"database" TO cti_reader;
GRANT USAGE ON SCHEMA public, cti TO cti_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public, cti TO cti_reader;

GRANT INSERT, UPDATE, DELETE ON public.sources, public.articles, public.source_checks, public.content_hashes TO cti_writer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cti_writer;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cti TO cti_writer;
-- Tables that later versions of cti add get the same rights: `cti init` copies those of cti.source_state.

-- `cti init` needs more while something is to be created:
--   GRANT CREATE ON DATABASE … TO …;       the schema cti
--   GRANT CREATE ON SCHEMA public TO …;    the web service's tables, where they are missing
-- `sources remove` also deletes from the web service's tables that refer to articles (article_annotations, text_highlights,
-- simhash_buckets, …): GRANT DELETE on those.
