"""Backups that are flipped, cut, exchanged and killed at random; tests/campaigns/backup.sh runs it long."""
import os
import random
import subprocess

from backup_case import BackupCase
from harness import Database, start_cti, wait_until

FLIPS, TRUNCATIONS, EXCHANGES, KILLS = (int(n) for n in os.environ.get("CTI_BACKUP_CAMPAIGN", "24 8 4 6").split())


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
        self.create("--label", "first")
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
