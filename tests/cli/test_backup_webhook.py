"""What a webhook is told of backups."""
import json
import resource
import shutil
import subprocess

from backup_case import BackupCase
from harness import BINARY, Receiver, cti, environment


class Notified(BackupCase):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver(self)
        self.secret = self.backups.parent / "secret"
        self.secret.write_text("k3y\n")

    def told(self, *args, code=0, **env):
        """The one event that a command posts."""
        before = len(self.receiver.posts)
        done = self.backup(*args, env={"CTI_WEBHOOK": self.receiver.url, "CTI_WEBHOOK_SECRET_FILE": str(self.secret), **env})
        self.assertRan(done, code)
        self.assertNotIn("s3cr3t", done.err + done.out)
        self.assertEqual(len(self.receiver.posts), before + 1, done)
        return self.receiver.events()[-1]

    def limited(self, size, *args):
        """Where no file may grow beyond that many bytes."""
        return subprocess.run([BINARY, "backup", *args], capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
                              env=environment(self.db.url(), CTI_BACKUP_DIR=str(self.backups), CTI_WEBHOOK=self.receiver.url))

    def test_the_webhook_hears_the_truth_of_a_backup_that_was_made(self):
        event = self.told("create", "--label", "nightly")
        path = next(self.backups.iterdir())
        manifest = json.loads((path / "manifest.json").read_text())
        self.assertEqual((event["event"], event["database"], event["backup"], event["error"], event["exit_code"]), ("backup_created", self.db.name, path.name, None, 0))
        self.assertEqual(event["bytes"], (path / "dump.custom").stat().st_size)
        self.assertEqual(event["rows"], sum(t["rows"] for t in manifest["tables"]))
        self.assertGreaterEqual(event["duration_seconds"] * 1000, manifest["duration_ms"])
        self.assertEqual((event["last_good"]["backup"], event["last_good"]["time"], event["last_good"]["verified"]), (path.name, manifest["started"][:19] + "Z", None))
        self.assertLess(event["last_good"]["age_seconds"], 300)
        self.assertIn("backup of '%s' made" % self.db.name, event["text"])
        headers = self.receiver.posts[0][0]
        self.assertEqual(headers["X-Cti-Event-Id"], event["id"])
        self.receiver.verify("k3y")
        for quiet in (["verify"], ["verify", "--all", "--decode"], ["prune", "--keep-days", "1"]):
            self.assertRan(self.backup(*quiet, env={"CTI_WEBHOOK": self.receiver.url}))
        self.assertEqual(len(self.receiver.posts), 1)

    def test_a_full_disk_is_told_with_the_age_of_the_last_good_one(self):
        done = self.limited(4096, "create")
        self.assertEqual(done.returncode, 7, done.stderr)
        first = self.receiver.events()[-1]
        self.assertEqual((first["event"], first["exit_code"], first["bytes"], first["last_good"]), ("backup_failed", 7, None, None))
        self.assertIn("there is no good one", first["text"])
        good = self.create()
        self.assertRan(self.backup("verify"))
        self.assertEqual(self.limited(4096, "create", "--format", "directory").returncode, 7)
        event = self.receiver.events()[-1]
        self.assertEqual((event["event"], event["database"], event["backup"]), ("backup_failed", self.db.name, None))
        self.assertEqual(event["last_good"]["backup"], good.name)
        self.assertIsNotNone(event["last_good"]["verified"])
        self.assertIn("no backup of '%s' was made" % self.db.name, event["text"])
        self.assertEqual([p.name for p in self.backups.iterdir()], [good.name])
        # A backup of another database is not the last good one of this.
        other = self.empty_database()
        self.assertRan(cti("init", "--no-sources", url=other.url()))
        self.create(url=other.url())
        shutil.rmtree(good)
        self.limited(4096, "create")
        self.assertIsNone(self.receiver.events()[-1]["last_good"])

    def test_a_backup_that_was_changed_is_told_and_never_called_good(self):
        good, changed = self.create("--label", "good"), self.create("--label", "changed")
        dump = changed / "dump.custom"
        dump.write_bytes(dump.read_bytes()[:-1] + b"?")
        event = self.told("verify", "changed", code=8)
        self.assertEqual((event["event"], event["backup"], event["exit_code"], event["bytes"]), ("backup_verify_failed", changed.name, 8, dump.stat().st_size))
        self.assertEqual(event["error"], "'dump.custom' was changed")
        self.assertEqual(event["last_good"]["backup"], good.name)
        (changed / "manifest.json").write_text("{}")
        self.assertEqual(self.told("verify", changed, code=8)["last_good"]["backup"], good.name)
        self.assertEqual(self.told("verify", "nothing", code=2)["event"], "backup_verify_failed")

    def test_what_cannot_be_removed_and_a_database_that_is_away_are_told(self):
        event = self.told("create", code=4, DATABASE_URL="postgresql://nobody:s3cr3t@127.0.0.1:1/x")
        self.assertEqual((event["event"], event["database"], event["exit_code"]), ("backup_failed", None, 4))
        self.assertNotIn("s3cr3t", json.dumps(event))
        file = self.backups / "file"
        file.write_text("")
        event = self.told("prune", "--keep-days", "1", "--dir", file, code=2)
        self.assertEqual((event["event"], event["exit_code"], event["last_good"]), ("backup_prune_failed", 2, None))
        self.assertIn("last_good_error", event)

    def test_a_webhook_that_fails_changes_nothing_and_is_told(self):
        self.receiver = Receiver(self, codes=[500, 503, 404])
        done = self.backup("create", "--webhook", self.receiver.url)
        self.assertRan(done)
        self.assertIn("warning: the webhook did not take backup_created: HTTP 404", done.err)
        self.assertNotIn("s3cr3t", done.err)
        self.assertEqual(len({e["id"] for e in self.receiver.events()}), 1)
        self.assertEqual(len(self.receiver.posts), 3)
        self.receiver = Receiver(self, codes=[500])
        done = self.backup("create", "--label", "again", "--webhook", self.receiver.url)
        self.assertRan(done)
        self.assertNotIn("webhook", done.err)
        self.assertEqual(len(self.receiver.posts), 2)
        self.receiver.server.shutdown()
        self.receiver.server.server_close()
        done = self.backup("verify", "nothing", "--webhook", self.receiver.url)
        self.assertRefused(done, 2, "no connection")
        # An address that cannot be right is said before anything is done.
        refused = self.backup("create", "--label", "third", env={"CTI_WEBHOOK": "http://s3cr3t.example/x", "CTI_ALLOW_PRIVATE": ""})
        self.assertRefused(refused, 2, "it is not https")
        self.assertNotIn("s3cr3t", refused.err)
        self.assertRefused(self.backup("create", env={"CTI_WEBHOOK_FILE": "/nonexistent"}), 2, "CTI_WEBHOOK_FILE")
        self.assertEqual(len(list(self.backups.iterdir())), 2)

    def test_jobs_of_a_worker_are_told_by_its_webhook(self):
        jobs = [self.assertRan(self.cti("jobs", "add", *job)).out.strip() for job in (["backup"], ["verify", "--backup", "nothing"])]
        done = self.cti("worker", "--until-empty", "--concurrency", "1", "--backup-dir", self.backups, env={"CTI_WEBHOOK": self.receiver.url})
        self.assertRan(done)
        self.assertNotIn("s3cr3t", done.err)
        self.assertEqual([e["event"] for e in self.receiver.events()], ["backup_created", "backup_verify_failed"])
        states = [json.loads(self.assertRan(self.cti("jobs", "show", number, "--format", "json")).raw)["state"] for number in jobs]
        self.assertEqual(states, ["done", "failed"])
        self.assertRefused(self.cti("worker", "--webhook", "ftp://x/"), 2, "no http or https")
