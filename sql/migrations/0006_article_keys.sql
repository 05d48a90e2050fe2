-- What is about to be stored, so that two writers of the same article take turns and no others do: an address or a content hash,
-- hashed. Rows are removed in the transaction that made them, so it is always empty for everybody else, and nothing of it has to
-- survive a crash.
CREATE UNLOGGED TABLE cti.article_keys (
    key bigint PRIMARY KEY
);
