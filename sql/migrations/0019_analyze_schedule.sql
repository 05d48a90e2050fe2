-- New articles with a high score, for the language model. It waits for a worker or a monitor that has one (LLM_API_URL).
INSERT INTO cti.schedules AS s (name, kind, cron, arguments) VALUES
    ('analyze', 'analyze', '20 * * * *', '{"since": "2d", "min_score": 60}')
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, cron = excluded.cron, arguments = excluded.arguments
WHERE s.kind IS NULL;
