-- What a kind of source remembers of its last reading is its own text. The columns etag, last_modified and body_hash, which only a
-- feed could use, are no longer read or written.
ALTER TABLE cti.source_state ADD COLUMN cursor text NOT NULL DEFAULT '';
UPDATE cti.source_state
SET cursor = json_build_object('url', feed_url, 'etag', etag, 'last_modified', last_modified, 'body_hash', body_hash)::text
WHERE feed_url <> '' AND (etag <> '' OR last_modified <> '' OR body_hash <> '');
