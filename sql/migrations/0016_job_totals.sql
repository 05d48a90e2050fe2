-- What the metrics of jobs are made of. A job carries its own counts and takes them along when it ends; those of jobs that are removed are
-- added to cti.counters in the same transaction. So the sum of all three never falls, and no worker waits for another to count.
ALTER TABLE cti.jobs
    ADD COLUMN retries integer NOT NULL DEFAULT 0,           -- times that it waited again after a try that failed
    ADD COLUMN lease_expirations integer NOT NULL DEFAULT 0; -- times that its worker was not heard of any more
ALTER TABLE cti.finished_jobs
    ADD COLUMN run_at timestamptz,                           -- when it was ready for its last try; NULL: ended before this migration
    ADD COLUMN retries integer NOT NULL DEFAULT 0,
    ADD COLUMN lease_expirations integer NOT NULL DEFAULT 0;
