"""Jobs whose effect is a row, under workers that are killed, frozen and cut off: each effect once. tests/campaigns/jobs.sh runs it long."""
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from harness import BINARY, DatabaseCase, environment, wait_until
from own_server import OwnServer
from pooler import PoolerCase
from wire import Wire

LOAD = pathlib.Path(BINARY).resolve().parents[1] / "tests/load/jobs_load"
JOBS = int(os.environ.get("CTI_JOBS_COUNT", "1000"))
WORKERS = int(os.environ.get("CTI_JOB_WORKERS", "4"))
KILL_S = float(os.environ.get("CTI_JOB_KILL_S", "3"))
RESTARTS = int(os.environ.get("CTI_JOB_RESTARTS", "2"))
LEASE_S = 3


class Load:
    """Jobs whose effect is a row, and workers that do them."""
    lease_s = LEASE_S

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
        worker = subprocess.Popen([str(LOAD), "work", "2", str(self.lease_s)], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
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
        return runs

    def until(self, seconds):
        """Moments 200 ms apart while there is work and time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.left():
            yield
            time.sleep(0.2)  # the campaign's rhythm: kills every 200 ms

    def replace_one(self):
        victim = self.random.choice(self.workers)
        victim.kill()
        victim.wait()
        self.workers.remove(victim)
        self.start()

    def start_all(self):
        for _ in range(WORKERS):
            self.start()


@unittest.skipUnless(LOAD.exists(), "jobs_load was not built beside the program")
class Campaign(Load, DatabaseCase):
    def test_killed_workers_lose_and_double_no_effect(self):
        self.start_all()
        kills = 0
        for _ in self.until(KILL_S):
            self.replace_one()
            kills += 1
        self.check("%d kills" % kills)

    def test_frozen_workers_double_no_effect(self):
        self.start_all()
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
        self.start_all()
        cuts = 0
        for _ in self.until(KILL_S):
            cuts += self.db.value("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                                  "AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 2) AS sessions")
        self.check("%d connections cut" % cuts)

    def test_commits_whose_answer_is_lost_are_found_out(self):
        # What such a commit claimed is the worker's own: nobody waits for the end of a lease, and no try is spent.
        self.lease_s = 60
        wire = Wire(lose_every=5).open()
        self.addCleanup(wire.cut)
        self.env = dict(self.env, PGHOST="127.0.0.1", PGPORT=str(wire.port), PGSSLMODE="disable")
        self.start_all()
        self.assertEqual(self.check("the answers to some commits lost"), JOBS)
        self.assertGreater(wire.lost, 10)

    def test_a_network_that_is_cut_loses_and_doubles_no_effect(self):
        wire = Wire().open()
        self.addCleanup(wire.cut)
        self.env = dict(self.env, PGHOST="127.0.0.1", PGPORT=str(wire.port), PGSSLMODE="disable")
        self.start_all()
        cuts = 0
        for _ in self.until(KILL_S):
            wire.cut()
            wire.open()
            cuts += 1
        self.check("%d times without a network" % cuts)


@unittest.skipUnless(LOAD.exists(), "jobs_load was not built beside the program")
class UnsteadyServer(Load, DatabaseCase):
    """On a server of its own, which is restarted and frozen."""

    @classmethod
    def setUpClass(cls):
        cls.server = OwnServer()
        cls.addClassCleanup(cls.server.remove)
        cls.server.init("listen_addresses = ''", "unix_socket_directories = '%s'" % cls.server.folder)
        cls.server.control("start")
        before = dict(os.environ)
        cls.addClassCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.update(PGHOST=str(cls.server.folder), PGPORT=str(cls.server.port), PGUSER="cti")
        super().setUpClass()

    def done(self):
        return self.db.value("SELECT count(*) FROM cti.finished_jobs")

    def wait_for_progress(self):
        before = self.done()
        wait_until(lambda: self.done() > before or self.left() == 0, timeout=120, what="progress")

    def test_a_server_that_is_restarted_loses_and_doubles_no_effect(self):
        self.start_all()
        restarts = 0
        while restarts < RESTARTS and self.left():
            self.wait_for_progress()
            self.server.control("-m", ("fast", "immediate")[restarts % 2], "restart")
            restarts += 1
        self.check("%d restarts of the server" % restarts)

    def test_a_server_that_is_frozen_loses_and_doubles_no_effect(self):
        self.start_all()
        freezes = 0
        while freezes < RESTARTS and self.left():
            self.wait_for_progress()
            self.server.freeze()
            time.sleep(LEASE_S + 1)  # so that all leases have ended when it goes on
            self.server.thaw()
            freezes += 1
        self.check("%d times that the server was frozen" % freezes)


@unittest.skipUnless(LOAD.exists(), "jobs_load was not built beside the program")
class ThroughAPooler(Load, PoolerCase, DatabaseCase):
    def setUp(self):
        Load.setUp(self)
        self.start_pooler()
        self.env = dict(self.env, PGHOST="127.0.0.1", PGPORT=str(self.port), PGSSLMODE="disable")

    def test_killed_workers_behind_a_pooler_lose_and_double_no_effect(self):
        self.start_all()
        kills = 0
        for _ in self.until(KILL_S):
            self.replace_one()
            kills += 1
        self.check("%d kills behind a pooler" % kills)


if __name__ == "__main__":
    unittest.main()
