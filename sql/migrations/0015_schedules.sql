-- Work that comes again. Until now cti.schedules said when something was done last; a row with a kind is also a plan: at each moment of its
-- cron expression one job of that kind is added.
ALTER TABLE cti.schedules
    ADD COLUMN kind text COLLATE "C",               -- of the job; NULL: no plan, only what was done
    ADD COLUMN arguments jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN cron text NOT NULL DEFAULT '',
    ADD COLUMN zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN priority integer NOT NULL DEFAULT 0,
    ADD COLUMN is_enabled boolean NOT NULL DEFAULT true,
    ADD COLUMN last_slot_at timestamptz,            -- the moment that became a job last
    ADD COLUMN last_job_id bigint,
    ADD COLUMN monitors_until timestamptz;          -- until then a monitor does it by itself, and no job is made

INSERT INTO cti.schedules (name, kind, cron, arguments) VALUES
    ('collect', 'collect', '0 */3 * * *', '{}'),
    ('housekeeping', 'housekeeping', '30 3 * * *', '{}'),
    ('digest', 'export', '0 6 * * *', '{"output": "digest.html", "format": "html", "days": 1}')
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, cron = excluded.cron, arguments = excluded.arguments;

-- Who does what one process alone should do. A new holder has a new term, so that an old one that was away finds out.
CREATE TABLE cti.leaders (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL DEFAULT '',    -- host:pid
    term bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO cti.leaders (name) VALUES ('schedules');
