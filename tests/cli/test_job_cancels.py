"""Jobs that are cancelled at random moments: they end soon, and leave no half file, no half source and no lease. tests/campaigns/cancels.sh
runs it long."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time
import unittest

from harness import LabCase, start_cti, wait_until

CANCELS = int(os.environ.get("CTI_JOB_CANCELS", "8"))
# A cancelled job ends within a second; a machine with other things to do gets more.
LONGEST_S = float(os.environ.get("CTI_JOB_CANCEL_S", "30"))
ARTICLES = 3000


class Cancels(LabCase):
    lab_options = dict(sources=10, entries=20, options=("--latency-ms", "300"))

    def setUp(self):
        self.random = random.Random(int(os.environ.get("CTI_SEED", "1")))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.db.execute("INSERT INTO public.articles (source_id, canonical_url, title, published_at, content, content_hash) "
                        "SELECT 1, 'https://old.example/' || n, 'Report ' || n, now(), repeat('A loader was seen. ', 1500) || n, md5(n::text) FROM generate_series(1, %d) n"
                        % ARTICLES)
        # So that collects need not catch up with them.
        self.assertRan(self.cti("intel", "backfill"))

    def ended(self, number):
        return self.db.value("SELECT count(*) FROM cti.finished_jobs WHERE id = %d" % number)

    def cancel_at_a_moment(self, *job):
        """Its state at the end, and the seconds from the answer of the command to that."""
        number = int(self.assertRan(self.cti("jobs", "add", *job)).out)
        wait_until(lambda: self.ended(number) or self.db.value("SELECT count(*) FROM cti.jobs WHERE id = %d AND state = 'running'" % number), what="its beginning")
        time.sleep(self.random.uniform(0, 0.4))  # the random moment
        self.assertRan(self.cti("jobs", "cancel", number))
        asked = self.db.value("SELECT extract(epoch FROM clock_timestamp())::float8")
        wait_until(lambda: self.ended(number), what="its end")
        state, at = (self.db.value("SELECT %s FROM cti.finished_jobs WHERE id = %d" % (x, number)) for x in ("state", "extract(epoch FROM finished_at)::float8"))
        self.assertIn(state, ("cancelled", "done"))
        return state, max(0.0, at - asked)

    def check_file(self, name, state):
        path = self.folder / name
        self.assertEqual([p.name for p in self.folder.iterdir()], [name] if path.exists() else [], "a half file is left")
        self.assertTrue(state == "cancelled" or path.exists())
        if path.exists():
            self.assertGreaterEqual(len([json.loads(line) for line in path.read_text().splitlines()]), ARTICLES)
            path.unlink()

    def test_they_end_soon_and_leave_nothing_half_done(self):
        worker = start_cti("worker", "--export-dir", self.folder, url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(worker.wait)
        self.addCleanup(worker.kill)
        states, slowest = {"cancelled": 0, "done": 0}, 0.0
        for i in range(CANCELS):
            if i % 2:
                name = "export%d.ndjson" % i
                state, took = self.cancel_at_a_moment("export", "--output", name)
                self.check_file(name, state)
            else:
                state, took = self.cancel_at_a_moment("collect", "--force")
                self.assertEqual(self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until IS NOT NULL"), 0)
            states[state] += 1
            slowest = max(slowest, took)
        self.assertGreater(states["cancelled"], 0)
        worker.terminate()
        self.assertEqual(worker.wait(60), 143)
        self.assertRan(self.cti("collect", "--force", "--fail-on", "any"))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), ARTICLES + 200)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks c WHERE success AND NOT EXISTS (SELECT FROM public.sources s WHERE s.id = c.source_id)"), 0)
        print("%d cancels, %d ended before, slowest %.2f s, 0 half files, 0 half sources" % (CANCELS, states["done"], slowest), flush=True)
        self.assertLess(slowest, LONGEST_S)


if __name__ == "__main__":
    unittest.main()
