"""Backups that are known to restore, and restores that cannot lose. tests/campaigns/backup.sh runs the last class long."""
import datetime
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading

from harness import BINARY, Database, DatabaseCase, ROOT, compat_schemas, cti, environment, start_cti, wait_until

FLIPS, TRUNCATIONS, EXCHANGES, KILLS = (int(n) for n in os.environ.get("CTI_BACKUP_CAMPAIGN", "24 8 4 6").split())
ARTICLE = """
    INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata, discovered_at,
                                 processing_status, word_count, created_at, updated_at)
    SELECT (SELECT min(id) FROM public.sources), 'https://a.example/%(key)s/' || n, 'title ' || n, now(), '[]', '[]', E'a\\\\b\\n\\\\.\\n' || repeat(md5(n::text), 20),
           md5('%(key)s' || n) || md5(n || '%(key)s'), '{}', now(), 'pending', 0, now(), now()
    FROM generate_series(1, %(count)d) AS n;"""
SOURCES = "sources:\n  - id: a\n    name: A\n    url: https://a.example/\n    rss_url: https://a.example/feed\n"


class BackupCase(DatabaseCase):
    """A database with some articles, and a folder for backups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="cti-backup-")))
        (cls.folder / "sources.yaml").write_text(SOURCES)
        done = cti("init", "--config", cls.folder / "sources.yaml", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)
        cls.db.execute(ARTICLE % dict(key="first", count=300))

    def setUp(self):
        super().setUp()
        self.backups = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def backup(self, *args, url=None, **more):
        more.setdefault("env", {}).update(CTI_BACKUP_DIR=str(self.backups))
        return self.cti("backup", *args, url=url or self.db.url(), **more)

    def create(self, *args, **more):
        return pathlib.Path(self.assertRan(self.backup("create", *args, **more)).out.strip())

    def restore(self, *args, url=None, **more):
        more.setdefault("env", {}).update(CTI_BACKUP_DIR=str(self.backups))
        return cti("restore", *args, url=url or self.db.url(), **more)

    def empty_database(self):
        db = Database()
        self.addCleanup(db.drop)
        return db

    @staticmethod
    def state(db):
        """Every row of every table but what a restore forgets on purpose, and the marks that a backup leaves when it is whole."""
        names = [r["name"] for r in db.rows("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'cti') "
                                        "AND tablename NOT IN ('schedules', 'leaders') ORDER BY 1")]
        sums = " UNION ALL ".join("SELECT '%s' AS name, count(*) || ' ' || coalesce(md5(string_agg(md5(x::text), '' ORDER BY md5(x::text))), '') AS sum FROM %s x" % (n, n)
                                  for n in names)
        return {r["name"]: r["sum"] for r in db.rows(sums)} if names else {}


class Create(BackupCase):
    def test_a_backup_is_one_folder_with_a_manifest_of_what_is_in_it(self):
        path = self.create("--label", "first")
        self.assertRegex(path.name, r"^cti-%s-\d{8}T\d{6}Z-first$" % self.db.name)
        self.assertEqual(sorted(p.name for p in path.iterdir()), ["dump.custom", "manifest.json"])
        manifest = json.loads((path / "manifest.json").read_text())
        tables = {t["name"]: t["rows"] for t in manifest["tables"]}
        self.assertEqual(tables["public.articles"], 300)
        self.assertEqual(set(tables), {*self.state(self.db), "cti.schedules", "cti.leaders"})
        self.assertEqual(path.stat().st_mode & 0o777, 0o700)
        self.assertEqual([p.name for p in self.backups.iterdir()], [path.name])
        shown = json.loads(self.assertRan(self.backup("show", "first", "--format", "json")).raw)
        self.assertEqual(shown["manifest"], manifest)
        self.assertIn("public.articles\t300\t", self.assertRan(self.backup("show")).out)

    def test_every_format_verifies_and_restores_to_the_same_rows(self):
        before = self.state(self.db)
        for args in (["custom", "gzip"], ["custom", "none"], ["sql", "gzip"], ["sql", "zstd"], ["sql", "none"], ["directory", "gzip"]):
            with self.subTest(args):
                label = "_".join(args)
                self.create("--format", args[0], "--compress", args[1], "--label", label)
                for depth in ([], ["--decode"], ["--restore"]):
                    self.assertRan(self.backup("verify", label, *depth))
                db = self.empty_database()
                self.assertRan(self.restore(label, url=db.url()))
                self.assertEqual(self.state(db), before)
                self.assertRan(cti("articles", url=db.url()))
        listed = json.loads(self.assertRan(self.backup("list", "--format", "json")).raw)
        self.assertTrue(all(b["ok"] and b["verified"]["restore"] for b in listed))

    def test_a_backup_while_others_write_is_one_committed_state(self):
        db = self.empty_database()
        self.assertRan(cti("init", "--no-sources", url=db.url()))
        db.execute("CREATE TABLE public.pairs (side text, n bigint, PRIMARY KEY (side, n)); CREATE TABLE public.others (LIKE public.pairs)")

        def write():
            # Each transaction puts one row into both tables: a state between two of them has as many in each.
            subprocess.run(["psql", "-X", "-q", "-d", db.name], input="".join(
                "BEGIN; INSERT INTO public.pairs VALUES ('%d', %d); INSERT INTO public.others VALUES ('%d', %d); COMMIT;\n" % (w, n, w, n)
                for w in [threading.get_ident()] for n in range(1500)), text=True, check=True, capture_output=True)
        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        wait_until(lambda: db.value("SELECT count(*) FROM public.pairs") > 100, what="the first rows")
        try:
            for args in ([], ["--format", "directory", "--jobs", "3"]):
                path = self.create(*args, "--label", "busy%d" % len(args), url=db.url())
                rows = {t["name"]: t["rows"] for t in json.loads((path / "manifest.json").read_text())["tables"]}
                self.assertEqual(rows["public.pairs"], rows["public.others"])
                self.assertGreater(rows["public.pairs"], 0)
                self.assertRan(self.backup("verify", path, "--restore"))
        finally:
            for thread in threads:
                thread.join()

    def test_only_ctis_own_leaves_out_the_rest(self):
        self.db.execute("CREATE TABLE IF NOT EXISTS public.extra (a int); CREATE SCHEMA IF NOT EXISTS other; CREATE TABLE IF NOT EXISTS other.extra (a int)")
        self.addCleanup(self.db.execute, "DROP TABLE public.extra; DROP SCHEMA other CASCADE")
        path = self.create("--only", "cti")
        tables = [t["name"] for t in json.loads((path / "manifest.json").read_text())["tables"]]
        self.assertNotIn("public.extra", tables)
        self.assertIn("public.articles", tables)
        db = self.empty_database()
        self.assertRan(self.restore("latest", url=db.url()))
        self.assertNotIn("other.extra", self.state(db))
        self.assertRan(self.backup("verify", "--restore"))

    def test_a_role_that_may_only_read_makes_a_backup(self):
        role = self.db.name + "_reader"
        self.db.execute("CREATE ROLE %s LOGIN; GRANT pg_read_all_data TO %s" % (role, role))
        self.addCleanup(self.db._psql, "postgres", "-c", "DROP ROLE " + role)
        self.create(url=self.db.url(user=role))
        self.assertRan(self.backup("verify", "--decode"))

    def test_a_full_disk_is_exit_7_and_leaves_nothing(self):
        for args in ([], ["--format", "directory"], ["--format", "sql"]):
            with self.subTest(args):
                done = subprocess.run([BINARY, "backup", "create", *args], capture_output=True, env=environment(self.db.url(), CTI_BACKUP_DIR=str(self.backups)),
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
                self.assertEqual(done.returncode, 7, done.stderr)
                self.assertEqual(list(self.backups.iterdir()), [])

    def test_what_cannot_be_done_is_said_and_leaves_nothing(self):
        self.assertRefused(self.backup("create", "--label", "a b"), 2, "is no label")
        self.assertRefused(self.backup("create", "--compress", "lz4"), 2)
        self.assertRefused(self.backup("create", "--to", "ftp://bucket/x"), 2, "a folder or a bucket", "s3://")
        self.assertRefused(self.backup("create", "--to", "s3://bucket/x"), 2, "there is no key for the bucket", "AWS_ACCESS_KEY_ID_FILE")
        self.assertRefused(self.backup("create", "--to", "/proc/nowhere"), 7, "--to")
        self.assertRefused(self.backup("create", env={"PATH": "/nonexistent"}), 1, "postgresql-client")
        self.assertEqual(list(self.backups.iterdir()), [])
        wrong = self.folder / "bin"
        wrong.mkdir(exist_ok=True)
        (wrong / "pg_dump").write_text("#!/bin/sh\n[ \"$1\" = --version ] && exec %s --version\nprintf 'half'\necho 'pg_dump: error: no \033[31m' >&2\nexit 1\n" % shutil.which("pg_dump"))
        (wrong / "pg_dump").chmod(0o755)
        for form in ("custom", "sql", "directory"):
            self.assertRefused(self.backup("create", "--format", form, env={"PATH": "%s:%s" % (wrong, os.environ["PATH"])}), 7, "no \\x1b[31m")
        self.assertEqual(list(self.backups.iterdir()), [])

    def test_no_password_is_among_the_words_of_pg_dump(self):
        spy = self.folder / "spy"
        spy.mkdir(exist_ok=True)
        (spy / "pg_dump").write_text("#!/bin/sh\nprintf '%%s\\n' \"$@\" >>%s/words\n[ \"$1\" = --version ] || printf '%%s' \"$PGPASSWORD\" >%s/secret\nexec %s \"$@\"\n"
                                     % (spy, spy, shutil.which("pg_dump")))
        (spy / "pg_dump").chmod(0o755)
        self.create(url=self.db.url(password="s3cret'x"), env={"PATH": "%s:%s" % (spy, os.environ["PATH"])})
        self.assertNotIn("s3cret", (spy / "words").read_text())
        self.assertEqual((spy / "secret").read_text(), "s3cret'x")

    def test_a_killed_backup_leaves_nothing_under_a_name_and_the_next_run_cleans_up(self):
        for _ in range(3):
            process = start_cti("backup", "create", url=self.db.url(), env={"CTI_BACKUP_DIR": str(self.backups)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wait_until(lambda: list(self.backups.glob(".cti-*")) or process.poll() is not None, what="its folder")
            process.kill()
            process.communicate()
        for path in self.backups.glob("cti-*"):
            self.assertRan(self.backup("verify", path))
        self.create("--label", "after")
        self.assertEqual(list(self.backups.glob(".*")), [])


class Verify(BackupCase):
    def test_whatever_was_changed_is_seen_and_not_restored(self):
        path = self.create()
        for name in ("dump.custom", "manifest.json"):
            with self.subTest(name):
                whole = (path / name).read_bytes()
                (path / name).write_bytes(whole[:-1])
                self.assertRefusedAsDamaged(path)
                (path / name).unlink()
                self.assertRefusedAsDamaged(path)
                (path / name).write_bytes(whole)
        (path / "more").write_text("x")
        self.assertRefusedAsDamaged(path)
        (path / "more").unlink()
        self.assertRan(self.backup("verify", path))

    def assertRefusedAsDamaged(self, path):
        self.assertEqual(self.backup("verify", path).rc, 8)
        before = self.state(self.db)
        self.assertEqual(self.restore(path, "--confirm=" + self.db.name).rc, 8)
        self.assertEqual(self.state(self.db), before)

    def test_a_dump_that_does_not_hold_what_the_manifest_says_fails_the_trial(self):
        """Its files are whole; what is in them is not what was counted."""
        path = self.create("--format", "sql", "--compress", "none")
        manifest = json.loads((path / "manifest.json").read_text())
        dump = (path / "dump.sql").read_text()
        for old, new, depth in (("title 7\t", "title 8\t", "--restore"), ("title 7\t", None, "--decode"), ("FOREIGN KEY", "UNIQUE", "--restore")):
            lines = [l for l in dump.splitlines(True) if new is not None or old not in l]
            text = "".join(lines) if new is None else dump.replace("ADD CONSTRAINT content_hashes_article_id_fkey FOREIGN KEY (article_id) REFERENCES public.articles(id)", "ADD CONSTRAINT other UNIQUE (article_id, id)") if old == "FOREIGN KEY" else dump.replace(old, new)
            if text == dump:
                continue
            self.reseal(path, manifest, "dump.sql", text.encode())
            done = self.backup("verify", path, depth)
            self.assertEqual(done.rc, 8, done)
            listed = json.loads(self.backup("list", "--format", "json").raw)[0]
            self.assertFalse(listed["ok"])

    @staticmethod
    def reseal(path, manifest, name, bytes_):
        import hashlib
        (path / name).write_bytes(bytes_)
        manifest = {k: v for k, v in manifest.items() if k != "manifest_sha256"}
        for file in manifest["files"]:
            if file["name"] == name:
                file.update(size=len(bytes_), sha256=hashlib.sha256(bytes_).hexdigest())
        text = json.dumps(manifest, indent=2)[:-2] + ",\n  "
        (path / "manifest.json").write_text('%s"manifest_sha256": "%s"\n}\n' % (text, hashlib.sha256(text.encode()).hexdigest()))

    def test_a_trial_restore_leaves_no_database_whether_it_ends_well_or_not(self):
        """By a role that is no superuser and owns nothing but what it makes."""
        path = self.create("--format", "sql", "--compress", "none")
        role = self.db.name + "_maker"
        self.db.execute("CREATE ROLE %s LOGIN CREATEDB" % role)
        self.addCleanup(self.db._psql, "postgres", "-c", "DROP ROLE " + role)
        manifest, dump = json.loads((path / "manifest.json").read_text()), (path / "dump.sql").read_bytes()
        self.assertRan(self.backup("verify", "--restore", url=self.db.url(user=role)))
        self.reseal(path, manifest, "dump.sql", dump.replace(b"title 7\t", b"title 8\t"))
        self.assertRan(self.backup("verify", path, "--restore", url=self.db.url(user=role)), 8)
        owned = "SELECT count(*) FROM pg_database WHERE pg_get_userbyid(datdba) = '%s'" % role
        self.assertEqual(self.db._psql("postgres", "-c", owned).strip(), "0")

    def test_what_a_killed_trial_left_is_dropped_by_the_next(self):
        self.create()
        name = "cti_scratch_20200101000000_0123abcd"
        for other in (name, "cti_scratch_20200101000000_mine", "cti_scratch_20200101000000_0123abce"):
            self.db._psql("postgres", "-c", "CREATE DATABASE %s%s" % (other, " CONNECTION LIMIT 97" if other == name else ""))
            self.addCleanup(self.db._psql, "postgres", "-c", "DROP DATABASE IF EXISTS " + other)
        self.assertRan(self.backup("verify", "--restore"))
        left = self.db._psql("postgres", "-c", "SELECT datname FROM pg_database WHERE datname LIKE 'cti\\_scratch\\_2020%' ORDER BY 1").split()
        self.assertEqual(left, ["cti_scratch_20200101000000_0123abce", "cti_scratch_20200101000000_mine"])


class Prune(BackupCase):
    def make(self, count):
        """One backup a day, by their names and manifests."""
        import datetime
        path = self.create("--format", "sql")
        manifest = json.loads((path / "manifest.json").read_text())
        now = datetime.datetime.now(datetime.timezone.utc)
        for age in range(1, count):
            day = now - datetime.timedelta(days=age)
            copy = self.backups / ("cti-%s-%s" % (self.db.name, day.strftime("%Y%m%dT%H%M%SZ")))
            shutil.copytree(path, copy)
            Verify.reseal(copy, dict(manifest, started=day.strftime("%Y-%m-%dT%H:%M:%SZ"), name=copy.name), "none", b"")
            (copy / "none").unlink()
        return sorted(p.name for p in self.backups.glob("cti-*"))

    def test_what_the_rules_keep_stays_and_so_does_all_that_is_not_ours(self):
        names = self.make(12)
        (self.backups / "mine").mkdir()
        (self.backups / "cti-x-20200101T000000Z").mkdir()  # our name, and no manifest
        (self.backups / "old.sql").write_text("x")
        self.assertRan(self.backup("verify", names[0]))
        self.assertRefused(self.backup("prune"), 2, "--keep-days")
        self.assertIn("would go", self.assertRan(self.backup("prune", "--keep-days", "4", "--dry-run")).out)
        self.assertEqual(len(list(self.backups.glob("cti-%s-*" % self.db.name))), 12)
        self.assertRan(self.backup("prune", "--keep-days", "4"))
        self.assertEqual(sorted(p.name for p in self.backups.iterdir()),
                         sorted(["cti-x-20200101T000000Z", "mine", "old.sql", names[0], *names[-4:]]))
        self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1"))
        self.assertEqual(sorted(p.name for p in self.backups.glob("cti-%s-*" % self.db.name)), [names[0], names[-1]])


class Scheduled(BackupCase):
    def doctor(self):
        checks = self.assertRan(self.cti("doctor", "--format", "json", env={"CTI_BACKUP_DIR": str(self.backups)})).json()["checks"]
        return next(c for c in checks if c["check"] == "backups")

    def work(self, *job):
        number = self.assertRan(self.cti("jobs", "add", *job)).out.strip()
        self.assertRan(self.cti("worker", "--until-empty", "--backup-dir", self.backups))
        return json.loads(self.assertRan(self.cti("jobs", "show", number, "--format", "json")).raw)

    def test_jobs_make_verify_and_remove_backups_and_the_doctor_knows(self):
        found = self.doctor()
        self.assertEqual(found["status"], "warn")
        self.assertIn("there is none of this database", found["detail"])
        made = self.work("backup", "--label", "nightly")
        self.assertEqual(made["state"], "done", made)
        self.assertIn("none was ever restored", self.doctor()["detail"])
        self.assertIn("verify --restore", self.doctor()["remedy"])
        self.assertEqual(self.work("verify")["state"], "done")
        self.assertRegex(self.doctor()["detail"], "^1 backup, the newest .*, restored on trial ")
        marks = {r["name"]: r["done"] for r in self.db.rows("SELECT name, last_success_at IS NOT NULL AS done FROM cti.schedules WHERE name LIKE 'backup%'")}
        self.assertEqual(marks, {"backup": True, "backup_prune": False, "backup_verify": True})
        self.assertEqual(self.work("prune", "--keep-days", "1")["state"], "done")
        path = next(self.backups.iterdir())
        (path / "dump.custom").write_bytes(b"x")
        broken = self.work("verify", "--backup", "nightly", "--depth", "checksums")
        self.assertEqual((broken["state"], broken["exit_code"]), ("failed", 8), broken)
        self.assertIn("there is none of this database", self.doctor()["detail"])

    def test_a_job_names_no_place_beyond_the_workers_folder(self):
        for job in (["verify", "--backup", "../../etc"], ["verify", "--backup", "/etc"], ["verify", "--depth", "deep"], ["backup", "--label", "a/b"],
                    ["backup", "--format", "tar"], ["backup", "--only", "x"], ["prune", "--keep-days", "-1"]):
            refused = self.cti("jobs", "add", *job)
            self.assertRefused(refused, 2)
            self.assertNotIn("unknown command", refused.err)


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
        self.assertRefused(self.restore("wanted", "--confirm=other", url=self.live.url()), 2, "--confirm names 'other'")
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


class Campaign(BackupCase):
    """Short in every run, long by tests/campaigns/backup.sh."""

    def test_no_changed_backup_is_taken_for_whole(self):
        generator = random.Random(int(os.environ.get("CTI_SEED", "1")))
        paths = [self.create("--format", f, "--label", f) for f in ("custom", "sql", "directory")]
        other = self.create("--format", "custom", "--label", "other")
        missed = 0

        def is_missed(path, how):
            done = self.backup("verify", path)
            if done.rc != 8:
                print("missed: %s of %s\n%s" % (how, path, done))
            return done.rc != 8
        for n in range(FLIPS + TRUNCATIONS):
            path = generator.choice(paths)
            file = generator.choice([p for p in path.rglob("*") if p.is_file() and p.name != "verified.json"])
            whole = file.read_bytes()
            if not whole:
                continue
            place = generator.randrange(len(whole))
            changed = bytearray(whole)
            if n < FLIPS:
                changed[place] ^= 1 << generator.randrange(8)
            else:
                changed = changed[:place]
            file.write_bytes(changed)
            missed += is_missed(path, "byte %d" % place)
            if n % 50 == 0:
                self.assertEqual(self.restore(path, "--dry-run", url=self.db.url()).rc, 8)
            file.write_bytes(whole)
        for n in range(EXCHANGES):
            file = paths[0] / generator.choice(["dump.custom", "manifest.json"])
            whole = file.read_bytes()
            if n % 2:
                file.write_bytes((other / file.name).read_bytes() if file.name != "manifest.json" else (paths[1] / file.name).read_bytes())
            else:
                file.unlink()
            missed += is_missed(paths[0], "exchange")
            file.write_bytes(whole)
        for path in paths:
            self.assertRan(self.backup("verify", path, "--decode"))
        print("%d flips, %d truncations, %d exchanged or missing, %d missed" % (FLIPS, TRUNCATIONS, EXCHANGES, missed))
        self.assertEqual(missed, 0)

    def test_no_kill_loses_the_live_database_or_an_earlier_backup(self):
        generator = random.Random(int(os.environ.get("CTI_SEED", "2")))
        first = self.create("--label", "first")
        live = self.empty_database()
        self.assertRan(self.restore("first", url=live.url()))
        states = [self.state(self.db)]
        kills = 0
        for n in range(KILLS):
            args = generator.choice([["backup", "create"], ["backup", "verify", "first", "--restore"], ["restore", "first", "--confirm=" + live.name],
                                     ["backup", "prune", "--keep-daily", "1", "--keep-min", "2"]])
            process = start_cti(*args, url=live.url(), env={"CTI_BACKUP_DIR": str(self.backups)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                process.communicate(timeout=generator.uniform(0.01, 2.0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            wait_until(lambda: not live_sessions(live.name), what="the end of its sessions")
            self.assertIn(self.state(live), states, args)
            self.assertEqual(self.backup("verify", "first").rc, 0, args)
        for path in self.backups.glob("cti-*"):
            self.assertEqual(self.backup("verify", path).rc, 0)
        self.assertRan(self.backup("create", url=live.url()))
        self.assertEqual(list(self.backups.glob(".*")), [])
        print("%d kills, 0 lost, 0 half done" % kills)


def live_sessions(name):
    return Database._psql("postgres", "-c", "SELECT 1 FROM pg_stat_activity WHERE datname = '%s' AND application_name LIKE 'cti%%'" % name).strip()


if __name__ == "__main__":
    import unittest
    unittest.main()
