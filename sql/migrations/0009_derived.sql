-- One account of everything that is made of an article's text: which step (core/pipeline/steps.cpp has their table) was run on which article,
-- and which version of it. What has no row here, an older version, or a text that has changed since, is still to be made.
CREATE TABLE cti.derived (
    article_id integer NOT NULL,
    step text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    text_key bigint,                                        -- hashtextextended(content_hash, 0) when it was made; NULL: nobody knows
    PRIMARY KEY (article_id, step)
);

-- How far somebody has come who goes through rows by their ids, so that what was looked at is not looked at again.
CREATE TABLE cti.progress (
    task text COLLATE "C" PRIMARY KEY,                      -- a step, or one that is named where it is used
    version integer NOT NULL,                               -- of the step; of another version nothing is done yet
    done_to bigint NOT NULL,                                -- ids up to this one are done, or were never wanted
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What is there already is not made again. Tables that kept accounts of their own: cti.extractions (no longer read or written; a
-- collector of the version before may still be at work, so a later migration removes it), article_words.hash, and settings.
INSERT INTO cti.derived (article_id, step, version, text_key)
SELECT e.article_id, 'indicators', e.version, hashtextextended(w.hash, 0)
FROM cti.extractions e
LEFT JOIN cti.article_words w ON w.article_id = e.article_id;

-- cti scored what it stored, and the web service what it stored.
INSERT INTO cti.derived (article_id, step, version, text_key)
SELECT e.article_id, 'score', 1, hashtextextended(w.hash, 0)
FROM cti.extractions e
LEFT JOIN cti.article_words w ON w.article_id = e.article_id;

INSERT INTO cti.derived (article_id, step, version, text_key)
SELECT w.article_id, 'words', CASE WHEN w.hash IS NULL THEN 0 ELSE 1 END, hashtextextended(w.hash, 0)
FROM cti.article_words w;

INSERT INTO cti.derived (article_id, step, version)
SELECT s.article_id, 'simhash', 1
FROM cti.simhashes s;

INSERT INTO cti.progress (task, version, done_to)
SELECT CASE key
           WHEN 'words_indexed_to' THEN 'words'
           WHEN 'simhash_mark' THEN 'simhash'
           WHEN 'notify_articles_after' THEN 'notify'
           ELSE key
       END, 1, CASE key WHEN 'simhash_mark' THEN greatest(value::bigint - 1000, 0) ELSE value::bigint END
FROM cti.settings
WHERE key IN ('words_indexed_to', 'simhash_mark', 'notify_articles_after', 'orphans_seen') AND value ~ '^[0-9]{1,18}$';
DELETE FROM cti.settings
WHERE key IN ('words_indexed_to', 'simhash_mark', 'notify_articles_after') OR key LIKE 'orphans\_%';
