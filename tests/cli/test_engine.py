"""The collection engine: leases, schedules, politeness, moved and gone feeds, changed and like texts, an unsteady database."""
import collections
import json
import os
import signal
import subprocess
import tempfile
import unittest
import urllib.parse

from harness import LabCase, start_cti, wait_until
from pooler import PoolerCase
from wire import Wire

DUE = "UPDATE public.sources SET last_check = NULL"


def feeds_asked(lab):
    """Path of each feed: the moments of its requests."""
    asked = collections.defaultdict(list)
    for line in lab.get("/__log").decode().splitlines():
        moment, _, target, *_ = line.split()
        if target.endswith("/feed.xml"):
            asked[target].append(float(moment))
    return asked


class Together(LabCase):
    """Many runs on the same sources."""
    lab_options = dict(sources=30, entries=5, options=("--latency-ms", "150"))

    def test_each_source_belongs_to_one_run_at_a_time(self):
        runs = [start_cti("collect", "-j", "5", "--format", "json", url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
        reports = []
        for run in runs:
            out, err = run.communicate(timeout=300)
            self.assertEqual(run.returncode, 0, err)
            reports.append(json.loads(out))
        self.assertEqual(sorted(s["identifier"] for r in reports for s in r["sources"]), sorted(self.lab.identifiers()))
        self.assertEqual(sum(r["totals"]["new"] for r in reports), 150)
        self.assertGreater(sum(1 for r in reports if r["totals"]["sources"]), 1, "one run did all the work")
        self.assertEqual({len(moments) for moments in feeds_asked(self.lab).values()}, {1})
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until IS NOT NULL"), 0)


class TakenOver(LabCase):
    lab_options = dict(sources=8, entries=5)

    def test_a_killed_runs_sources_are_taken_over_when_its_leases_end(self):
        self.lab.control(latency=60000)
        run = start_cti("collect", "--lease", "600", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        living = "SELECT count(*) FROM cti.source_state WHERE lease_until > now()"
        wait_until(lambda: self.db.value(living) == 8, what="the claim of all sources")
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.lab.control(latency=0)
        name = self.lab.identifiers()[0]
        self.assertRefused(self.cti("collect", "--source", name), 5, "in the hands of another run")
        self.assertIn(":%d until" % run.pid, self.assertRan(self.cti("sources", "show", name)).out)
        # However slow the machine is, the leases end now.
        self.db.execute("UPDATE cti.source_state SET lease_until = now() - interval '1 second'")
        self.assertRan(self.cti("collect"))
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 40)

    def test_a_stopped_run_gives_its_sources_back(self):
        self.db.execute(DUE)
        self.lab.control(latency=60000)
        run = start_cti("collect", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 8, what="the claim")
        run.send_signal(signal.SIGTERM)
        err = run.communicate(timeout=10)[1].decode()
        self.lab.control(latency=0)
        self.assertEqual(run.returncode, 143, err)
        self.assertIn("8 left for the next run", err)
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until IS NOT NULL"), 0)
        self.assertRan(self.cti("collect", "--fail-on", "any"))


class OneSource(LabCase):
    """Each test has a source of its own."""
    lab_options = dict(sources=12, entries=6)
    numbers = iter(range(12))

    def setUp(self):
        self.number = next(self.numbers)
        self.name = self.lab.identifiers()[self.number]
        # A run without --source meets this one alone, whatever the tests before have left.
        self.db.execute("UPDATE sources SET active = (identifier = '%s')" % self.name)
        self.lab.stats(reset=True)

    def fault(self, kind, arg=""):
        self.lab.control(source=self.number, fault=kind, arg=arg)

    def collect(self, *more):
        done = self.cti("collect", "--source", self.name, "--format", "json", *more)
        self.assertIsHarmless(done)
        return done.json()["sources"][0]

    def row(self, columns, table="sources"):
        return self.db.rows("SELECT %s FROM %s x WHERE %s = (SELECT id FROM sources WHERE identifier = '%s')" % (
            columns, table, "id" if table == "sources" else "source_id", self.name))

    def shown(self):
        return self.assertRan(self.cti("sources", "show", self.name, "--format", "json")).json()

    def wait_s(self):
        return self.row("extract(epoch FROM next_check_at - checked_at)::int AS s", "cti.source_state")[0]["s"]

    def test_what_may_pass_is_tried_again(self):
        self.fault("flaky", 2)
        self.assertEqual((self.collect()["status"], self.lab.stats()["requests"]), ("ok", 3))

    def test_what_will_not_pass_is_not_tried_again(self):
        self.fault("404")
        self.assertEqual((self.collect()["status"], self.lab.stats()["requests"]), ("failed", 1))

    def test_failures_in_a_row_make_the_waits_longer_and_say_why(self):
        self.fault("404")
        waits = []
        for _ in range(3):
            # A check that somebody asks for is no reason to wait longer: these are due.
            self.db.execute("UPDATE cti.source_state SET next_check_at = now() - interval '1 s'")
            self.assertEqual(self.cti("collect", "--format", "json").json()["totals"]["failed"], 1)
            waits.append(self.wait_s())
        for wait, base in zip(waits, (3600, 7200, 14400)):
            self.assertTrue(base <= wait <= base * 1.05 + 1, waits)
        self.assertEqual(self.shown()["wait_reason"], "3 failures in a row, the last one: HTTP 404 (not found)")
        self.fault("none")
        self.collect()
        self.assertEqual((self.shown()["wait_reason"], self.wait_s() <= 3600), (None, True))

    def test_a_host_that_asks_for_a_rest_is_left_alone(self):
        self.fault("429", 7200)
        self.assertEqual((self.collect()["status"], self.lab.stats()["requests"]), ("failed", 1))
        self.assertTrue(7200 <= self.wait_s() <= 7200 * 1.05 + 1, self.wait_s())
        again = self.collect()
        self.assertEqual((again["status"], self.lab.stats()["requests"]), ("postponed", 1), again)
        self.assertEqual(self.row("consecutive_failures"), [{"consecutive_failures": 1}])
        self.db.execute("DELETE FROM cti.host_state")

    def test_an_address_that_moved_for_good_is_followed_after_three_sightings(self):
        before = self.row("rss_url")[0]["rss_url"]
        self.fault("moved")
        for sightings in (1, 2):
            self.assertIn(self.collect()["status"], ("ok", "not_modified"))
            self.assertEqual((self.row("rss_url")[0]["rss_url"], self.row("moved_seen", "cti.source_state")), (before, [{"moved_seen": sightings}]))
        done = self.cti("collect", "--source", self.name)
        self.assertIn("has moved for good", done.err)
        self.assertNotEqual(self.row("rss_url")[0]["rss_url"], before)
        self.assertEqual(self.collect()["new"], 0)
        self.assertEqual(self.row("count(*) AS n", "articles"), [{"n": 6}])

    def test_a_feed_that_is_gone_is_disabled_after_three_sightings(self):
        self.fault("410")
        for active in (True, True, False):
            self.collect()
            self.assertEqual(self.row("active")[0]["active"], active)
        self.assertIn("HTTP 410", self.shown()["disabled_reason"])
        self.assertRan(self.cti("sources", "enable", self.name))
        self.assertIsNone(self.shown()["disabled_reason"])

    def test_a_server_that_knows_no_304_is_read_once(self):
        self.fault("ignore304")
        self.assertEqual(self.collect()["new"], 6)
        again = self.collect()
        self.assertEqual((again["status"], again["http_status"], again["new"]), ("not_modified", 200, 0))

    def test_a_changed_text_updates_its_article_but_never_one_that_people_marked(self):
        self.collect()
        before = self.db.rows("SELECT id, content FROM articles WHERE source_id = (SELECT id FROM sources WHERE identifier = '%s') ORDER BY id" % self.name)
        self.fault("changed")
        self.db.execute("UPDATE cti.source_state SET cursor = ''")
        # What is older counts as indexed: only what this run writes is looked at again.
        self.assertRan(self.cti("intel", "backfill", "--step", "words"))
        self.db.execute("INSERT INTO cti.progress (task, version, done_to) VALUES ('search_index', 3, 2147483647) ON CONFLICT (task) DO UPDATE SET done_to = excluded.done_to")
        changed = self.collect()
        self.assertGreater(changed["updated"], 0, changed)
        self.assertEqual(changed["new"], 0, changed)
        after = self.db.rows("SELECT id, content FROM articles WHERE source_id = (SELECT id FROM sources WHERE identifier = '%s') ORDER BY id" % self.name)
        self.assertEqual([a["id"] for a in after], [b["id"] for b in before])
        self.assertNotEqual(after, before)
        marked = self.db.value("SELECT count(*) FROM cti.derived WHERE step = 'words' AND version = 0")
        self.assertEqual(marked, changed["updated"], "words of the text before still count in the index of `search`")

    def test_entries_that_are_no_articles_are_remembered_with_their_reason(self):
        self.fault("nolink")
        first = self.collect()
        self.db.execute("UPDATE cti.source_state SET cursor = ''")
        self.assertEqual(self.collect()["filtered"], first["filtered"])
        if first["filtered"]:
            self.assertEqual({d["reason"] for d in self.shown()["dropped"]}, set(first["filtered"]))

    def test_a_private_address_is_refused_and_explained(self):
        done = self.cti("collect", "--source", self.name, env={"CTI_ALLOW_PRIVATE": "0"})
        self.assertEqual(done.rc, 1, done)
        self.assertRegex(done.err, r"refused to connect to 127\.")
        self.assertEqual(self.lab.stats()["requests"], 0)
        self.db.execute("""UPDATE sources SET config = '{"fetch": {"allow_private": true}}' WHERE identifier = '%s'""" % self.name)
        self.assertRan(self.cti("collect", "--source", self.name, "--fail-on", "any", env={"CTI_ALLOW_PRIVATE": "0"}))


class SpecialAddresses(LabCase):
    lab_options = dict(sources=1, entries=1)
    FORMS = ("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "[64:ff9b::7f00:1]", "localhost",
             "169.254.169.254", "[::ffff:a9fe:a9fe]", "0.0.0.0", "10.0.0.1", "[fe80::1]")

    def test_no_form_of_a_special_address_is_asked(self):
        self.lab.stats(reset=True)
        for number, host in enumerate(self.FORMS):
            self.assertRan(self.cti("sources", "add", "form%d" % number, host, "http://a.example/", "--rss-url", "http://%s:%d/s/0/feed.xml" % (host, self.lab.port)))
        self.db.execute("UPDATE sources SET active = identifier LIKE 'form%'")
        done = self.cti("collect", "--format", "json", env={"CTI_ALLOW_PRIVATE": "0"})
        self.assertEqual(done.rc, 1, done)
        self.assertIn("cti: hint: ", done.err)
        for source in done.json()["sources"]:
            self.assertRegex(source["error"], r"^refused (to connect to|the address: )", source)
        self.assertEqual(done.json()["totals"]["failed"], len(self.FORMS))
        self.assertEqual(self.lab.stats()["requests"], 0)


class LikeTexts(LabCase):
    lab_options = dict(sources=2, entries=12, options=("--neardup", "3"))

    def test_near_duplicates_are_stored_linked_and_counted(self):
        totals = self.assertRan(self.cti("collect", "--format", "json")).json()["totals"]
        self.assertEqual(totals["new"], 24)
        self.assertGreater(totals["near_duplicate"], 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.near_duplicates WHERE first_article_id < article_id AND distance <= 3"), totals["near_duplicate"])


class UnsteadyDatabase(LabCase):
    lab_options = dict(sources=20, entries=20, options=("--latency-ms", "100"))

    def setUp(self):
        self.db.execute("TRUNCATE articles, content_hashes, source_checks CASCADE; TRUNCATE cti.source_state, cti.seen_entries, cti.simhashes, cti.near_duplicates;" + DUE)

    def assertComplete(self):
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 400)
        self.assertEqual(self.db.value("SELECT count(*) FROM source_checks"), 20)
        self.assertEqual(self.db.value("SELECT count(*) FROM sources s WHERE total_articles = (SELECT count(*) FROM articles a WHERE a.source_id = s.id)"), 20)

    def url_through(self, wire):
        return "postgresql://%s@127.0.0.1:%d/%s?sslmode=disable" % (urllib.parse.quote(os.environ["PGUSER"]), wire.port, self.db.name)

    def test_terminated_backends_lose_nothing(self):
        with tempfile.TemporaryFile() as err:
            run = start_cti("collect", "-j", "3", "--fail-on", "any", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=err)
            killed = stored = 0
            while run.poll() is None:
                now = self.db.value("SELECT count(*) FROM articles")
                if now > stored:  # Between two kills it must get on.
                    killed += self.db.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
                    stored = now
            err.seek(0)
            self.assertEqual(run.returncode, 0, err.read().decode())
        self.assertGreater(killed, 2)
        self.assertComplete()

    def test_a_database_that_comes_back_in_time_is_waited_for(self):
        wire = Wire().open()
        run = start_cti("collect", "-j", "3", "--fail-on", "any", url=self.url_through(wire), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_until(lambda: self.db.value("SELECT count(*) FROM articles") > 0, what="the first article")
        wire.cut()
        line = run.stderr.readline().decode()
        while "trying again for" not in line:
            self.assertTrue(line, "the outage is not told")
            line = run.stderr.readline().decode()
        wire.open()
        err = run.communicate(timeout=120)[1]
        wire.cut()
        self.assertEqual(run.returncode, 0, err)
        self.assertComplete()

    def test_a_commit_whose_answer_is_lost_is_found_out(self):
        # What was claimed, recorded or counted by it is this run's own, and done.
        for every in (2, 3, 5):
            with self.subTest(every=every):
                self.setUp()
                wire = Wire(lose_every=every).open()
                self.addCleanup(wire.cut)
                done = self.cti("collect", "-j", "3", "--db-wait", "60", "--fail-on", "any", "--format", "json", url=self.url_through(wire))
                self.assertRan(done)
                self.assertGreater(wire.lost, 5)
                self.assertEqual(done.json()["totals"]["new"], 400)
                self.assertEqual(len(done.json()["sources"]), 20)
                self.assertComplete()

    def test_a_database_that_stays_away_ends_the_run_with_exit_4(self):
        wire = Wire().open()
        run = start_cti("collect", "-j", "3", "--db-wait", "1", "--lease", "3", url=self.url_through(wire), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_until(lambda: self.db.value("SELECT count(*) FROM articles") > 0, what="the first article")
        wire.cut()
        err = run.communicate(timeout=60)[1].decode()
        self.assertEqual(run.returncode, 4, err)
        self.assertIn("cti: error: ", err)
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 0, what="the end of the leases")
        self.assertRan(self.cti("collect", "--fail-on", "any"))
        self.assertComplete()

    def test_no_transaction_is_open_while_feeds_are_fetched(self):
        # A transaction held over a fetch would be at least as old as the answer is slow; a claim or a record is done in far less.
        self.lab.control(latency=4000)
        self.addCleanup(self.lab.control, latency=100)
        run = start_cti("collect", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 20, what="the claim")
        idle, oldest = 0, 0.0
        while run.poll() is None and self.db.value("SELECT count(*) FROM articles") == 0:
            for row in self.db.rows("SELECT state, coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0) AS age FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"):
                idle += row["state"] == "idle"
                oldest = max(oldest, float(row["age"]))
        self.lab.control(latency=100)
        self.assertEqual(run.wait(120), 0)
        self.assertGreater(idle, 5)
        self.assertLess(oldest, 2)
        self.assertComplete()


class LabBehindPooler(PoolerCase, LabCase):
    lab_options = dict(sources=20, entries=5, options=("--latency-ms", "50"))

    def setUp(self):
        self.start_pooler()


class StatementPooler(LabBehindPooler):
    pool_mode = "statement"
    lab_options = dict(sources=1, entries=1)

    def test_one_line_says_what_is_wrong(self):
        for args in (["stats"], ["collect"], ["init", "--config", self.lab.yaml], ["search", "x"]):
            done = self.cti(*args, url=self.url)
            self.assertRefused(done, 4, "the pooler in front of the database is in statement mode")
            self.assertIn("pool_mode = transaction", done.err)
            self.assertEqual(len(done.err.splitlines()), 2, done)
        found = {c["check"]: c for c in self.cti("doctor", "--format", "json", url=self.url).json()["checks"]}
        self.assertEqual((found["authentication"]["status"], found["database"]["status"]), ("ok", "fail"))
        self.assertIn("statement mode", found["database"]["detail"])
        self.assertIn("pool_mode = transaction", found["database"]["remedy"])


class ThroughAPooler(LabBehindPooler):
    """In transaction mode no two transactions need be on one connection of the server."""

    def test_several_runs_share_it(self):
        runs = [start_cti("collect", "-j", "4", "--fail-on", "any", url=self.url, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(4)]
        for run in runs:
            err = run.communicate(timeout=120)[1]
            self.assertEqual(run.returncode, 0, err)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 100)
        self.assertEqual(self.db.value("SELECT count(*) FROM source_checks"), 20)
        for args in (["collect", "--force"], ["sources", "list"], ["sources", "show", self.lab.identifiers()[0]], ["stats"], ["init", "--config", self.lab.yaml]):
            self.assertRan(self.cti(*args, url=self.url))
        self.assertEqual(len(self.assertRan(self.cti("export", "--format", "json", url=self.url)).json()), 100)


if __name__ == "__main__":
    unittest.main()
