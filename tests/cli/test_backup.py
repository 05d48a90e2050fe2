"""Backups that are known to restore."""
import datetime
import json
import os
import resource
import shutil
import subprocess
import threading

from backup_case import BackupCase
from harness import BINARY, cti, environment, start_cti, wait_until


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
