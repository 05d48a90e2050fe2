"""SIGKILL at random moments, ten runs at once on the same sources: nothing is lost, nothing is doubled, no source is with two runs
at a time. CTI_KILLS sets how many (tests/campaigns/kill.sh); CTI_BINARY which program."""
import collections
import os
import random
import signal
import subprocess
import unittest

from harness import Case, Database, Lab, cti, start_cti, wait_until

KILLS = int(os.environ.get("CTI_KILLS", "10"))
RUNS, KILLS_A_ROUND = 10, 5
SOURCES, ENTRIES, LEASE_S = 100, 10, 3


class Killed(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(sources=SOURCES, entries=ENTRIES, options=("--latency-ms", "20")).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)

    def state(self, db):
        return db.rows("""
            SELECT (SELECT count(*) FROM articles) AS articles,
                   (SELECT count(DISTINCT canonical_url) FROM articles) AS urls,
                   (SELECT count(DISTINCT content_hash) FROM articles) AS hashes,
                   (SELECT count(*) FROM content_hashes) AS recorded,
                   (SELECT count(*) FROM source_checks) AS checks,
                   (SELECT count(*) FROM sources s WHERE total_articles =
                       (SELECT count(*) FROM articles a WHERE a.source_id = s.id)) AS right_counters""")[0]

    def kill_some(self, db, kills, rnd):
        """Starts the runs, kills some of them between their first claim and their end; returns how many were still alive then."""
        runs = [start_cti("collect", "-j", "4", "--lease", LEASE_S, url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(RUNS)]
        killed = 0
        try:
            for process in rnd.sample(runs, kills):
                at_least = rnd.randrange(0, SOURCES * ENTRIES)
                wait_until(lambda: process.poll() is not None or all(p.poll() is not None for p in runs)
                           or db.value("SELECT count(*) FROM articles") >= at_least, what="enough articles to kill the next run")
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    killed += 1
        finally:
            codes = [process.wait(120) for process in runs]
        self.assertLessEqual(set(codes), {0, -signal.SIGKILL}, codes)
        return killed

    def run_round(self, kills, seed):
        rnd, db = random.Random(seed), Database(template=self.template.name)
        self.lab.stats(reset=True)
        try:
            killed = self.kill_some(db, kills, rnd)
            wait_until(lambda: db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 0, what="the end of the leases of the dead")
            self.assertRan(cti("collect", "--fail-on", "any", url=db.url()))
            state, all_of_them = self.state(db), SOURCES * ENTRIES
            self.assertEqual(state, dict(articles=all_of_them, urls=all_of_them, hashes=all_of_them, recorded=all_of_them, checks=SOURCES,
                                         right_counters=SOURCES), "seed %s" % seed)
            self.assertOneAtATime(seed)
        finally:
            db.drop()
        return killed, all_of_them - state["articles"], state["articles"] - state["urls"]

    def assertOneAtATime(self, seed):
        asked = collections.defaultdict(list)
        for line in self.lab.get("/__log").decode().splitlines():
            moment, _, target, *_ = line.split()
            asked[target].append(float(moment))
        self.assertEqual(len(asked), SOURCES)
        for target, moments in asked.items():
            for earlier, later in zip(moments, moments[1:]):
                # Again only when the lease of a dead run had ended. It began a little before the request was answered.
                self.assertGreater(later - earlier, LEASE_S - 1, "%s, seed %s" % (target, seed))

    def test_killed_at_random_moments_nothing_is_lost_and_nothing_doubled(self):
        killed = lost = doubled = 0
        seed = random.SystemRandom().randrange(10 ** 6)
        while killed < KILLS:
            result = self.run_round(min(KILLS - killed, KILLS_A_ROUND), seed)
            killed, lost, doubled, seed = killed + result[0], lost + result[1], doubled + result[2], seed + 1
        print("%d kills, %d lost, %d duplicated" % (killed, lost, doubled), flush=True)


if __name__ == "__main__":
    unittest.main()
