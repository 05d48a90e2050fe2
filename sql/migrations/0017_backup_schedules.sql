-- Backups as plans, for workers with a folder (--export-dir). They rest until somebody enables them, as a backup takes room.
INSERT INTO cti.schedules (name, kind, cron, arguments, is_enabled) VALUES
    ('backup', 'backup', '0 2 * * *', '{}', false),
    ('backup_prune', 'prune', '30 2 * * *', '{"keep_days": 30}', false),
    ('backup_verify', 'verify', '0 4 * * SUN', '{"backup": "latest", "depth": "restore"}', false)
ON CONFLICT (name) DO UPDATE
SET kind = excluded.kind, cron = excluded.cron, arguments = excluded.arguments, is_enabled = excluded.is_enabled;
