"""SIGKILL at random moments: nothing is lost, nothing is doubled. CTI_KILLS sets how many (tests/campaigns/kill.sh)."""
import os
import random
import signal
import subprocess
import time
import unittest

from harness import Case, Database, Lab, cti, start_cti

KILLS = int(os.environ.get("CTI_KILLS", "10"))
KILLS_A_ROUND = 4


class Killed(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(sources=40, entries=50).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)

    def run_round(self, kills, whole_s, seed):
        rnd = random.Random(seed)
        db = Database(template=self.template.name)
        try:
            for _ in range(kills):
                process = start_cti("collect", url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    process.wait(rnd.uniform(0.02, 1.0) * whole_s)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
            self.assertRan(cti("collect", "--force", url=db.url()))
            state = db.rows("""
                SELECT (SELECT count(*) FROM articles) AS articles,
                       (SELECT count(DISTINCT canonical_url) FROM articles) AS urls,
                       (SELECT count(DISTINCT content_hash) FROM articles) AS hashes,
                       (SELECT count(*) FROM content_hashes) AS recorded,
                       (SELECT count(*) FROM sources s WHERE total_articles =
                           (SELECT count(*) FROM articles a WHERE a.source_id = s.id)) AS right_counters""")[0]
            self.assertEqual(state, dict(articles=2000, urls=2000, hashes=2000, recorded=2000, right_counters=40), "seed %s" % seed)
        finally:
            db.drop()

    def test_killed_at_random_moments_then_one_clean_run(self):
        begun = time.monotonic()
        self.run_round(0, 0, 0)
        whole_s = time.monotonic() - begun
        left, seed = KILLS, random.SystemRandom().randrange(10 ** 6)
        while left:
            kills = min(left, KILLS_A_ROUND)
            # Ever shorter: what a killed run has stored is not collected again by the next.
            self.run_round(kills, whole_s / 1.5, seed)
            left, seed = left - kills, seed + 1


if __name__ == "__main__":
    unittest.main()
