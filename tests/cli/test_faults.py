"""Feeds that are broken, missing or hostile, and a user who stops the run."""
import signal
import subprocess
import unittest

from harness import LabCase, cti, start_cti, wait_until

# What the source says afterwards: fragments of its error.
FAILING = {0: ("html", "not a feed"), 1: ("empty", "empty"), 2: ("404", "404"), 3: ("500", "500"), 4: ("hang", "time"),
           5: ("stall", "time"), 6: ("reset", ""), 7: ("short", ""), 8: ("badgzip", ""), 9: ("redirloop", "redirect")}
COMPLETE = {10: "chunked", 11: "http10", 12: "redirect", 13: "moved", 14: "bom", 15: "script"}


class BrokenFeeds(LabCase):
    lab_options = dict(sources=28, entries=10)
    # Collected again by a test of its own, all others only once.
    gone, broken, recovering = 24, 25, 26

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for source, kind in {**{i: k for i, (k, _) in FAILING.items()}, **COMPLETE, 16: "cut", 17: "noentries",
                             cls.gone: "404", cls.broken: "500", cls.recovering: "500"}.items():
            cls.lab.control(source=source, fault=kind)
        cls.names = cls.lab.identifiers()
        cls.result = cti("collect", "--timeout", "3", "--format", "json", url=cls.db.url())

    def source(self, index):
        return next(s for s in self.result.json()["sources"] if s["identifier"] == self.names[index])

    def articles(self, index):
        return self.db.value("SELECT count(*) FROM public.articles a JOIN public.sources s ON s.id = a.source_id"
                             " WHERE s.identifier = '%s'" % self.names[index])

    def test_some_failures_do_not_fail_the_run(self):
        self.assertRan(self.result)

    def test_the_healthy_sources_are_complete(self):
        for index in [*COMPLETE, *range(18, 24)]:
            with self.subTest(self.names[index]):
                self.assertEqual((self.source(index)["status"], self.articles(index)), ("ok", 10), self.source(index))

    def test_each_failure_is_told_with_its_reason(self):
        for index, (kind, fragment) in FAILING.items():
            with self.subTest(kind):
                source = self.source(index)
                self.assertEqual(source["status"], "failed", source)
                self.assertIn(fragment.lower(), source["error"].lower())
                self.assertEqual(self.articles(index), 0)
                check = self.db.rows("SELECT c.* FROM public.source_checks c JOIN public.sources s ON s.id = c.source_id"
                                     " WHERE s.identifier = '%s'" % self.names[index])
                self.assertEqual([(c["success"], c["method"]) for c in check], [(False, "all_failed")], check)
                self.assertTrue(check[0]["error_message"])
                health = self.db.rows("SELECT * FROM public.sources WHERE identifier = '%s'" % self.names[index])[0]
                self.assertEqual((health["consecutive_failures"], health["last_success"]), (1, None))

    def test_a_feed_that_is_cut_off_gives_what_it_holds(self):
        self.assertTrue(0 < self.articles(16) < 10, self.source(16))

    def test_a_feed_without_entries_is_no_failure(self):
        self.assertEqual((self.source(17)["status"], self.source(17)["entries"]), ("ok", 0))

    def test_script_is_no_text(self):
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles WHERE content LIKE '%alert(1)%' OR content LIKE '%<iframe%'"), 0)

    def test_fail_on_any_is_exit_3(self):
        done = self.cti("collect", "--source", self.names[self.gone], "--source", self.names[27], "--fail-on", "any")
        self.assertEqual(done.rc, 3, done)

    def test_all_sources_failed_is_exit_1(self):
        done = self.cti("collect", "--source", self.names[self.gone], "--source", self.names[self.broken])
        self.assertEqual(done.rc, 1, done)
        address = self.db.value("SELECT rss_url FROM public.sources WHERE identifier = '%s'" % self.names[self.gone])
        self.assertIn("cti: warning: source '%s': HTTP 404 (not found) (%s)\n" % (self.names[self.gone], address), done.err)
        self.assertIn("cti: hint: Is there a new address? cti sources discover URL; cti sources edit %s --rss-url URL.\n" % self.names[self.gone], done.err)

    def test_a_quiet_run_says_nothing_of_one_source_that_failed(self):
        done = self.cti("collect", "-q", "--source", self.names[self.gone], "--source", self.names[27])
        self.assertEqual((done.rc, done.out, done.err), (0, "", ""))

    def test_a_failed_test_says_it_once_with_the_address_and_no_secret(self):
        name = self.names[self.gone]
        address = self.db.value("SELECT rss_url FROM public.sources WHERE identifier = '%s'" % name)
        shown = address + "?n=1&apikey=***"
        self.db.execute("UPDATE public.sources SET rss_url = '%s' WHERE identifier = '%s'" % (address.replace("://", "://anna:geheim@") + "?n=1&apikey=s3cr3t", name))
        self.addCleanup(self.db.execute, "UPDATE public.sources SET rss_url = '%s' WHERE identifier = '%s'" % (address, name))
        done = self.cti("sources", "test", name)
        self.assertEqual(done.rc, 8, done)
        self.assertEqual(done.err.count("HTTP 404"), 1, done)
        self.assertIn("(%s)" % shown, done.err)
        self.db.execute("UPDATE public.sources SET consecutive_failures = 5 WHERE identifier = '%s'" % name)
        self.addCleanup(self.db.execute, "UPDATE public.sources SET consecutive_failures = 0 WHERE identifier = '%s'" % name)
        checks = {c["check"]: c for c in self.cti("doctor", "--format", "json").json()["checks"]}
        self.assertIn(" (%s)" % shown, checks["source " + name]["detail"])
        for secret in ("geheim", "s3cr3t"):
            self.assertNotIn(secret, done.out + done.err + str(checks))

    def test_a_source_that_recovers_is_healthy_again(self):
        name = self.names[self.recovering]
        self.lab.control(source=self.recovering, fault="none")
        self.assertRan(self.cti("collect", "--source", name))
        health = self.db.rows("SELECT * FROM public.sources WHERE identifier = '%s'" % name)[0]
        self.assertEqual((health["consecutive_failures"], health["total_articles"]), (0, 10))


