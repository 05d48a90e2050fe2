"""Restores that cannot lose."""
import datetime
import json
import os
import subprocess

from backup_case import ARTICLE, BackupCase
from harness import compat_schemas, cti, start_cti, wait_until


class Restore(BackupCase):
    def test_latest_says_which_newer_ones_it_passes_over(self):
        self.create("--label", "old")
        newer = self.create("--label", "newer")
        with (newer / "dump.custom").open("r+b") as dump:
            dump.truncate(100)
        done = self.assertRan(self.restore("latest", "--dry-run", url=self.empty_database().url()))
        self.assertIn("the newer backup '%s' is passed over: 'dump.custom' has another size" % newer, done.err)

    def setUp(self):
        super().setUp()
        self.live = self.empty_database()
        self.assertRan(cti("init", "--config", self.folder / "sources.yaml", url=self.live.url()))
        self.live.execute(ARTICLE % dict(key="live", count=20))

    def test_a_database_that_is_not_empty_wants_its_name_and_gets_a_backup_first(self):
        wanted, before = self.state(self.db), self.state(self.live)
        self.create("--label", "wanted")
        self.assertRefused(self.restore("wanted", url=self.live.url()), 2, "is not empty", "--confirm=" + self.live.name)
        self.assertRefused(self.restore("wanted", "--confirm=other", url=self.live.url()), 2, "--confirm names 'other'", "is that the one to replace?")
        self.assertRan(self.restore("wanted", "--dry-run", url=self.live.url()))
        self.assertEqual(self.state(self.live), before)
        done = self.assertRan(self.restore("wanted", "--confirm=" + self.live.name, url=self.live.url()))
        self.assertIn("public.articles\t20\t300", done.out)
        self.assertEqual(self.state(self.live), wanted)
        self.assertEqual(self.before_databases(), [])
        # And back again, out of what was made before.
        self.assertRan(self.restore("before_restore", "--confirm=" + self.live.name, "--no-safety-backup", url=self.live.url()))
        self.assertEqual(self.state(self.live), before)
        old = self.before_databases()
        self.assertEqual(len(old), 1)
        self.db._psql("postgres", "-c", "DROP DATABASE " + old[0])

    def test_the_latest_is_never_what_a_restore_put_aside_nor_of_another_database(self):
        wanted = self.state(self.db)
        self.create("--label", "wanted")
        for _ in range(2):
            self.assertRan(self.restore("latest", "--confirm=" + self.live.name, url=self.live.url()))
            self.assertEqual(self.state(self.live), wanted)
        self.assertEqual(len(list(self.backups.glob("cti-%s-*-before_restore" % self.live.name))), 2)
        self.create("--label", "other", url=self.live.url())
        self.assertRefused(self.restore("latest", "--confirm=" + self.live.name, url=self.live.url()), 2, "several databases", self.live.name)

    def take_names(self, database, end):
        """The names of the next minute are those of others."""
        now = datetime.datetime.now(datetime.timezone.utc)  # once, or a second may be left out
        for second in range(60):
            stamp = (now + datetime.timedelta(seconds=second)).strftime("%Y%m%dT%H%M%SZ")
            other = self.backups / ("cti-%s-%s%s" % (database, stamp, end))
            other.mkdir(exist_ok=True)
            (other / "mine").write_text("x")
        return sorted(self.backups.iterdir())

    def test_a_name_that_others_have_gets_a_number(self):
        taken = self.take_names(self.db.name, "-same")
        path = self.create("--label", "same")
        self.assertRegex(path.name, r"^cti-%s-\d{8}T\d{6}Z\.2-same$" % self.db.name)
        self.assertEqual(json.loads((path / "manifest.json").read_text())["name"], path.name)
        self.assertRan(self.backup("verify", path.name, "--decode"))
        self.assertEqual([p for p in taken if list(p.iterdir()) != [p / "mine"]], [])
        # A restore goes on, too, where what was there before would have a name that is taken.
        self.take_names(self.live.name, "-before_restore")
        self.assertRan(self.restore(path.name, "--confirm=" + self.live.name, url=self.live.url()))
        self.assertEqual(len(list(self.backups.glob("cti-%s-*Z.2-before_restore" % self.live.name))), 1)
        self.assertEqual(list(self.backups.glob(".*")), [])

    def test_backups_of_one_moment_have_names_of_their_own(self):
        at_once = [start_cti("backup", "create", "--label", "crowd", url=self.db.url(), env={"CTI_BACKUP_DIR": str(self.backups)},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
        ends = [(process.communicate()[0].decode().strip(), process.returncode) for process in at_once]
        self.assertEqual([rc for _, rc in ends], [0] * 6)
        self.assertEqual(len({path for path, _ in ends}), 6)
        self.assertRan(self.backup("verify", "--all"))

    def before_databases(self):
        return self.db._psql("postgres", "-c", "SELECT datname FROM pg_database WHERE datname LIKE '%s\\_before\\_2%%'" % self.live.name).split()

    def test_rights_and_settings_of_the_database_stay(self):
        self.create()
        self.live.execute("ALTER DATABASE %s SET work_mem = '5MB'; ALTER DATABASE %s SET search_path = public, cti; REVOKE CONNECT ON DATABASE %s FROM PUBLIC; "
                          "ALTER DATABASE %s CONNECTION LIMIT 55" % ((self.live.name,) * 4))
        look = "SELECT (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) AS a) AS acl, datconnlimit, (SELECT setconfig::text FROM pg_db_role_setting WHERE setdatabase = d.oid) AS s FROM pg_database d WHERE datname = current_database()"
        before = self.live.rows(look)
        self.assertRan(self.restore("latest", "--confirm=" + self.live.name, url=self.live.url()))
        self.assertEqual(self.live.rows(look), before)

    def test_others_at_work_are_named_and_nothing_is_changed(self):
        self.create()
        before = self.state(self.live)
        session = subprocess.Popen(["psql", "-X", "-q", "-d", self.live.name], stdin=subprocess.PIPE, env=dict(os.environ, PGAPPNAME="some collector"))
        self.addCleanup(session.wait)
        self.addCleanup(session.stdin.close)
        wait_until(lambda: self.live.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'some collector'"))
        self.assertRefused(self.restore("latest", "--confirm=" + self.live.name, url=self.live.url()), 5, "some collector")
        self.assertEqual(self.state(self.live), before)

    def test_a_plain_dump_as_pg_dump_writes_it_is_restored_by_cti_and_by_psql(self):
        wanted = self.state(self.db)
        plain = self.folder / "backup.sql"
        with plain.open("wb") as out:
            subprocess.run(["pg_dump", "-d", self.db.name], stdout=out, check=True)
        locked = self.folder / "locked.sql"
        locked.write_bytes(b"\\restrict 4bCdE\n" + plain.read_bytes().replace(b"\\restrict", b"-- ").replace(b"\\unrestrict", b"-- ") + b"\\unrestrict 4bCdE\n")
        inserts = self.folder / "inserts.sql"
        with inserts.open("wb") as out:
            subprocess.run(["pg_dump", "--inserts", "--clean", "--if-exists", "-d", self.db.name], stdout=out, check=True)
        tar = self.folder / "backup.tar"
        subprocess.run(["pg_dump", "--format=tar", "--file", tar, "-d", self.db.name], check=True)
        squeezed = self.folder / "backup.custom.gz"
        with squeezed.open("wb") as out:
            subprocess.run("pg_dump --format=custom --compress=0 -d %s | gzip" % self.db.name, shell=True, stdout=out, check=True)
        for path in (plain, locked, inserts, tar, squeezed):
            with self.subTest(path.name):
                db = self.empty_database()
                self.assertRan(self.restore(path, url=db.url()))
                self.assertEqual(self.state(db), wanted)
        by_psql = self.empty_database()
        by_psql.load(plain)
        self.assertEqual(self.state(by_psql), wanted)

    def test_roles_that_are_not_here_are_left_out_and_told(self):
        plain = self.folder / "roles.sql"
        dump = subprocess.run(["pg_dump", "-d", self.db.name], check=True, capture_output=True, text=True).stdout
        plain.write_text(dump.replace(" OWNER TO %s;" % os.environ["PGUSER"], " OWNER TO nobody_here;"))
        db = self.empty_database()
        done = self.assertRan(self.restore(plain, url=db.url()))
        self.assertIn("nobody_here", done.err)
        self.assertEqual(self.state(db), self.state(self.db))

    def test_a_dump_that_would_run_a_command_is_refused_with_its_line(self):
        mark = self.folder / "pwned"
        dump = subprocess.run(["pg_dump", "-d", self.db.name], check=True, capture_output=True, text=True).stdout
        head, tail = dump.split("COPY cti.", 1)
        line = head.count("\n") + 1
        for command in ("\\! touch %s" % mark, "COPY public.articles FROM PROGRAM 'touch %s';" % mark, "DO $$BEGIN EXECUTE 'COPY x FROM PROGRAM ''touch %s'''; END$$;" % mark,
                        "SELECT lo_import('/etc/passwd');", "ALTER SYSTEM SET archive_command = 'touch %s';" % mark,
                        "\\copy public.articles from program 'touch %s'" % mark, "\\o |touch %s" % mark, "SELECT 1 \\g |touch %s" % mark, "\\connect postgres"):
            with self.subTest(command):
                path = self.folder / "evil.sql"
                path.write_text(head + command + "\nCOPY cti." + tail)
                db = self.empty_database()
                self.assertRefused(self.restore(path, url=db.url()), 8, "line %d of the dump" % line)
                self.assertEqual(self.state(db), {})
        # An archive goes the same way, past the same rules.
        self.live.execute("CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS $$BEGIN COPY public.sources FROM PROGRAM 'touch %s'; END$$" % mark)
        archive = self.folder / "evil.custom"
        subprocess.run(["pg_dump", "--format=custom", "--file", archive, "-d", self.live.name], check=True)
        self.assertRefused(self.restore(archive, url=self.empty_database().url()), 8, "a function that runs COPY")
        self.assertFalse(mark.exists())

    def test_dumps_that_are_cut_or_are_none_are_refused(self):
        whole = self.folder / "whole.custom"
        subprocess.run(["pg_dump", "--format=custom", "--file", whole, "-d", self.db.name], check=True)
        plain = subprocess.run(["pg_dump", "-d", self.db.name], check=True, capture_output=True).stdout
        db = self.empty_database()
        for bytes_ in (whole.read_bytes()[:-500], whole.read_bytes()[:2000], plain[:-200], plain[:len(plain) // 2], b"", b"\0\1\2", b"\x1f\x8b\x08"):
            path = self.folder / "cut"
            path.write_bytes(bytes_)
            self.assertRefused(self.restore(path, url=db.url()), 8)
            self.assertEqual(self.state(db), {})
        self.assertRefused(self.restore("nothing", url=db.url()), 2, "there is no backup 'nothing'")

    def test_older_and_newer_schemas_are_refused_with_what_to_do(self):
        self.live.execute("INSERT INTO cti.migrations (name) VALUES ('9999_later')")
        self.create("--label", "newer", url=self.live.url())
        db = self.empty_database()
        self.assertRefused(self.restore("newer", url=db.url()), 6, "newer than this program", "later one")
        # As before 0017, which can be done again, and 0018.
        self.live.execute("DELETE FROM cti.migrations WHERE name >= '0017'; DROP TABLE cti.analyses, cti.word_segments, cti.word_blocks; DROP INDEX cti.derived_unindexed")
        self.create("--label", "older", url=self.live.url())
        self.assertRefused(self.restore("older", url=db.url()), 6, "older than this program", "--migrate")
        self.assertEqual(self.state(db), {})
        done = self.assertRan(self.restore("older", "--migrate", url=db.url()))
        self.assertIn("migrated: 0017", done.err)
        self.assertEqual(db.value("SELECT count(*) FROM cti.analyses"), 0)
        self.assertRan(cti("articles", url=db.url()))

    def test_a_copy_forgets_the_work_that_was_in_hand(self):
        self.live.execute("""
            UPDATE cti.source_state SET lease_token = gen_random_uuid(), lease_owner = 'x', lease_until = now();
            INSERT INTO cti.source_state (source_id, lease_token, lease_until) SELECT id, gen_random_uuid(), now() FROM public.sources ON CONFLICT DO NOTHING;
            INSERT INTO cti.jobs (kind, state, token, lease_until) VALUES ('export', 'running', 1, now()), ('collect', 'ready', NULL, NULL);
            INSERT INTO cti.workers (name, version, kinds, concurrency) VALUES ('w', '1', '{}', 1);
            UPDATE cti.leaders SET holder = 'w', lease_until = now();
            UPDATE cti.schedules SET next_run_at = CASE WHEN name = 'collect' THEN now() END;
            INSERT INTO cti.notifications (event_key, payload) VALUES ('k', '{}');
            SELECT setval('public.articles_id_seq', 1)""")
        self.create(url=self.live.url())
        db = self.empty_database()
        done = self.assertRan(self.restore("latest", url=db.url()))
        for words in ("1 lease of a source let go", "2 jobs that waited or ran cancelled", "1 worker forgotten", "1 lead let go", "1 schedule planned anew", "1 notification not sent", "articles_id_seq"):
            self.assertIn(words, done.err)
        self.assertEqual(db.value("SELECT count(*) FROM cti.jobs"), 0)
        self.assertEqual(db.value("SELECT count(*) FROM cti.notifications WHERE next_attempt_at IS NOT NULL"), 0)
        db.execute(ARTICLE % dict(key="next", count=1))

    def test_a_role_that_may_make_no_database_restores_into_an_empty_one_only(self):
        self.create()
        role = self.live.name + "_plain"
        self.db.execute("CREATE ROLE %s LOGIN" % role)
        db = self.empty_database()
        self.addCleanup(self.db._psql, "postgres", "-c", "DROP OWNED BY %s; DROP ROLE %s" % (role, role))
        self.addCleanup(db.execute, "DROP OWNED BY %s CASCADE" % role)
        db.execute("GRANT CREATE ON DATABASE %s TO %s; GRANT CREATE ON SCHEMA public TO %s" % (db.name, role, role))
        self.assertRan(self.restore("latest", url=db.url(user=role)))
        self.assertEqual(self.state(db), self.state(self.db))
        self.assertRefused(self.restore("latest", "--confirm=" + db.name, url=db.url(user=role)), 4, "CREATEDB")

    def test_both_generations_of_the_web_service_are_read_after_a_restore(self):
        for year, schema in compat_schemas().items():
            with self.subTest(year):
                db, copy = self.empty_database(), self.empty_database()
                db.load(schema)
                self.assertRan(cti("init", "--config", self.folder / "sources.yaml", url=db.url()))
                self.create("--label", "web" + year, url=db.url())
                self.assertRan(self.backup("verify", "web" + year, "--restore"))
                self.assertRan(self.restore("web" + year, url=copy.url()))
                self.assertEqual(self.state(copy), self.state(db))
                self.assertRan(cti("sources", "list", url=copy.url()))
