-- What the collection engine remembers: when each source is due and who is at it, which entries were judged and how,
-- which articles are nearly the same, and what hosts asked for. No foreign keys to public, see 0001. No index on the
-- leases: sources are hundreds, and without one every claim and renewal is a HOT update.

ALTER TABLE cti.source_state
    ADD COLUMN next_check_at timestamptz,                   -- NULL: last_check and check_frequency decide
    ADD COLUMN frequency_s integer,                         -- check_frequency when next_check_at was set; another one undoes it
    ADD COLUMN wait_reason text NOT NULL DEFAULT '',        -- why it is later than check_frequency says
    ADD COLUMN body_hash text NOT NULL DEFAULT '',          -- of the last body, for servers that always answer 200
    ADD COLUMN moved_to text NOT NULL DEFAULT '',           -- target of a permanent redirect, seen moved_seen times in a row
    ADD COLUMN moved_seen integer NOT NULL DEFAULT 0,
    ADD COLUMN gone_seen integer NOT NULL DEFAULT 0,        -- 410s in a row
    ADD COLUMN disabled_reason text NOT NULL DEFAULT '',    -- why cti set the source inactive
    ADD COLUMN checked_at timestamptz,                      -- the last recorded check, by the server's clock
    ADD COLUMN lease_token uuid,                            -- who may record the source's next check
    ADD COLUMN lease_owner text NOT NULL DEFAULT '',        -- host:pid, for people
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN done_token uuid;                             -- of the last recorded check: tells a repeated commit
ALTER TABLE cti.source_state SET (fillfactor = 50);

-- Each entry of a feed that was judged once. The keys are hashes made by the program.
-- reason: '' stored, else why there is no article of it. article_id: the article that holds its text.
CREATE TABLE cti.seen_entries (
    source_id integer NOT NULL,
    entry_key text COLLATE "C" NOT NULL,
    link_key text COLLATE "C" NOT NULL DEFAULT '',
    content_key text COLLATE "C" NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    label text NOT NULL DEFAULT '',                         -- title or address, for people
    article_id integer,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now(),           -- within a day
    PRIMARY KEY (source_id, entry_key)
) WITH (fillfactor = 90);
CREATE INDEX seen_entries_link_key ON cti.seen_entries (source_id, link_key) WHERE link_key <> '';

-- The simhash of each article, two's complement. Two that differ in at most 3 of the 64 bits are equal in at least
-- one of the four bands. The order by article_id inside a band finds the first article without a sort.
CREATE TABLE cti.simhashes (
    article_id integer PRIMARY KEY,
    simhash bigint NOT NULL,
    band0 integer NOT NULL GENERATED ALWAYS AS ((simhash & 65535)::integer) STORED,
    band1 integer NOT NULL GENERATED ALWAYS AS (((simhash >> 16) & 65535)::integer) STORED,
    band2 integer NOT NULL GENERATED ALWAYS AS (((simhash >> 32) & 65535)::integer) STORED,
    band3 integer NOT NULL GENERATED ALWAYS AS (((simhash >> 48) & 65535)::integer) STORED
);
CREATE INDEX simhashes_band0 ON cti.simhashes (band0, article_id);
CREATE INDEX simhashes_band1 ON cti.simhashes (band1, article_id);
CREATE INDEX simhashes_band2 ON cti.simhashes (band2, article_id);
CREATE INDEX simhashes_band3 ON cti.simhashes (band3, article_id);

CREATE TABLE cti.near_duplicates (
    article_id integer PRIMARY KEY,
    first_article_id integer NOT NULL,                      -- the lowest id within the distance
    distance integer NOT NULL,                              -- bits that differ
    found_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX near_duplicates_first ON cti.near_duplicates (first_article_id);

CREATE TABLE cti.host_state (
    host text PRIMARY KEY,
    hold_until timestamptz,                                 -- Retry-After of a 429 or 503
    robots text,                                            -- robots.txt, as it was fetched at robots_at
    robots_status integer NOT NULL DEFAULT 0,               -- HTTP status; 0: no answer
    robots_at timestamptz
);
