-- What is in the articles' texts. No foreign keys to public, see 0001.

-- One row for each distinct value of an article. A value may be longer than a B-tree takes, so they are found by hash.
CREATE TABLE cti.indicators (
    article_id integer NOT NULL,
    position integer NOT NULL,                              -- 0, 1, … in the order of the text
    type text NOT NULL,
    value text NOT NULL,                                    -- refanged and normalised
    original text NOT NULL,                                 -- as it stood at its first occurrence
    start_offset integer NOT NULL,                          -- bytes of the article's text in UTF-8
    end_offset integer NOT NULL,
    in_title boolean NOT NULL DEFAULT false,                -- the offsets are those of the title: the text has it nowhere
    sentence text NOT NULL DEFAULT '',                      -- or the line around it
    count integer NOT NULL DEFAULT 1,
    verdict text NOT NULL DEFAULT '',                       -- what speaks against it: private, benign, own_site, …
    reading text NOT NULL DEFAULT 'plain',                  -- plain, defanged, derived, labelled, listed
    PRIMARY KEY (article_id, position)
);
CREATE INDEX indicators_value ON cti.indicators USING hash (value);

-- Which articles were read, and by which version of the extractor: also those that hold nothing.
CREATE TABLE cti.extractions (
    article_id integer PRIMARY KEY,
    version integer NOT NULL,
    found integer NOT NULL,
    extracted_at timestamptz NOT NULL DEFAULT now()
);
