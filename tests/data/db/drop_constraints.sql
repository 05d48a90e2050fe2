-- What restores have done to real databases: no primary keys, no unique indexes, no foreign keys.
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u')
             ORDER BY contype = 'f' DESC LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
    END LOOP;
    FOR r IN SELECT indexrelid::regclass AS i FROM pg_index JOIN pg_class c ON c.oid = indrelid
             WHERE c.relnamespace = 'public'::regnamespace AND indisunique LOOP
        EXECUTE format('DROP INDEX %s', r.i);
    END LOOP;
END
$$;
