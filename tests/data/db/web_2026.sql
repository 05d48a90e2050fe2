-- The tables of the web service's second generation, as far as cti meets them: local time, archived rows, annotations.
CREATE TABLE sources (
    id serial PRIMARY KEY, identifier varchar(255) NOT NULL, name varchar(500) NOT NULL, url text NOT NULL, rss_url text,
    check_frequency integer NOT NULL, lookback_days integer NOT NULL, active boolean NOT NULL, config json NOT NULL,
    last_check timestamp, last_success timestamp, consecutive_failures integer NOT NULL, total_articles integer NOT NULL,
    average_response_time double precision NOT NULL, created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
CREATE UNIQUE INDEX ix_sources_identifier ON sources (identifier);
CREATE TABLE articles (
    id serial PRIMARY KEY, source_id integer NOT NULL REFERENCES sources, canonical_url text NOT NULL, title text NOT NULL,
    published_at timestamp NOT NULL, modified_at timestamp, authors json NOT NULL, tags json NOT NULL, summary text,
    content text NOT NULL, content_hash varchar(64) NOT NULL, article_metadata json NOT NULL, simhash numeric(20, 0),
    simhash_bucket integer, discovered_at timestamp NOT NULL, processing_status varchar(50) NOT NULL,
    word_count integer NOT NULL, embedding text, embedding_model varchar(100), embedded_at timestamp,
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL, archived boolean NOT NULL);
CREATE UNIQUE INDEX ix_articles_content_hash ON articles (content_hash);
CREATE INDEX ix_articles_canonical_url ON articles (canonical_url);
CREATE TABLE source_checks (
    id serial PRIMARY KEY, source_id integer NOT NULL REFERENCES sources, check_time timestamp NOT NULL,
    success boolean NOT NULL, method varchar(50) NOT NULL, articles_found integer NOT NULL,
    response_time double precision, error_message text, check_metadata json NOT NULL);
CREATE TABLE content_hashes (
    id serial PRIMARY KEY, content_hash varchar(64) NOT NULL, article_id integer NOT NULL REFERENCES articles,
    first_seen timestamp NOT NULL);
CREATE UNIQUE INDEX ix_content_hashes_content_hash ON content_hashes (content_hash);
CREATE TABLE simhash_buckets (
    id serial PRIMARY KEY, bucket_id integer NOT NULL, simhash numeric(20, 0) NOT NULL,
    article_id integer NOT NULL REFERENCES articles, first_seen timestamp NOT NULL);
CREATE TABLE article_annotations (
    id serial PRIMARY KEY, article_id integer NOT NULL REFERENCES articles, annotation_type varchar(20) NOT NULL,
    selected_text text NOT NULL, start_position integer NOT NULL, end_position integer NOT NULL,
    confidence_score double precision NOT NULL, used_for_training boolean NOT NULL,
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
