"""Disks that are full or broken, at every place where something is written or read."""
import pathlib
import resource
import shutil
import struct
import subprocess

from backup_case import BackupCase
from harness import BINARY, build_shim, environment


class FullDisk(BackupCase):
    """No file may grow beyond so many bytes: what is written ends with an error at every place that there is."""

    @staticmethod
    def sizes():
        size = 1
        while size < 400_000:
            yield size
            size = size * 4 + 7

    def limited(self, size, *args, url=None):
        return subprocess.run([BINARY, *args], capture_output=True, text=True, env=environment(url or self.db.url(), CTI_BACKUP_DIR=str(self.backups)),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))

    def hidden(self):
        return [p.name for p in self.backups.iterdir() if p.name.startswith(".")]

    def test_a_backup_is_whole_or_not_there_at_whatever_size(self):
        earlier = self.create("--label", "earlier")
        programs = [["--encrypt", "age", "--encrypt-key", self.age_recipients()]] if shutil.which("age-keygen") else []
        ends = set()
        for args in (["--format", "custom"], ["--format", "sql", "--compress", "none"], ["--format", "directory"], *programs):
            for size in self.sizes():
                before = set(self.backups.iterdir())
                done = self.limited(size, "backup", "create", "--label", "n%d" % len(before), *args)
                ends.add(done.returncode)
                made = set(self.backups.iterdir()) - before
                self.assertIn((done.returncode, len(made)), ((0, 1), (7, 0)), (args, size, done.stderr))
                for path in made:
                    self.assertRan(self.backup("verify", path))
        self.assertEqual(ends, {0, 7})
        self.assertEqual(self.hidden(), [])
        self.assertRan(self.backup("verify", earlier, "--decode"))

    def age_recipients(self):
        key = pathlib.Path(self.folder, "age_key")
        subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
        return key

    def test_a_restore_changes_nothing_where_what_is_there_cannot_be_kept(self):
        self.create("--label", "earlier")
        db = self.empty_database()
        self.assertRan(self.restore("earlier", url=db.url()))
        before, ends = self.state(db), set()
        for size in self.sizes():
            done = self.limited(size, "restore", "earlier", "--confirm", db.name, url=db.url())
            ends.add(done.returncode)
            self.assertIn(done.returncode, (0, 7), (size, done.stderr))
            self.assertEqual(self.state(db), before)
            self.assertEqual(self.hidden(), [])
        self.assertEqual(ends, {0, 7})
        for path in self.backups.iterdir():
            self.assertRan(self.backup("verify", path))
        self.assertEqual(db.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'cti_scratch_%' AND datname LIKE '%" + db.name + "%'"), 0)

    def test_what_was_found_is_told_where_it_cannot_be_written_down(self):
        path = self.create()
        done = self.limited(10, "backup", "verify")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the result is not written down", done.stderr)
        self.assertEqual(sorted(p.name for p in path.iterdir()), ["dump.custom", "manifest.json"])


class BrokenDisk(BackupCase):
    """From one reading, writing, syncing or renaming on, every one ends with an I/O error."""

    MOST = 30  # moments of a command that are tried, spread over all

    def setUp(self):
        super().setUp()
        self.calls = self.backups.with_suffix(".calls")
        self.shim = build_shim("failing_disk.c", self.folder)

    def broken(self, moment, *args, url=None):
        """The exit code, what was said, and how often the disk was asked."""
        self.calls.write_bytes(struct.pack("=qq", moment, 0))
        done = subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=120,
                              env=environment(url or self.db.url(), CTI_BACKUP_DIR=str(self.backups), LD_PRELOAD=self.shim, CTI_TEST_DISK=str(self.backups),
                                              CTI_TEST_DISK_CALLS=str(self.calls)))
        return done.returncode, done.stderr, struct.unpack("=qq", self.calls.read_bytes())[1]

    def moments(self, *args, url=None):
        code, said, count = self.broken(2**62, *args, url=url)
        self.assertEqual(code, 0, said)
        self.assertGreater(count, 3)
        return sorted({1 + n * (count - 1) // (self.MOST - 1) for n in range(self.MOST)})

    def names(self):
        return {p.name for p in self.backups.iterdir()}

    def test_a_backup_is_whole_or_not_there(self):
        earlier = self.create("--label", "earlier")
        failed = 0
        for args in (["--format", "custom"], ["--format", "sql", "--compress", "gzip"], ["--format", "directory"]):
            command = ("backup", "create", "--label", "x", *args)
            for moment in self.moments(*command):
                before = self.names()
                code, said, _ = self.broken(moment, *command)
                made = {name for name in self.names() - before if not name.startswith(".")}
                self.assertIn((code, len(made)), ((0, 1), (7, 0), (8, 0)), (args, moment, said))  # 7: cannot write, 8: cannot read
                if code:
                    self.assertIn("input/output error", said)
                    self.assertNotIn("verified", said)
                failed += code != 0
                for name in made:
                    self.assertRan(self.backup("verify", self.backups / name))
        self.assertGreater(failed, 15)
        self.assertRan(self.backup("verify", earlier, "--decode"))

    def test_a_backup_that_cannot_be_read_is_not_verified_and_not_restored(self):
        self.create("--label", "earlier")
        db = self.empty_database()
        self.assertRan(self.restore("earlier", url=db.url()))
        before = self.state(db)
        for command, url in ((("backup", "verify", "earlier", "--decode"), None),
                             (("restore", "earlier", "--no-safety-backup", "--confirm", db.name), db.url())):
            failed = 0
            for moment in self.moments(*command, url=url):
                code, said, _ = self.broken(moment, *command, url=url)
                if code:
                    self.assertNotIn(": ok", said)
                    self.assertIn("cti: error: ", said)
                    self.assertEqual(self.state(db), before, (moment, said))
                    failed += 1
                # A result that cannot be written down is told, and the backup is as good as it was found.
            self.assertGreater(failed, 2, command)
        self.assertRan(self.backup("verify", "earlier", "--decode"))

    def test_pruning_leaves_what_it_could_not_read_or_remove(self):
        for n in range(4):
            self.create("--label", "n%d" % n)
        self.assertRan(self.backup("verify", "latest"))
        newest = max(self.names())
        prune = ("backup", "prune", "--keep-days", "0", "--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0", "--keep-min", "1")
        removed = 0
        for moment in range(1, 40):
            code, said, count = self.broken(moment, *prune)
            self.assertIn(newest, self.names())
            for name in self.names():
                self.assertFalse(name.startswith("."), (moment, said))
                self.assertRan(self.backup("verify", self.backups / name))
            removed += "cti: 0 backups removed" not in said and code == 0
            if count < moment:
                break  # Nothing failed.
        self.assertEqual(self.names(), {newest})
        self.assertGreater(removed, 0)
