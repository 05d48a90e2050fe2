-- The web service's tables, for a database that has none: the columns of both of its generations, with the types and the
-- index names that they give them. Beside that, every NOT NULL column has a default on the server, so that each generation
-- can leave out what it does not know. What one of them writes as NULL (word_count in 2025) stays nullable.
-- Each part begins with its "table" line and is run only where that table is missing.

-- table: sources
CREATE TABLE public.sources (
    id serial PRIMARY KEY,
    identifier varchar(255) NOT NULL,
    name varchar(500) NOT NULL,
    url text NOT NULL,
    rss_url text,
    tier integer NOT NULL DEFAULT 3,
    weight double precision NOT NULL DEFAULT 1.0,
    check_frequency integer NOT NULL DEFAULT 3600,
    lookback_days integer NOT NULL DEFAULT 180,
    active boolean NOT NULL DEFAULT true,
    config json NOT NULL DEFAULT '{}',
    last_check timestamp,
    last_success timestamp,
    consecutive_failures integer NOT NULL DEFAULT 0,
    total_articles integer NOT NULL DEFAULT 0,
    success_rate double precision NOT NULL DEFAULT 0.0,
    average_response_time double precision NOT NULL DEFAULT 0.0,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_sources_id ON public.sources (id);
CREATE UNIQUE INDEX ix_sources_identifier ON public.sources (identifier);

-- table: articles
CREATE TABLE public.articles (
    id serial PRIMARY KEY,
    source_id integer NOT NULL REFERENCES public.sources (id),
    canonical_url text NOT NULL,
    title text NOT NULL,
    published_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    modified_at timestamp,
    authors json NOT NULL DEFAULT '[]',
    tags json NOT NULL DEFAULT '[]',
    summary text,
    content text NOT NULL,
    content_hash varchar(64) NOT NULL,
    article_metadata json NOT NULL DEFAULT '{}',
    simhash numeric(20, 0), -- unsigned 64 bit does not fit into bigint
    simhash_bucket integer,
    discovered_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    processing_status varchar(50) NOT NULL DEFAULT 'pending',
    quality_score double precision,
    word_count integer DEFAULT 0,
    embedding_model varchar(100) DEFAULT 'all-mpnet-base-v2',
    embedded_at timestamp,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    archived boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_articles_archived ON public.articles (archived);
CREATE INDEX ix_articles_canonical_url ON public.articles (canonical_url);
CREATE UNIQUE INDEX ix_articles_content_hash ON public.articles (content_hash);
CREATE INDEX ix_articles_id ON public.articles (id);
CREATE INDEX ix_articles_processing_status ON public.articles (processing_status);
CREATE INDEX ix_articles_published_at ON public.articles (published_at);
CREATE INDEX ix_articles_simhash ON public.articles (simhash);
CREATE INDEX ix_articles_simhash_bucket ON public.articles (simhash_bucket);
CREATE INDEX ix_articles_source_id ON public.articles (source_id);
-- vector(768) where pgvector can be had; elsewhere the web service of 2026 cannot compute embeddings anyway.
DO $embedding$
DECLARE
    kind text := 'text';
BEGIN
    BEGIN
        IF EXISTS (SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = 'vector') THEN
            CREATE EXTENSION IF NOT EXISTS vector;
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE DEBUG 'the role may not create the extension vector';
    END;
    SELECT format('%I.vector(768)', n.nspname) INTO kind
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'vector';
    EXECUTE format('ALTER TABLE public.articles ADD COLUMN embedding %s', coalesce(kind, 'text'));
END
$embedding$;

-- table: source_checks
CREATE TABLE public.source_checks (
    id serial PRIMARY KEY,
    source_id integer NOT NULL REFERENCES public.sources (id),
    check_time timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    success boolean NOT NULL,
    method varchar(50) NOT NULL,
    articles_found integer NOT NULL DEFAULT 0,
    response_time double precision,
    error_message text,
    check_metadata json NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_source_checks_check_time ON public.source_checks (check_time);
CREATE INDEX ix_source_checks_id ON public.source_checks (id);
CREATE INDEX ix_source_checks_source_id ON public.source_checks (source_id);

-- table: content_hashes
CREATE TABLE public.content_hashes (
    id serial PRIMARY KEY,
    content_hash varchar(64) NOT NULL,
    article_id integer NOT NULL REFERENCES public.articles (id),
    first_seen timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE UNIQUE INDEX ix_content_hashes_content_hash ON public.content_hashes (content_hash);
CREATE INDEX ix_content_hashes_id ON public.content_hashes (id);

-- table: simhash_buckets
CREATE TABLE public.simhash_buckets (
    id serial PRIMARY KEY,
    bucket_id integer NOT NULL,
    simhash numeric(20, 0) NOT NULL,
    article_id integer NOT NULL REFERENCES public.articles (id),
    first_seen timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_simhash_buckets_bucket_id ON public.simhash_buckets (bucket_id);
CREATE INDEX ix_simhash_buckets_id ON public.simhash_buckets (id);
CREATE INDEX ix_simhash_buckets_simhash ON public.simhash_buckets (simhash);

-- table: url_tracking
CREATE TABLE public.url_tracking (
    id serial PRIMARY KEY,
    url text NOT NULL,
    last_checked timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    etag varchar(255),
    last_modified varchar(255),
    status_code integer,
    content_length integer
);
CREATE INDEX ix_url_tracking_id ON public.url_tracking (id);
CREATE UNIQUE INDEX ix_url_tracking_url ON public.url_tracking (url);

-- table: text_highlights
CREATE TABLE public.text_highlights (
    id serial PRIMARY KEY,
    article_id integer NOT NULL REFERENCES public.articles (id),
    selected_text text NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    is_huntable boolean NOT NULL DEFAULT false,
    categorized_at timestamp,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_text_highlights_article_id ON public.text_highlights (article_id);
CREATE INDEX ix_text_highlights_id ON public.text_highlights (id);

-- table: article_annotations
DO $usage$
BEGIN
    IF to_regtype('public.annotation_usage') IS NULL THEN
        CREATE TYPE public.annotation_usage AS ENUM ('train', 'eval', 'gold');
    END IF;
END
$usage$;
CREATE TABLE public.article_annotations (
    id serial PRIMARY KEY,
    article_id integer NOT NULL REFERENCES public.articles (id),
    user_id integer,
    annotation_type varchar(20) NOT NULL,
    selected_text text NOT NULL,
    start_position integer NOT NULL,
    end_position integer NOT NULL,
    context_before text,
    context_after text,
    confidence_score double precision NOT NULL DEFAULT 0.0,
    embedding_model varchar(100) DEFAULT 'all-mpnet-base-v2',
    embedded_at timestamp,
    used_for_training boolean NOT NULL DEFAULT false,
    usage public.annotation_usage NOT NULL DEFAULT 'train',
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_article_annotations_annotation_type ON public.article_annotations (annotation_type);
CREATE INDEX ix_article_annotations_article_id ON public.article_annotations (article_id);
CREATE INDEX ix_article_annotations_id ON public.article_annotations (id);
CREATE INDEX ix_article_annotations_usage ON public.article_annotations (usage);
DO $embedding$
DECLARE
    kind text;
BEGIN
    SELECT format('%I.vector(768)', n.nspname) INTO kind
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'vector';
    EXECUTE format('ALTER TABLE public.article_annotations ADD COLUMN embedding %s', coalesce(kind, 'text'));
END
$embedding$;

-- table: chunk_analysis_results
CREATE TABLE public.chunk_analysis_results (
    id serial PRIMARY KEY,
    article_id integer NOT NULL REFERENCES public.articles (id) ON DELETE CASCADE,
    chunk_start integer NOT NULL,
    chunk_end integer NOT NULL,
    chunk_text text NOT NULL,
    model_version varchar(50) NOT NULL,
    ml_prediction boolean NOT NULL,
    ml_confidence double precision NOT NULL,
    hunt_score double precision NOT NULL,
    hunt_prediction boolean NOT NULL,
    perfect_discriminators_found varchar[],
    good_discriminators_found varchar[],
    lolbas_matches_found varchar[],
    intelligence_matches_found varchar[],
    negative_matches_found varchar[],
    created_at timestamp DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_chunk_analysis_results_article_id ON public.chunk_analysis_results (article_id);
CREATE INDEX ix_chunk_analysis_results_created_at ON public.chunk_analysis_results (created_at);
CREATE INDEX ix_chunk_analysis_results_hunt_prediction ON public.chunk_analysis_results (hunt_prediction);
CREATE INDEX ix_chunk_analysis_results_hunt_score ON public.chunk_analysis_results (hunt_score);
CREATE INDEX ix_chunk_analysis_results_id ON public.chunk_analysis_results (id);
CREATE INDEX ix_chunk_analysis_results_ml_prediction ON public.chunk_analysis_results (ml_prediction);
CREATE INDEX ix_chunk_analysis_results_model_version ON public.chunk_analysis_results (model_version);

-- table: app_settings
CREATE TABLE public.app_settings (
    id serial PRIMARY KEY,
    key varchar(255) NOT NULL,
    value text,
    description text,
    category varchar(100),
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_app_settings_category ON public.app_settings (category);
CREATE INDEX ix_app_settings_id ON public.app_settings (id);
CREATE UNIQUE INDEX ix_app_settings_key ON public.app_settings (key);

-- table: agentic_workflow_config
CREATE TABLE public.agentic_workflow_config (
    id serial PRIMARY KEY,
    min_hunt_score double precision NOT NULL DEFAULT 97.0,
    ranking_threshold double precision NOT NULL DEFAULT 6.0,
    similarity_threshold double precision NOT NULL DEFAULT 0.5,
    junk_filter_threshold double precision NOT NULL DEFAULT 0.8,
    auto_trigger_hunt_score_threshold double precision NOT NULL DEFAULT 60.0,
    version integer NOT NULL DEFAULT 1,
    is_active boolean NOT NULL DEFAULT true,
    description text,
    agent_prompts jsonb,
    agent_models jsonb,
    sigma_fallback_enabled boolean NOT NULL DEFAULT false,
    rank_agent_enabled boolean NOT NULL DEFAULT true,
    cmdline_attention_preprocessor_enabled boolean NOT NULL DEFAULT true,
    proc_tree_attention_preprocessor_enabled boolean NOT NULL DEFAULT true,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE INDEX ix_agentic_workflow_config_id ON public.agentic_workflow_config (id);
CREATE INDEX ix_agentic_workflow_config_is_active ON public.agentic_workflow_config (is_active);
