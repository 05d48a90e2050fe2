"""`export --new-since-last NAME -o FILE`, killed and failing at every point, three runs in every order: what is delivered in the end is
every article once, and no file is left behind. CTI_EXPORT_KILLS and CTI_EXPORT_FAILURES set how many of them, CTI_SEED in which order
(tests/campaigns/exports.sh)."""
import itertools
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import unittest

from harness import LabCase, build_shim, cti, start_cti, wait_until

KILLS = ("killed_before_commit", "killed_before_rename", "killed_after_rename")
FAILURES = {"disk_full": 7, "rename_fails": 7, "database_cut": 4, "answer_lost": 4}  # with their exit codes
AT_RANDOM = "killed_at_random"
WANTED_KILLS = int(os.environ.get("CTI_EXPORT_KILLS", "0"))
WANTED_FAILURES = int(os.environ.get("CTI_EXPORT_FAILURES", "0"))
RANDOM_KILLS = 50  # of a campaign, at least
SEED = int(os.environ.get("CTI_SEED", "1"))


class NamedExports(LabCase):
    lab_options = dict(sources=3, entries=4)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="cti-exports-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.preload = build_shim("export_fault.c", cls.folder)
        done = cti("collect", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def setUp(self):
        super().setUp()
        self.rnd = random.Random(SEED)
        self.kills = self.failures = self.random_kills = 0

    def ids(self):
        return [row["id"] for row in self.db.rows("SELECT id FROM articles ORDER BY id")]

    def make_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def add_article(self):
        self.db.execute("""
            INSERT INTO articles (source_id, canonical_url, title, published_at, content, content_hash, discovered_at, created_at, updated_at)
            SELECT source_id, 'https://new.example/' || gen_random_uuid(), 'New', now(), 'A text ' || gen_random_uuid(), gen_random_uuid(), now(), now(), now()
            FROM articles LIMIT 1""")

    def start(self, name, fault, target):
        return start_cti("export", "--new-since-last", name, "--no-content", "-o", target, url=self.db.url(),
                         env={"CTI_FAULT": fault, "LD_PRELOAD": self.preload}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def end(self, process, fault, *codes):
        err = process.communicate(timeout=60)[1].decode("utf-8", "replace")
        self.assertIn(process.returncode, codes, "%s: %s" % (fault, err))
        self.assertNotIn("cti: bug", err)
        self.assertNotIn("Sanitizer", err)
        return err

    def take(self, target):
        """Whoever waits for the file takes it as soon as it is there, whatever became of the run."""
        if not target.exists():
            return []
        articles = json.loads(target.read_text())
        target.unlink()
        return [article["id"] for article in articles]

    def run_once(self, name, fault, folder, delivered):
        target = folder / "out.json"
        process = self.start(name, fault, target)
        if fault == AT_RANDOM:
            try:
                process.wait(self.rnd.uniform(0, 0.4))
            except subprocess.TimeoutExpired:
                process.kill()
            self.end(process, fault, 0, -signal.SIGKILL)
            self.random_kills += process.returncode != 0
        else:
            self.end(process, fault, FAILURES.get(fault, 0 if fault == "none" else -signal.SIGKILL))
        self.kills += process.returncode == -signal.SIGKILL
        self.failures += fault in FAILURES
        delivered += self.take(target)

    def play(self, name, order):
        """How many articles were lost and doubled, and which files are left."""
        delivered, folder = [], self.make_folder(name)
        for fault in order:
            self.run_once(name, fault, folder, delivered)
            self.add_article()
        self.run_once(name, "none", folder, delivered)
        left = sorted(p.name for p in folder.iterdir())
        return len(set(self.ids()) - set(delivered)), len(delivered) - len(set(delivered)), len(left)

    def test_three_runs_that_are_killed_or_fail_in_any_order_lose_and_double_nothing(self):
        is_campaign = WANTED_KILLS > 0 or WANTED_FAILURES > 0
        orders = list(itertools.product(("none", *KILLS, *FAILURES), repeat=3))
        if not is_campaign:
            # The orders in which proof of an undelivered file is at stake, and some others.
            orders = [o for o in orders if o[0] in ("killed_before_rename", "answer_lost") and o[2] == "none" or self.rnd.random() < 0.05]
        self.rnd.shuffle(orders)
        bad, lost, doubled, left, number = [], 0, 0, 0, 0

        def more_orders():
            yield from orders
            while is_campaign and (self.kills < WANTED_KILLS or self.failures < WANTED_FAILURES or self.random_kills < RANDOM_KILLS):
                yield tuple(self.rnd.choice((AT_RANDOM, AT_RANDOM, *FAILURES)) for _ in range(3))

        for number, order in enumerate(more_orders(), 1):
            result = self.play("order%d" % number, order)
            lost, doubled, left = lost + result[0], doubled + result[1], left + result[2]
            if any(result):
                bad.append("%s: %d lost, %d doubled, %d files left" % (", ".join(order), *result))
        print("%d kills (%d at random moments) and %d failures in %d orders, seed %d: %d lost, %d doubled, %d files left"
              % (self.kills, self.random_kills, self.failures, number, SEED, lost, doubled, left), flush=True)
        self.assertEqual(bad, [])

    def test_the_next_run_goes_to_another_file_and_tidies_the_folder_before(self):
        before, after, delivered = self.make_folder("before"), self.make_folder("after"), []
        self.run_once("moved", "killed_before_rename", before, delivered)
        self.run_once("moved", "killed_before_commit", before, delivered)
        foreign = before / ".out.json.tmp.1"
        foreign.write_text("somebody else's")
        self.assertEqual(len(list(before.iterdir())), 3)
        self.run_once("moved", "none", after, delivered)
        self.assertEqual(sorted(delivered), self.ids())
        self.assertEqual([p.name for p in (*before.iterdir(), *after.iterdir())], [foreign.name])
        self.assertEqual(self.db.rows("SELECT pending_file, made_files FROM cti.export_cursors WHERE name = 'moved'"), [{"pending_file": None, "made_files": []}])

    def test_an_export_that_is_about_to_be_delivered_is_waited_for_by_nobody(self):
        folder, other = self.make_folder("slow"), self.make_folder("fast")
        first = self.start("slow", "stopped_before_rename", folder / "out.json")
        try:
            wait_until(lambda: pathlib.Path("/proc/%d/stat" % first.pid).read_text().rpartition(")")[2].split()[0] == "T", what="the stop")
            second = self.end(self.start("slow", "none", other / "out.json"), "second", 5)
            self.assertIn("another export of 'slow' is at work", second)
        finally:
            first.send_signal(signal.SIGCONT)
        self.end(first, "first", 0)
        self.assertEqual(sorted(self.take(folder / "out.json")), self.ids())
        self.assertEqual([*folder.iterdir(), *other.iterdir()], [])
        self.add_article()
        delivered = []
        self.run_once("slow", "none", folder, delivered)
        self.assertEqual(delivered, self.ids()[-1:])

    def test_of_two_exports_at_once_one_delivers_and_the_other_leaves_nothing(self):
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'public.articles'::regclass AND NOT granted AND mode = 'AccessShareLock'"
        folders = [self.make_folder("twin%d" % n) for n in range(2)]
        with subprocess.Popen(["psql", "-qX", "-d", self.db.url()], stdin=subprocess.PIPE) as holder:
            holder.stdin.write(b"BEGIN; LOCK TABLE public.articles;\n")
            holder.stdin.flush()
            wait_until(lambda: self.db.value("SELECT count(*) FROM pg_locks WHERE relation = 'public.articles'::regclass AND granted AND mode = 'AccessExclusiveLock'"), what="the lock")
            runs = [self.start("twin", "none", folder / "out.json") for folder in folders]
            wait_until(lambda: self.db.value(waiting) == 2, what="both exports")
            holder.stdin.close()
        for run in runs:
            self.end(run, "twin", 0, 5)
        self.assertEqual(sorted(run.returncode for run in runs), [0, 5])
        self.assertEqual(sorted(sum((self.take(folder / "out.json") for folder in folders), [])), self.ids())
        self.assertEqual(sum((list(folder.iterdir()) for folder in folders), []), [])

    def test_a_folder_in_place_of_the_file_fails_the_export_and_its_articles_come_again(self):
        folder, delivered = self.make_folder("replaced"), []
        target = folder / "out.json"
        first = self.start("replaced", "stopped_before_rename", target)
        try:
            wait_until(lambda: pathlib.Path("/proc/%d/stat" % first.pid).read_text().rpartition(")")[2].split()[0] == "T", what="the stop")
            target.mkdir()
        finally:
            first.send_signal(signal.SIGCONT)
        self.end(first, "first", 7)
        self.end(self.start("replaced", "none", target), "second", 7)
        target.rmdir()
        self.run_once("replaced", "none", folder, delivered)
        self.assertEqual(sorted(delivered), self.ids())
        self.assertEqual(list(folder.iterdir()), [])

    def test_a_folder_of_articles_that_is_killed_or_fails_moves_nothing(self):
        folder = self.make_folder("each")
        for fault, code in (("killed_before_commit", -signal.SIGKILL), ("killed_before_rename", -signal.SIGKILL), ("rename_fails", 7), ("disk_full", 7), ("database_cut", 4)):
            done = self.cti("export", "--new-since-last", "each", "--output-dir", folder, env={"CTI_FAULT": fault, "LD_PRELOAD": self.preload})
            self.assertEqual(done.rc, code, "%s: %s" % (fault, done))
            self.assertEqual(self.db.rows("SELECT 1 FROM cti.export_cursors WHERE name = 'each' AND last_id + exported > 0"), [], fault)
        self.assertRan(self.cti("export", "--new-since-last", "each", "--output-dir", folder))
        got = [a["id"] for p in folder.glob("[!.]*.json") for a in json.loads(p.read_text())]
        self.assertEqual(sorted(got), self.ids())

    def test_an_export_to_standard_output_that_is_killed_before_the_commit_moves_nothing(self):
        locks = "SELECT count(*) FROM pg_locks WHERE "
        out = self.folder / "stdout.json"
        with subprocess.Popen(["psql", "-qX", "-d", self.db.url()], stdin=subprocess.PIPE) as holder, out.open("wb") as stdout:
            holder.stdin.write(b"BEGIN; INSERT INTO cti.export_cursors (name) VALUES ('stdout');\n")
            holder.stdin.flush()
            wait_until(lambda: self.db.value(locks + "relation = 'cti.export_cursors'::regclass AND granted AND mode = 'RowExclusiveLock'"), what="the row")
            process = start_cti("export", "--new-since-last", "stdout", "--no-content", url=self.db.url(), stdout=stdout, stderr=subprocess.PIPE)
            wait_until(lambda: self.db.value(locks + "locktype = 'transactionid' AND NOT granted"), what="the commit")
            process.kill()
            self.end(process, "stdout", -signal.SIGKILL)
            holder.stdin.close()
        self.assertEqual(len(json.loads(out.read_text())), len(self.ids()))  # all of it was written
        self.assertEqual(self.db.rows("SELECT 1 FROM cti.export_cursors WHERE name = 'stdout'"), [])
        self.assertEqual(len(self.assertRan(self.cti("export", "--new-since-last", "stdout", "--no-content")).json()), len(self.ids()))

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
