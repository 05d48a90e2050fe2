"""Disks that are full, at every place where something is written."""
import pathlib
import resource
import shutil
import subprocess

from harness import BINARY, environment
from test_backup import BackupCase


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
