-- Backups as plans. They wait for a worker that has a folder for them (--backup-dir).
INSERT INTO cti.schedules AS s (name, kind, cron, arguments) VALUES
    ('backup', 'backup', '0 2 * * *', '{}'),
    ('backup_prune', 'prune', '30 2 * * *', '{"keep_days": 30}'),
    ('backup_verify', 'verify', '0 4 * * SUN', '{"backup": "latest", "depth": "restore"}')
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, cron = excluded.cron, arguments = excluded.arguments
WHERE s.kind IS NULL;
