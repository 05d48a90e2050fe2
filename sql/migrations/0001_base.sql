-- cti's own memory beside the web service's tables. No foreign keys to public: the web service deletes sources and
-- articles by itself, and real databases have lost the primary keys that such a key would need.

-- time_base: the time zone whose wall clock stands in the web service's naive timestamps.
CREATE TABLE cti.settings (
    key text PRIMARY KEY,
    value text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What is sent back to a feed's server so that it may answer 304. A change of the address makes the rest worthless.
CREATE TABLE cti.source_state (
    source_id integer PRIMARY KEY,
    feed_url text NOT NULL DEFAULT '',
    etag text NOT NULL DEFAULT '',
    last_modified text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now()
);
