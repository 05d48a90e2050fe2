-- The words of an article end at the same marks as those of a query: also at « » and the middle dot, which are letters to the server's
-- parser where the database has the locale C. See 0005; the words of what is stored are made anew as the step's version goes up.
CREATE OR REPLACE FUNCTION cti.search_words(title text, content text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED AS $$
DECLARE
    marks constant text := '[-./@&<+~\u00A0\u00AB\u00B7\u00BB\u2010-\u2015\u2018-\u201E\u2022\u2026\u3000-\u3002\uFF0C]';
    enough constant integer := 100000;
    head constant tsvector := setweight(to_tsvector('pg_catalog.simple', regexp_replace(left(title, enough), marks, ' ', 'g')), 'A');
BEGIN
    RETURN head || to_tsvector('pg_catalog.simple', regexp_replace(content, marks, ' ', 'g'));
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN head || to_tsvector('pg_catalog.simple', regexp_replace(left(content, enough), marks, ' ', 'g'));
END $$;

-- A block that catches errors is a transaction within the transaction, which a parallel worker of PostgreSQL 15 may not begin.
ALTER FUNCTION cti.score_of(text) PARALLEL RESTRICTED;
ALTER FUNCTION cti.has_tag(text, text) PARALLEL RESTRICTED;
