-- What the monitor tells of all collectors, also of those that a cron line starts and nobody can ask.

-- Counters that only grow, in the form of Prometheus: labels is what stands between the braces. Written in the
-- transaction of what they count, so they are exactly as true as the rows. One counter is the sum over its shards: the
-- writers of one moment would otherwise wait for each other's commit. The empty halves of the pages keep updates HOT.
CREATE TABLE cti.counters (
    name text COLLATE "C" NOT NULL,
    labels text COLLATE "C" NOT NULL DEFAULT '',
    shard integer NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (name, labels, shard)
) WITH (fillfactor = 50);

-- Runs that came to their end.
CREATE TABLE cti.runs (
    id text COLLATE "C" PRIMARY KEY,
    command text NOT NULL,
    owner text NOT NULL DEFAULT '',                         -- host:pid
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    result text NOT NULL,                                   -- ok, partial, failed, locked, interrupted
    sources integer NOT NULL DEFAULT 0,
    not_modified integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0
);
CREATE INDEX runs_finished_at ON cti.runs (finished_at);

-- What is done on schedule, by one replica at a time ('housekeeping'), and when it was done last ('collect', which is also
-- done when a round finds nothing due).
CREATE TABLE cti.schedules (
    name text COLLATE "C" PRIMARY KEY,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_success_at timestamptz,
    last_duration_s double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Events for the webhook. The key names the event, so that ten replicas make one row of it; the lease hands its delivery
-- to one of them.
CREATE TABLE cti.notifications (
    event_key text COLLATE "C" PRIMARY KEY,
    payload text NOT NULL,                                  -- JSON
    created_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz DEFAULT now(),              -- NULL: delivered or given up
    delivered_at timestamptz,
    error text NOT NULL DEFAULT ''
);
CREATE INDEX notifications_open ON cti.notifications (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
