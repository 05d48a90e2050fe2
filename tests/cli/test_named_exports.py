"""`export --new-since-last NAME -o FILE`, killed and failing at every point, three runs in every order: what is delivered in the end is
every article once. CTI_EXPORT_KILLS and CTI_EXPORT_FAILURES set how many of them (tests/campaigns/exports.sh)."""
import itertools
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import unittest

from harness import BINARY, DATA, LabCase, cti

KILLS = ("killed_before_commit", "killed_before_rename", "killed_after_rename")
FAILURES = ("disk_full", "rename_fails")
WANTED_KILLS = int(os.environ.get("CTI_EXPORT_KILLS", "0"))
WANTED_FAILURES = int(os.environ.get("CTI_EXPORT_FAILURES", "0"))


class NamedExports(LabCase):
    lab_options = dict(sources=3, entries=4)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="cti-exports-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.shim = cls.folder / "fault.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", cls.shim, DATA / "export_fault.c", "-ldl"], check=True, timeout=60)
        linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True, timeout=60).stdout.splitlines()
        cls.preload = ":".join([line.split("=>")[1].split()[0] for line in linked if "libasan" in line] + [str(cls.shim)])
        done = cti("collect", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def add_article(self):
        self.db.execute("""
            INSERT INTO articles (source_id, canonical_url, title, published_at, content, content_hash, discovered_at, created_at, updated_at)
            SELECT source_id, 'https://new.example/' || gen_random_uuid(), 'New', now(), 'A text ' || gen_random_uuid(), gen_random_uuid(), now(), now(), now()
            FROM articles LIMIT 1""")

    def run_once(self, name, fault, folder, delivered):
        """One run; whoever waits for the file takes it as soon as it is there, whatever became of the run."""
        target = folder / "out.json"
        done = self.cti("export", "--new-since-last", name, "--no-content", "-o", target, env={"CTI_FAULT": fault, "LD_PRELOAD": self.preload})
        expected = 0 if fault == "none" else 7 if fault in FAILURES else -signal.SIGKILL
        self.assertEqual(done.rc, expected, "%s: %s" % (fault, done))
        if target.exists():
            delivered += [article["id"] for article in json.loads(target.read_text())]
            target.unlink()

    def play(self, name, order):
        delivered = []
        folder = self.folder / name
        folder.mkdir()
        for fault in order:
            self.run_once(name, fault, folder, delivered)
            self.add_article()
        self.run_once(name, "none", folder, delivered)
        ids = [row["id"] for row in self.db.rows("SELECT id FROM articles ORDER BY id")]
        lost, doubled = len(set(ids) - set(delivered)), len(delivered) - len(set(delivered))
        self.assertEqual((lost, doubled), (0, 0), "lost and doubled after %s" % (order,))
        return sum(fault in KILLS for fault in order), sum(fault in FAILURES for fault in order)

    def test_three_runs_that_are_killed_or_fail_in_any_order_lose_and_double_nothing(self):
        orders = list(itertools.product(("none", *KILLS, *FAILURES), repeat=3))
        rnd = random.Random(int(os.environ.get("CTI_SEED", "1")))
        if not WANTED_KILLS and not WANTED_FAILURES:
            # The orders in which proof of an undelivered file is at stake, and some others.
            orders = [o for o in orders if o[0] == "killed_before_rename" and o[2] == "none" or rnd.random() < 0.08]
        kills = failures = number = 0
        while True:
            rnd.shuffle(orders)
            for order in orders:
                number += 1
                more = self.play("order%d" % number, order)
                kills, failures = kills + more[0], failures + more[1]
            if kills >= WANTED_KILLS and failures >= WANTED_FAILURES:
                break
        print("%d kills and %d failures in %d orders, 0 lost, 0 doubled" % (kills, failures, number), flush=True)

    def test_where_nobody_can_tell_whether_a_file_was_delivered_the_export_refuses(self):
        folder = self.folder / "gone"
        folder.mkdir()
        self.run_once("gone", "killed_before_rename", folder, [])
        folder.rename(self.folder / "elsewhere")
        for _ in range(2):
            done = self.cti("export", "--new-since-last", "gone", "-o", self.folder / "other.json")
            self.assertRefused(done, 7, "cannot tell whether the last export of 'gone' reached its file", "is it mounted?")
        (self.folder / "elsewhere").rename(folder)
        delivered = []
        self.run_once("gone", "none", folder, delivered)
        self.assertEqual(len(delivered), self.db.value("SELECT count(*) FROM articles"))
        self.assertEqual([p.name for p in folder.iterdir()], [])


if __name__ == "__main__":
    unittest.main()
