"""Backups in a bucket: against a server of our own that checks each signature and fails as it is told, and against one from npm."""
import datetime
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from bucket_case import BucketCase
from harness import free_port, start_cti, wait_until
from s3_server import SECRET


class Bucket(BucketCase):
    def test_a_backup_goes_into_a_bucket_and_comes_back(self):
        wanted = self.state(self.db)
        for form in ("custom", "sql", "directory"):
            with self.subTest(form):
                path = self.create("--format", form, "--label", form)
                self.assertTrue(path.startswith(self.place + "/cti-%s-" % self.db.name), path)
                for which in (form, path, path.rsplit("/", 1)[1]):
                    self.assertRan(self.backup("verify", which))
                self.assertRan(self.backup("verify", form, "--decode"))
                copy = self.empty_database()
                self.assertRan(self.restore(path, url=copy.url(), env={"CTI_BACKUP_DIR": str(self.backups)}))
                self.assertEqual(self.state(copy), wanted)
        self.assertRan(self.backup("verify", "--restore", "sql"))
        self.assertNothingLeft(3)
        rows = self.listed()
        self.assertEqual([r["label"] for r in rows], ["custom", "sql", "directory"])
        self.assertTrue(all(r["ok"] and r["verified"]["decode"] for r in rows), rows)
        self.assertIn("public.articles\t300\t", self.assertRan(self.backup("show", path)).out)
        # The newest of a safety backup goes there as well.
        live = self.empty_database()
        live.execute("CREATE TABLE mine (a int)")
        self.assertRan(self.restore("custom", "--confirm=" + live.name, url=live.url()))
        self.assertNothingLeft(4)

    def test_a_file_of_parts_is_the_same_afterwards(self):
        self.db.execute("CREATE TABLE public.noise AS SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 400) AS m) AS t "
                        "FROM generate_series(1, 1700) AS n")
        self.addCleanup(self.db.execute, "DROP TABLE public.noise")
        self.create("--compress", "none", "--label", "large")
        large = next(key for key in self.server.objects if key.endswith("/dump.custom"))
        body, etag, _ = self.server.objects[large]
        self.assertGreater(len(body), 17 << 20)
        self.assertRegex(etag, "-3$")
        self.assertRan(self.backup("verify", "large", "--decode"))
        # Where the ETag is no MD5, as with keys of KMS, what is stored is read back.
        for answers in (lambda md5: "0123456789abcdef" * 2, lambda md5: "opaque"):
            self.server.etag_of = answers
            reads = len(self.server.log)
            self.create("--compress", "none", "--label", "kms")
            self.assertTrue(any(l.startswith("GET") and "dump.custom" in l for l in self.server.log[reads:]))
        self.assertRan(self.backup("verify", "kms"))
        self.assertNothingLeft(3)

    def test_a_name_that_another_process_has_taken_gets_a_number(self):
        at_once = [start_cti("backup", "create", "--label", "crowd", url=self.db.url(), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        ends = [(*process.communicate(), process.returncode) for process in at_once]
        self.assertEqual([rc for *_, rc in ends], [0] * 4, ends)
        self.assertEqual(len({out for out, *_ in ends}), 4)
        self.assertNothingLeft(4)
        self.assertRan(self.backup("verify", "--all"))

    def test_prune_removes_backups_and_what_was_never_finished(self):
        for label in ("first", "second", "third"):
            self.create("--label", label)
        first = next(key for key in self.server.names() if "first" in key).rsplit("/", 1)[0]
        with self.server.lock:
            self.server.objects["all/of_it/mine.txt"] = self.server.objects["all/of_it/cti-x-20200101T000000Z/dump.custom"] = (b"x", "x", datetime.datetime(2020, 1, 1))
            for name, age in (("old", 2), ("young", 0)):
                moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=age)
                for end in (".claim-1", "dump.custom"):
                    self.server.objects["all/of_it/cti-%s-20200101T000000Z/%s" % (name, end)] = (b"x", "x", moment)
                self.server.uploads[name] = ("all/of_it/cti-%s-20200101T000000Z/dump" % name, moment, {})
                self.server.uploads["of others " + name] = ("all/of_it/%s" % name, moment, {})
        self.assertIn("would go", self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1", "--dry-run")).out)
        self.assertEqual(len(self.server.names()), 3)
        self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "2"))
        self.assertEqual(len(self.server.names()), 2)
        self.assertFalse([k for k in self.server.objects if k.startswith(first + "/")])
        self.assertEqual(sorted(self.server.uploads), ["of others old", "of others young", "young"])
        left = {k.split("/", 2)[2] for k in self.server.objects}
        self.assertLessEqual({"mine.txt", "cti-x-20200101T000000Z/dump.custom", "cti-young-20200101T000000Z/.claim-1", "cti-young-20200101T000000Z/dump.custom"}, left)
        self.assertFalse([k for k in left if "cti-old" in k])
        # What is being made has no name yet; what lies there without a manifest and without a claim is told.
        self.assertEqual([r["ok"] for r in self.listed()], [False, True, True])

    def marks(self, age=datetime.timedelta(0)):
        """A mark of a reader beside each backup that has none yet."""
        with self.server.lock:
            moment = datetime.datetime.now(datetime.timezone.utc) - age
            self.server.objects.update({key.replace("manifest.json", ".reading-1"): (b"cti\n", "x", moment) for key in self.server.names()})

    def test_what_somebody_reads_is_not_removed_for_a_day(self):
        for label in ("first", "second"):
            self.create("--label", label)
        self.marks()
        self.assertIn("somebody reads it", self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1")).out)
        self.assertEqual(len(self.server.names()), 2)
        self.assertEqual(self.server.names(""), [k for k in self.server.names("") if "/.claim-" not in k])
        self.assertTrue(all(r["ok"] for r in self.listed()))
        self.assertRan(self.backup("verify", "--all"))
        self.marks(datetime.timedelta(days=2))
        self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1"))
        self.assertNothingLeft(1)

    def prune_at(self, pattern, env=()):
        """Calls prune once, in the middle of the request that matches, before it is answered."""
        pruned = []

        def on_request(line):
            if re.search(pattern, line) and not pruned:
                pruned.append(None)
                pruned[0] = self.backup("prune", "--keep-daily", "1", "--keep-min", "1", env=env)
        self.server.on_request = on_request
        self.addCleanup(setattr, self.server, "on_request", None)
        return pruned

    def test_a_prune_while_a_backup_is_read_leaves_it(self):
        copy = self.empty_database()
        for command in (("verify", "--decode", "first"), ("verify", "--restore", "first"), "first"):
            with self.subTest(command):
                self.create("--label", "first")
                self.create("--label", "second")
                pruned = self.prune_at("GET .*first.*/dump.custom")
                self.assertRan(self.restore(command, url=copy.url()) if command == "first" else self.backup(*command))
                self.assertIn("somebody reads it", self.assertRan(pruned[0]).out)
                self.assertTrue([k for k in self.server.names() if "first" in k])
                self.server.on_request = None
                self.assertNothingLeft(2)
                self.server.objects.clear()

    def test_what_is_removed_while_it_is_read_is_never_told_as_good(self):
        """By whoever sees no mark: before it is set, or where the reader's key may not write."""
        copy = self.empty_database()
        for pattern in ("PUT .*first.*reading", "GET .*first.*/dump.custom", "GET .*list-type.*first", "PUT .*first.*verified"):
            for command in ("verify", "restore"):
                if command == "restore" and "verified" in pattern:
                    continue
                with self.subTest(pattern=pattern, command=command):
                    self.create("--label", "first")
                    self.create("--label", "second")
                    if "reading" not in pattern:
                        self.server.fail("PUT .*first.*reading", (403, "AccessDenied"))
                    pruned = self.prune_at(pattern)
                    done = self.backup("verify", "first") if command == "verify" else self.restore("first", url=copy.url())
                    self.assertRan(pruned[0])
                    self.assertRefused(done, 1, "was removed while it was read")
                    self.server.on_request = None
                    self.assertFalse([k for k in self.server.objects if "first" in k and "/.reading-" not in k], list(self.server.objects))
                    self.server.faults = []
                    self.assertEqual([r["label"] for r in self.listed()], ["second"])
                    self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1"))
                    self.assertNothingLeft(1)
        self.assertEqual(copy.value("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'cti')"), 0)

    def test_who_may_only_read_verifies_and_restores(self):
        self.create("--label", "one")
        self.server.fail("^(PUT|POST|DELETE) ", (403, "AccessDenied"), times=100)
        done = self.assertRan(self.backup("verify", "one"))
        self.assertIn("the result is not written down", done.err)
        copy = self.empty_database()
        self.assertRan(self.restore("one", url=copy.url()))
        self.assertEqual(self.state(copy), self.state(self.db))
        self.server.faults = []
        self.assertNothingLeft(1)

    def test_a_list_of_many_pages_is_read_to_its_end(self):
        self.server.page = 2
        for label in ("one", "two"):
            self.create("--label", label, "--format", "directory")
        self.assertEqual(len(self.listed()), 2)
        self.assertRan(self.backup("verify", "--all"))

    def test_what_changed_in_the_bucket_is_seen_and_never_restored(self):
        self.create("--label", "good")
        key = next(k for k in self.server.objects if k.endswith("dump.custom"))
        body, etag, moment = self.server.objects[key]
        copy = self.empty_database()
        for changed in (body[:99] + bytes([body[99] ^ 1]) + body[100:], body[:-1], None):
            with self.subTest(changed and len(changed)):
                self.server.objects.pop(key, None)
                if changed is not None:
                    self.server.objects[key] = (changed, hashlib.md5(changed).hexdigest(), moment)
                self.assertEqual(self.backup("verify", "good").rc, 8)
                self.assertEqual(self.restore("good", url=copy.url()).rc, 8)
        self.server.objects[key] = (body, etag, moment)
        self.server.objects[key.replace("dump.custom", "more")] = (b"x", "x", moment)
        self.assertRefused(self.backup("verify", "good"), 8, "'more' does not belong to it")
        del self.server.objects[key.replace("dump.custom", "more")]
        self.assertRan(self.backup("verify", "good"))

    def test_encrypted_backups_work_there_too(self):
        if not shutil.which("age-keygen"):
            self.skipTest("age is not installed")
        key = self.folder / "key.txt"
        if not key.exists():
            subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
        self.create("--encrypt", "age", "--encrypt-key", key, "--label", "sealed")
        self.assertFalse([k for k, (body, *_) in self.server.objects.items() if b"PGDMP" in body])
        self.assertRan(self.backup("verify", "sealed"))
        self.assertRefused(self.backup("verify", "sealed", "--decode"), 2, "no key is given")
        copy = self.empty_database()
        self.assertRan(self.restore("sealed", "--decrypt-key", key, url=copy.url()))
        self.assertEqual(self.state(copy), self.state(self.db))

    def test_the_bucket_may_be_a_part_of_the_host(self):
        self.server.host_style = True
        port = self.server.url.rsplit(":", 1)[1]
        env = {"CTI_S3_ENDPOINT": "http://localhost:" + port, "CTI_S3_STYLE": "host"}
        # glibc and libcurl know every name below localhost as this machine.
        path = self.create("--label", "host", env=env)
        self.assertRan(self.backup("verify", path, env=env))
        self.assertTrue(all(l.split()[1].startswith(("/all/of_it/", "/?")) for l in self.server.log))

    def test_jobs_and_the_doctor_know_the_bucket(self):
        self.assertRan(self.cti("jobs", "add", "backup", "--label", "nightly"))
        self.assertRan(self.cti("worker", "--until-empty", env=self.env))
        self.assertRan(self.cti("jobs", "add", "verify", "--backup", "nightly"))
        self.assertRan(self.cti("worker", "--until-empty", env=self.env))
        checks = self.assertRan(self.cti("doctor", "--format", "json", env=self.env)).json()["checks"]
        self.assertRegex(next(c for c in checks if c["check"] == "backups")["detail"], "^1 backup, the newest .*, restored on trial ")
        self.assertNotIn(SECRET, self.cti("doctor", "--env", env={"AWS_SECRET_ACCESS_KEY": SECRET}).out)


class OfNpm(BucketCase):
    """The same against a server that others have written (s3rver, from the npm registry)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.modules = pathlib.Path(os.environ.get("CTI_S3RVER") or cls.folder)  # where an earlier run has put it
        if not (cls.modules / "node_modules/s3rver").exists():
            cls.install()

    @classmethod
    def install(cls):
        """From the registry that npm knows; without one the tests of the server above are all there are."""
        if not shutil.which("npm"):
            raise unittest.SkipTest("npm is not installed, so no S3 server of others is tested against")
        try:
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0", "--prefix", cls.modules, "s3rver@3.7.1"],
                                  capture_output=True, timeout=240)
        except subprocess.TimeoutExpired:
            raise unittest.SkipTest("npm does not come to an end, so no S3 server of others is tested against")
        if done.returncode:
            raise unittest.SkipTest("npm cannot install s3rver, so no S3 server of others is tested against")

    def setUp(self):
        super().setUp()
        port = free_port()
        self.node = subprocess.Popen(["node", self.modules / "node_modules/s3rver/bin/s3rver.js", "--directory", tempfile.mkdtemp(dir=self.folder), "--address", "127.0.0.1",
                                      "--port", str(port), "--configure-bucket", "backups", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.node.wait)
        self.addCleanup(self.node.kill)
        # Its only key is "S3RVER", in any region; signatures of version 4 it reads and does not compute: the server above does.
        self.env.update({"CTI_S3_ENDPOINT": "http://127.0.0.1:%d" % port, "AWS_ACCESS_KEY_ID": "S3RVER", "AWS_SECRET_ACCESS_KEY": "S3RVER", "AWS_ACCESS_KEY_ID_FILE": "",
                         "AWS_SECRET_ACCESS_KEY_FILE": "", "AWS_REGION": "us-east-1"})
        wait_until(lambda: self.backup("list").rc == 0, what="s3rver")

    def test_create_verify_restore_and_prune(self):
        wanted = self.state(self.db)
        self.db.execute("CREATE TABLE public.noise AS SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 400) AS m) AS t "
                        "FROM generate_series(1, 1000) AS n")
        self.create("--compress", "none", "--label", "parts")
        self.db.execute("DROP TABLE public.noise")
        self.create("--format", "directory", "--label", "folder")
        path = self.create("--label", "last")
        self.assertRan(self.backup("verify", "--all"))
        self.assertRan(self.backup("verify", "parts", "--restore"))
        copy = self.empty_database()
        self.assertRan(self.restore(path, url=copy.url()))
        self.assertEqual(self.state(copy), wanted)
        self.assertRefused(self.backup("create", env={"AWS_ACCESS_KEY_ID": "other"}), 2, "InvalidAccessKeyId")
        self.assertRan(self.backup("prune", "--keep-daily", "1", "--keep-min", "1"))
        self.assertEqual({r["label"] for r in self.listed()} - {"parts"}, {"last"})
