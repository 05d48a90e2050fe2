"""Jobs whose effect is a row, under workers that are killed, frozen and cut off: each effect once. tests/campaigns/jobs.sh runs it long."""
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from harness import BINARY, DatabaseCase, environment, wait_until

LOAD = pathlib.Path(BINARY).resolve().parents[1] / "tests/engine/jobs_load"
JOBS = int(os.environ.get("CTI_JOBS_COUNT", "2000"))
WORKERS = int(os.environ.get("CTI_JOB_WORKERS", "4"))
KILL_S = float(os.environ.get("CTI_JOB_KILL_S", "5"))
LEASE_S = 3


@unittest.skipUnless(LOAD.exists(), "jobs_load was not built beside the program")
class Campaign(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.assertRan(self.cti("init", "--no-sources"))
        self.db.execute("DROP TABLE IF EXISTS public.effects; CREATE TABLE public.effects (number bigint); TRUNCATE cti.jobs, cti.finished_jobs")
        self.env = environment(None, PGDATABASE=self.db.name)
        self.random = random.Random(int(os.environ.get("CTI_SEED", "1")))
        subprocess.run([str(LOAD), "add", str(JOBS)], env=self.env, check=True, timeout=600)
        self.workers = []
        self.addCleanup(self.end_workers)

    def start(self):
        worker = subprocess.Popen([str(LOAD), "work", "2", str(LEASE_S)], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.workers.append(worker)
        return worker

    def end_workers(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()

    def left(self):
        return self.db.value("SELECT count(*) FROM cti.jobs")

    def check(self, what):
        wait_until(lambda: self.left() == 0, timeout=3600, what="the end of all jobs")
        effects, distinct = (self.db.value("SELECT count(%s) FROM public.effects" % x) for x in ("number", "DISTINCT number"))
        runs, done = (self.db.value("SELECT %s FROM cti.finished_jobs WHERE state = 'done'" % x) for x in ("coalesce(sum(attempts), 0)", "count(*)"))
        print("%d jobs, %s, %d lost, %d doubled, %d runs more than one" % (JOBS, what, JOBS - distinct, effects - distinct, runs - JOBS))
        self.assertEqual((effects, distinct, done), (JOBS, JOBS, JOBS))

    def until(self, seconds):
        """Moments 200 ms apart while there is work and time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.left():
            yield
            time.sleep(0.2)  # the campaign's rhythm: kills every 200 ms

    def test_killed_workers_lose_and_double_no_effect(self):
        for _ in range(WORKERS):
            self.start()
        kills = 0
        for _ in self.until(KILL_S):
            victim = self.random.choice(self.workers)
            victim.kill()
            victim.wait()
            self.workers.remove(victim)
            self.start()
            kills += 1
        self.check("%d kills" % kills)

    def test_frozen_workers_double_no_effect(self):
        for _ in range(WORKERS):
            self.start()
        freezes = 0
        for _ in self.until(KILL_S):
            victim = self.random.choice(self.workers)
            victim.send_signal(signal.SIGSTOP)
            wait_until(lambda: self.left() == 0 or self.db.value(
                "SELECT count(*) FROM cti.jobs WHERE state = 'running' AND lease_until > now() AND worker LIKE '%%:%d'" % victim.pid) == 0,
                what="the end of the leases")
            victim.send_signal(signal.SIGCONT)
            freezes += 1
        self.check("%d frozen" % freezes)

    def test_cut_connections_lose_and_double_no_effect(self):
        for _ in range(WORKERS):
            self.start()
        cuts = 0
        for _ in self.until(KILL_S):
            cuts += self.db.value("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                                  "AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2) AS sessions")
        self.check("%d connections cut" % cuts)


if __name__ == "__main__":
    unittest.main()