class UnknownDates(LabCase):
    lab_options = dict(sources=4, entries=5, options=["--fault", "0:nodate", "--fault", "1:baddate", "--fault", "2:future", "--fault", "3:noguid"])

    def test_entries_with_odd_dates_are_kept_and_dated_plausibly(self):
        self.assertRan(self.cti("collect"))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 20)
        self.assertEqual(self.db.value(
            "SELECT count(*) FROM public.articles WHERE published_at > (now() AT TIME ZONE 'UTC') + interval '2 days'"
            " OR published_at < '2000-01-01'"), 0)


class Stopped(LabCase):
    lab_options = dict(sources=6, entries=5, options=["--fault", "0:hang"])

    def started(self):
        self.db.execute("UPDATE public.sources SET last_check = NULL")
        self.lab.stats(reset=True)
        process = start_cti("collect", "--timeout", "60", url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.sources WHERE last_check IS NOT NULL") == 5, what="five sources done")
        return process

    def test_sigint_stops_cleanly_with_130_and_keeps_what_is_done(self):
        process = self.started()
        process.send_signal(signal.SIGINT)
        process.wait(15)
        err = process.stderr.read().decode()
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 25)
        self.assertNotIn("bug", err)

    def test_sigterm_stops_cleanly_with_143(self):
        process = self.started()
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        self.assertEqual(process.returncode, 143, process.stderr.read().decode())

    def test_a_second_sigint_ends_at_once(self):
        process = self.started()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.wait(5)
        self.assertIn(process.returncode, (130, -signal.SIGINT))


class Monitor(LabCase):
    lab_options = dict(sources=3, entries=5)

    def test_once_is_one_round(self):
        self.db.execute("UPDATE public.sources SET last_check = NULL")
        self.assertRan(self.cti("monitor", "--interval", "60", "--once"))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 15)

    def test_it_collects_what_falls_due_until_sigterm(self):
        self.db.execute("UPDATE public.sources SET last_check = NULL, check_frequency = 60")
        process = start_cti("monitor", "--interval", "1", url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        checks = "SELECT count(*) FROM public.source_checks"
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.sources WHERE last_check IS NOT NULL") == 3, what="the first round")
        before = self.db.value(checks)
        self.db.execute("UPDATE public.sources SET last_check = last_check - interval '61 s'")
        wait_until(lambda: self.db.value(checks) == before + 3, what="the second round")
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        self.assertEqual(process.returncode, 143, process.stderr.read().decode())


class PrivateAddresses(LabCase):
    lab_options = dict(sources=1, entries=3)

    def test_loopback_is_refused_unless_it_is_allowed(self):
        done = self.cti("collect", "--force", env={"CTI_ALLOW_PRIVATE": ""})
        self.assertEqual(done.rc, 1, done)
        self.assertIn("--allow-private", done.err)
        self.assertEqual(self.lab.stats()["requests"], 0)
        self.assertRan(self.cti("collect", "--force", "--allow-private", env={"CTI_ALLOW_PRIVATE": ""}))


if __name__ == "__main__":
    unittest.main()
