-- What `search` and `--query` look into, and where `export --new-since-last` left off.

-- The words of an article. The server's parser takes host names, paths, signed numbers and tags for one word each; with
-- these marks as blanks every word stands by itself, and "evil.example/a" is a phrase of three words in the index as in a
-- query. Dashes and quotes beyond ASCII are letters to it where the database has the locale C. Title words have the weight
-- A. A text of more words than a tsvector takes is cut.
CREATE FUNCTION cti.search_words(title text, content text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    marks constant text := '[-./@&<+~\u00A0\u2010-\u2015\u2018-\u201E\u2022\u2026\u3000-\u3002\uFF0C]';
    enough constant integer := 100000;
    head constant tsvector := setweight(to_tsvector('pg_catalog.simple', regexp_replace(left(title, enough), marks, ' ', 'g')), 'A');
BEGIN
    RETURN head || to_tsvector('pg_catalog.simple', regexp_replace(content, marks, ' ', 'g'));
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN head || to_tsvector('pg_catalog.simple', regexp_replace(left(content, enough), marks, ' ', 'g'));
END $$;

-- Scores are numbers or texts in the articles' metadata, which may hold what the server cannot read (\u0000).
CREATE FUNCTION cti.score_of(metadata text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (metadata::json ->> 'threat_hunting_score')::double precision;
EXCEPTION WHEN others THEN
    RETURN substring(metadata FROM '"threat_hunting_score"\s*:\s*"?(-?[0-9]{1,9}(?:[.][0-9]{1,15})?)')::double precision;
END $$;

-- Whether a JSON array of texts holds this one, whatever the case.
CREATE FUNCTION cti.has_tag(tags text, wanted text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM json_array_elements_text(tags::json) AS tag WHERE lower(tag) = lower(wanted));
EXCEPTION WHEN others THEN
    RETURN position(lower(to_json(wanted)::text) IN lower(tags)) > 0;
END $$;

-- hash: the article's content_hash when its words were read; another one means that they must be read again.
CREATE TABLE cti.article_words (
    article_id integer PRIMARY KEY,
    hash text,
    words tsvector NOT NULL
);
CREATE INDEX article_words_words ON cti.article_words USING gin (words);

-- What a named export has handed out: the articles up to last_id, and those of `beyond` above it.
CREATE TABLE cti.export_cursors (
    name text COLLATE "C" PRIMARY KEY,
    last_id integer NOT NULL DEFAULT 0,
    beyond integer[] NOT NULL DEFAULT '{}',
    exported bigint NOT NULL DEFAULT 0,                     -- in all
    revision integer NOT NULL DEFAULT 0,                    -- of two exports at the same time one moves the cursor
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- The last export to a file: where it waited for its final name, and what held before. Where that file is still there,
    -- it was never handed out.
    pending_file text,
    previous_last_id integer,
    previous_beyond integer[]
);
