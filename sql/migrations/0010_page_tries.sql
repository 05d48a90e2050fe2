-- How often the page of an entry was asked for without success; NULL: it is not to be asked for again. content_key is what the entry says,
-- and nothing else: the marks "page:3" that stood there for this are no longer written. They stay where they are, as they equal no key and
-- a run of an earlier version, which may still be under way, reads them.
ALTER TABLE cti.seen_entries ADD COLUMN page_tries smallint;
UPDATE cti.seen_entries SET page_tries = substr(content_key, 6)::smallint WHERE content_key ~ '^page:[0-9]{1,4}$';
