"""A process that is stopped (SIGSTOP) at a random moment holds nobody up: the others finish within its lease and ten seconds, nothing
is lost, nothing is doubled, and what it is let do afterwards changes nothing. CTI_FREEZES sets how many (tests/campaigns/frozen.sh)."""
import ctypes
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from harness import Case, Database, Lab, cti, start_cti, wait_until

FREEZES = int(os.environ.get("CTI_FREEZES", "4"))
SOURCES, ENTRIES, LEASE_S, GRACE_S = 40, 10, 3, 10
# What the server ends a frozen transaction after (TransactionLimits::idle); a lock on the same article lasts as long at most.
IDLE_S = 15


class Frozen(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(sources=SOURCES, entries=ENTRIES, options=("--latency-ms", "5")).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)

    def start(self, kind, db, folder):
        quiet = dict(url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if kind == "collect":
            return start_cti("collect", "-j", "4", "--lease", LEASE_S, **quiet)
        if kind == "monitor":
            return start_cti("monitor", "--schedule", "due", "--lease", LEASE_S, **quiet)
        if kind == "export":
            return start_cti("export", "--new-since-last", "frozen", "-o", os.path.join(folder, "frozen.json"), **quiet)
        return start_cti("intel", "backfill", "--again", **quiet)

    def counts(self, db):
        return db.rows("""
            SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(DISTINCT canonical_url) FROM articles) AS urls,
                   (SELECT count(*) FROM content_hashes) AS hashes, (SELECT count(*) FROM source_checks) AS checks,
                   (SELECT count(*) FROM cti.article_keys) AS keys""")[0]

    def freeze(self, kind, seed):
        """One process is frozen; returns how long the others took. The seed decides when."""
        rnd, db = random.Random(seed), Database(template=self.template.name)
        frozen = None
        try:
            with tempfile.TemporaryDirectory() as folder:
                if kind in ("export", "backfill"):
                    self.assertRan(cti("collect", url=db.url()))
                frozen = self.start(kind, db, folder)
                # Somewhere between its first byte and its last one: a timer, as no condition is as random.
                timer = threading.Timer(rnd.uniform(0.01, 0.5), lambda: frozen.poll() is None and frozen.send_signal(signal.SIGSTOP))
                timer.start()
                timer.join()
                begun = time.monotonic()
                if kind in ("export", "backfill"):
                    self.assertRan(cti("intel", "backfill", "--again", url=db.url()))
                    self.assertRan(cti("export", "--new-since-last", "other", "-o", os.path.join(folder, "other.json"), url=db.url()))
                else:
                    self.finish_collecting(db)
                took = time.monotonic() - begun
                before = self.counts(db)
                if frozen.poll() is None:
                    frozen.send_signal(signal.SIGCONT)
                    if kind == "monitor":
                        frozen.terminate()
                    frozen.wait(60)
                after = self.counts(db)
                self.assertEqual(after, before, "%s, seed %d: the thawed one wrote" % (kind, seed))
                everything = SOURCES * ENTRIES
                self.assertEqual((after["articles"], after["urls"], after["hashes"], after["keys"]), (everything, everything, everything, 0),
                                 "%s, seed %d" % (kind, seed))
                self.assertEqual(after["checks"], SOURCES, "%s, seed %d" % (kind, seed))
                return took
        finally:
            if frozen and frozen.poll() is None:
                frozen.send_signal(signal.SIGCONT)
                frozen.kill()
                frozen.wait(30)
            db.drop()

    def finish_collecting(self, db):
        """Others collect until every source is recorded: those of the frozen one when its lease has ended."""
        def collect_rest():
            self.assertRan(cti("collect", "--lease", LEASE_S, url=db.url()))
            return db.value("SELECT count(DISTINCT source_id) FROM source_checks") == SOURCES
        wait_until(collect_rest, timeout=120, what="the record of every source")

    def test_frozen_at_random_moments_it_holds_nobody_up_and_loses_nothing(self):
        seed = int(os.environ.get("CTI_SEED", random.SystemRandom().randrange(10 ** 6)))
        kinds, longest = ("collect", "monitor", "export", "backfill"), 0
        for i in range(FREEZES):
            took = self.freeze(kinds[i % len(kinds)], seed + i)
            longest = max(longest, took)
            self.assertLess(took, max(LEASE_S, IDLE_S) + GRACE_S, "%s, seed %d" % (kinds[i % len(kinds)], seed + i))
        print("%d frozen, 0 lost, 0 duplicated, the others took %.1f s at most" % (FREEZES, longest), flush=True)


class HalfSent:
    """A client of the database that has run some statements and then sent a half of the next message, as a process that is stopped does.
    The server waits for the rest for ever; no timeout of its own counts meanwhile."""

    def __init__(self, url, *statements):
        self.libpq = ctypes.CDLL("libpq.so.5")
        for name in ("PQconnectdb", "PQexec"):
            getattr(self.libpq, name).restype = ctypes.c_void_p
        self.connection = ctypes.c_void_p(self.libpq.PQconnectdb(url.encode()))
        for sql in statements:
            self.libpq.PQclear(ctypes.c_void_p(self.libpq.PQexec(self.connection, ctypes.c_char_p(sql.encode()))))
        self.libpq.PQsetnonblocking(self.connection, 1)
        values = (ctypes.c_char_p * 1)(b"x" * 50_000_000)  # far more than a socket takes
        if not self.libpq.PQsendQueryParams(self.connection, b"SELECT length($1)", 1, None, values, None, None, 0):
            raise AssertionError("the message was not sent")

    def close(self):
        self.libpq.PQfinish(self.connection)


class Holder:
    """A session that has run a statement in a transaction, and holds its locks until it is let go."""

    def __init__(self, db, statement):
        self.process = subprocess.Popen(["psql", "-X", "-q", "-d", db.name], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.say("BEGIN; " + statement)
        wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"))

    def say(self, sql):
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()

    def commit(self):
        self.say("COMMIT;")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Locked(Case):
    def hold(self, db, statement):
        holder = Holder(db, statement)
        self.addCleanup(holder.close)
        return holder

    def test_a_process_that_stopped_in_the_middle_of_a_message_keeps_its_source_for_a_while_only(self):
        with Lab(sources=3, entries=5) as lab:
            db = Database()
            self.addCleanup(db.drop)
            self.assertRan(cti("init", "--config", lab.yaml, url=db.url()))
            self.assertRan(cti("collect", url=db.url()))
            frozen = HalfSent(db.url() + "&application_name=cti%20collect", "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 1000",
                              "SELECT 1 FROM cti.source_state WHERE source_id = (SELECT min(source_id) FROM cti.source_state) FOR UPDATE")
            self.addCleanup(frozen.close)

            def every_source_is_collected_again():
                self.assertRan(cti("collect", "--force", url=db.url()))
                return db.value("SELECT min(count) FROM (SELECT count(*) FROM source_checks GROUP BY source_id) c") >= 2
            self.assertFalse(every_source_is_collected_again())
            wait_until(every_source_is_collected_again, timeout=IDLE_S + GRACE_S, what="the record of the source that was locked")
            self.assertEqual(db.value("SELECT count(*) FROM articles"), 15)

    def test_a_run_waits_to_be_recorded_for_as_long_as_a_frozen_one_may_hold_the_record(self):
        with Lab(sources=2, entries=5) as lab:
            db = Database()
            self.addCleanup(db.drop)
            self.assertRan(cti("init", "--config", lab.yaml, url=db.url()))
            holder = self.hold(db, "INSERT INTO cti.schedules (name) VALUES ('collect') ON CONFLICT (name) DO UPDATE SET last_run_at = now();")
            process = start_cti("collect", url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            # Longer than a check waits for a lock.
            wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                                        " AND clock_timestamp() - query_start > interval '3 s'") or process.poll() is not None)
            holder.commit()
            err = process.communicate(timeout=60)[1].decode()
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(db.value("SELECT count(*) FROM cti.runs WHERE result = 'ok'"), 1)

    def test_a_lock_of_ten_seconds_on_some_sources_leaves_the_others_alone(self):
        with Lab(sources=8, entries=5) as lab:
            db = Database()
            self.addCleanup(db.drop)
            self.assertRan(cti("init", "--config", lab.yaml, url=db.url()))
            holder = self.hold(db, "SELECT 1 FROM sources WHERE identifier IN (SELECT identifier FROM sources ORDER BY 1 LIMIT 2) FOR UPDATE;")
            process = start_cti("collect", url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            wait_until(lambda: db.value("SELECT count(*) FROM source_checks") == 6, what="the record of the six others")
            self.assertIsNone(process.poll())
            holder.commit()
            err = process.communicate(timeout=120)[1].decode()
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(db.value("SELECT count(*) FROM source_checks"), 8)
            self.assertEqual(db.value("SELECT count(*) FROM articles"), 40)

    def test_a_stop_while_a_source_is_locked_ends_the_run_and_leaves_the_source_due(self):
        with Lab(sources=3, entries=5) as lab:
            db = Database()
            self.addCleanup(db.drop)
            self.assertRan(cti("init", "--config", lab.yaml, url=db.url()))
            holder = self.hold(db, "SELECT 1 FROM sources WHERE identifier = (SELECT min(identifier) FROM sources) FOR UPDATE;")
            process = start_cti("collect", url=db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            wait_until(lambda: db.value("SELECT count(*) FROM source_checks") == 2, what="the record of the others")
            process.terminate()
            self.assertEqual(process.wait(20), 143)
            process.stderr.close()
            holder.commit()
            wait_until(lambda: db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 0, timeout=150, what="the end of the lease")
            self.assertRan(cti("collect", url=db.url()))
            self.assertEqual(db.value("SELECT count(*) FROM articles"), 15)


if __name__ == "__main__":
    unittest.main()
