-- An entry whose article is gone says that somebody has deleted it, so that it is not stored again: not by another source that has the same
-- link, and not under another link with the same text either. Rows of earlier versions have no text_key until they are written again.
ALTER TABLE cti.seen_entries ADD COLUMN text_key bigint;    -- the first 64 bits of the content hash of its article
CREATE INDEX seen_entries_article_link ON cti.seen_entries (link_key) WHERE link_key <> '' AND article_id IS NOT NULL;
CREATE INDEX seen_entries_text_key ON cti.seen_entries (text_key) WHERE text_key IS NOT NULL;
