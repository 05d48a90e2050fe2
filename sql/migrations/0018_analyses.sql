-- What a language model said of an article and could prove: each value was a candidate or stands in a quotation, each quotation stands in the
-- article's text, at the offsets (bytes of its UTF-8) that the result has. What could not be proved is in `rejected`, with the reason.
-- A new version of the task, another model, or another prompt (so another text, too) is a row of its own. No foreign key to public, see 0001.
CREATE TABLE cti.analyses (
    article_id integer NOT NULL,
    task text COLLATE "C" NOT NULL,
    task_version integer NOT NULL,
    model text COLLATE "C" NOT NULL,
    model_digest text COLLATE "C" NOT NULL DEFAULT '',  -- as the server says it; '': it does not
    prompt_sha256 text COLLATE "C" NOT NULL,            -- of all that was asked, the text among it
    settings jsonb NOT NULL,
    requests integer NOT NULL,                          -- 0: the text had no candidate, so nothing was asked
    tokens_in bigint NOT NULL,
    tokens_out bigint NOT NULL,
    duration_ms bigint NOT NULL,
    result jsonb NOT NULL,
    rejected jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, task, task_version, model, model_digest, prompt_sha256)
);
