"""Jobs and workers: asked for, seen, done once, cancelled, given back."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest
import urllib.parse

from harness import LabCase, start_cti, wait_until
from wire import Wire


class Jobs(LabCase):
    lab_options = dict(sources=6, entries=8)

    def setUp(self):
        super().setUp()
        self.lab.control(latency=0)
        self.db.execute("DELETE FROM cti.jobs")
        self.db.execute("UPDATE public.sources SET last_check = NULL; UPDATE cti.source_state SET next_check_at = NULL, cursor = ''")
        self.db.execute("TRUNCATE cti.seen_entries, public.articles CASCADE")

    def add(self, *args):
        done = self.assertRan(self.cti("jobs", "add", *args))
        return int(done.out)

    def work(self, *args):
        return self.assertRan(self.cti("worker", "--until-empty", *args))

    def job(self, number):
        return self.assertRan(self.cti("jobs", "show", number, "--format", "json")).json()

    def start_worker(self, *args):
        worker = start_cti("worker", *args, url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.end, worker)
        return worker

    @staticmethod
    def end(worker):
        worker.kill()
        worker.wait()
        worker.stderr.close()

    def is_known(self, worker):
        """Those of the tests before this one that were killed are, too, for a minute."""
        workers = self.assertRan(self.cti("jobs", "status", "--format", "json")).json()["workers"]
        return any(w["name"].endswith(":%d" % worker.pid) for w in workers)

    def stop(self, worker):
        worker.send_signal(signal.SIGTERM)
        err = worker.communicate(timeout=60)[1].decode()
        self.assertEqual(worker.returncode, 143, err)
        return err

    def test_a_job_is_added_seen_and_done(self):
        done = self.cti("jobs", "add", "collect", "--source", self.lab.identifiers()[0], "--priority", 5)
        self.assertRan(done)
        self.assertIn("No worker that takes it is at work", done.err)
        number = int(done.out)
        waiting = self.job(number)
        self.assertEqual((waiting["state"], waiting["priority"], waiting["exit_code"]), ("ready", 5, None))
        self.assertEqual(waiting["arguments"], {"source": [self.lab.identifiers()[0]]})
        self.work()
        ended = self.job(number)
        self.assertEqual((ended["state"], ended["attempts"], ended["exit_code"], ended["result"]["new"]), ("done", 1, 0, 8))
        self.assertEqual([l["line"] for l in ended["lines"]], ["1 source, 0 failed; 8 new articles, 0 updated"])
        self.assertIn("collect", self.assertRan(self.cti("jobs", "list")).out)
        listed = [json.loads(l) for l in self.assertRan(self.cti("jobs", "list", "--state", "done", "--format", "ndjson")).out.splitlines()]
        self.assertIn(number, [j["id"] for j in listed])

    def test_a_limit_leaves_the_rest_for_the_next_time(self):
        name = self.lab.identifiers()[1]
        numbers = [self.add("collect", "--source", name, "--limit", 3)]
        self.work()
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 3)
        for expected in (6, 8, 8):
            numbers.append(self.add("collect", "--source", name, "--limit", 3))
            self.work()
            self.assertEqual(self.db.value("SELECT count(*) FROM articles"), expected)
        self.assertEqual([self.job(n)["result"]["new"] for n in numbers], [3, 3, 2, 0])

    def test_whoever_waits_gets_the_jobs_exit_code(self):
        self.start_worker()
        done = self.cti("jobs", "add", "collect", "--wait")
        self.assertRan(done)
        self.assertIn("48 new articles", done.err)
        self.assertEqual(done.out, "")
        missing = self.cti("jobs", "add", "collect", "--source", "nobody", "--wait")
        self.assertRefused(missing, 2, "unknown source 'nobody'")

    def test_an_export_is_a_file_in_the_folder_of_a_worker_that_has_one(self):
        self.assertRan(self.cti("collect"))
        number = self.add("export", "--output", "all.csv")
        self.work()
        self.assertEqual(self.job(number)["state"], "ready")
        with tempfile.TemporaryDirectory(prefix="cti-jobs-") as folder:
            self.work("--export-dir", folder)
            path = pathlib.Path(folder).resolve() / "all.csv"
            self.assertEqual(self.job(number)["result"], {"articles": 48, "output": str(path)})
            self.assertEqual(path.read_text().splitlines()[0].split(",")[0], "id")

    def test_nobody_chooses_where_a_worker_writes(self):
        for name in ("/tmp/x.csv", "../x.csv", "a/b.csv", ".profile", "-o", "", "x" * 300, "a b"):
            self.assertRefused(self.cti("jobs", "add", "export", "--output=" + name), 2, "output" if name else "--output")
        # Not through the table either, which others may write to.
        self.db.execute("INSERT INTO cti.jobs (kind, arguments) VALUES ('export', '{\"output\": \"../escaped.csv\"}')")
        with tempfile.TemporaryDirectory(prefix="cti-jobs-") as folder:
            (pathlib.Path(folder) / "inner").mkdir()
            self.work("--export-dir", pathlib.Path(folder) / "inner")
            self.assertEqual(sorted(p.name for p in pathlib.Path(folder).rglob("*")), ["inner"])
        newest = self.cti("jobs", "list", "--state", "failed", "--limit", "1", "--format", "json").json()
        self.assertEqual([j["error"] for j in newest], ["output is no plain name of a file"])

    def test_one_of_a_key_at_a_time_and_not_before_its_time(self):
        first = self.add("housekeeping", "--unique", "night", "--at", "2h")
        again = self.cti("jobs", "add", "housekeeping", "--unique", "night")
        self.assertEqual(int(self.assertRan(again).out), first)
        self.assertIn("no second one was added", again.err)
        self.work()
        self.assertEqual(self.job(first)["state"], "scheduled")
        self.assertRan(self.cti("jobs", "cancel", first))
        self.assertEqual(self.job(first)["state"], "cancelled")
        self.assertRan(self.cti("jobs", "retry", first))
        self.work()
        self.assertEqual(self.job(first)["state"], "done")

    def test_a_running_collect_is_cancelled_and_leaves_nothing_half_done(self):
        self.lab.control(latency=60000)
        number = self.add("collect")
        worker = self.start_worker()
        leases = "SELECT count(*) FROM cti.source_state WHERE lease_until > now()"
        wait_until(lambda: self.db.value(leases) == 6, what="the claim of all sources")
        asked = self.db.value("SELECT extract(epoch FROM clock_timestamp())::float8")
        self.assertRan(self.cti("jobs", "cancel", number))
        wait_until(lambda: self.job(number)["state"] == "cancelled", what="the end of the job")
        took = self.db.value("SELECT extract(epoch FROM finished_at)::float8 FROM cti.finished_jobs WHERE id = %d" % number) - asked
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until IS NOT NULL"), 0)
        self.assertLess(took, 5)  # on a machine with other things to do
        self.lab.control(latency=0)
        self.stop(worker)

    def test_a_killed_workers_job_is_done_by_another_and_doubles_nothing(self):
        self.lab.control(latency=3000)
        number = self.add("collect")
        first = self.start_worker("--job-lease", "3", "--lease", "3")
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 6, what="the claim")
        first.kill()
        first.wait()
        self.lab.control(latency=0)
        second = self.start_worker("--job-lease", "3", "--lease", "3")
        wait_until(lambda: self.job(number)["state"] == "done", what="the end of the job")
        self.stop(second)
        self.assertEqual(self.job(number)["attempts"], 2)
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 0, what="the end of the leases")
        self.assertRan(self.cti("collect"))
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 48)

    def test_a_frozen_workers_late_end_is_refused(self):
        self.lab.control(latency=3000)
        number = self.add("collect", "--source", self.lab.identifiers()[0])
        first = self.start_worker("--job-lease", "3", "--lease", "3")
        wait_until(lambda: self.job(number)["state"] == "running", what="the job")
        first.send_signal(signal.SIGSTOP)
        self.lab.control(latency=0)
        second = self.start_worker("--job-lease", "3", "--lease", "3")
        wait_until(lambda: self.job(number)["state"] == "done", what="the end of the job")
        by = self.job(number)["worker"]
        first.send_signal(signal.SIGCONT)
        self.stop(second)
        self.stop(first)
        self.assertEqual((self.job(number)["state"], self.job(number)["worker"]), ("done", by))
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 8)

    def test_a_stopped_worker_gives_its_jobs_back(self):
        self.add("housekeeping", "--at", "1h")
        worker = self.start_worker()
        wait_until(lambda: self.is_known(worker), what="the worker")
        self.assertIn("0 done", self.stop(worker))
        self.assertFalse(self.is_known(worker))

    def test_doctor_counts_what_all_that_runs_may_connect(self):
        self.db.execute("TRUNCATE cti.workers")
        checks = lambda: {c["check"]: c for c in self.cti("doctor", "--format", "json").json()["checks"]}
        self.assertRegex(checks()["connections"]["detail"], "by cti$")
        worker = self.start_worker("--concurrency", "3")
        wait_until(lambda: self.is_known(worker), what="the worker")
        self.assertRegex(checks()["connections"]["detail"], r"by cti; 1 worker may take 7$")
        monitor = start_cti("monitor", "--listen", "none", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.end, monitor)
        wait_until(lambda: self.is_known(monitor), what="the monitor's jobs")
        wait_until(lambda: re.search(r"by cti; 1 monitor, 2 workers may take 15$", checks()["connections"]["detail"]), what="the sum")
        self.db.execute("UPDATE cti.workers SET concurrency = 40")
        scarce = checks()["connections"]
        self.assertEqual(scarce["status"], "warn", scarce)

    def test_a_database_that_comes_back_is_worked_with_again(self):
        worker = self.start_worker("--db-wait", "1")
        wait_until(lambda: self.is_known(worker), what="the worker")
        self.db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cti worker'")
        number = self.add("housekeeping")
        wait_until(lambda: self.job(number)["state"] == "done", what="the end of the job")
        self.stop(worker)

    def test_a_job_whose_commit_has_no_answer_is_not_added_twice(self):
        before = self.db.value("SELECT count(*) FROM cti.jobs")
        wire = Wire(lose_every=1).open()
        self.addCleanup(wire.cut)
        url = "postgresql://%s@127.0.0.1:%d/%s?sslmode=disable" % (urllib.parse.quote(os.environ["PGUSER"]), wire.port, self.db.name)
        self.assertRefused(self.cti("jobs", "add", "housekeeping", url=url), 4, "whether it did is not known", "Look at what is there")
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.jobs"), before + 1)

    def test_a_time_that_is_past_waits_from_now_on(self):
        self.add("housekeeping", "--at", "2020-01-01")
        self.assertLess(self.assertRan(self.cti("jobs", "status", "--format", "json")).json()["oldest_ready_seconds"], 600)

    def test_mistakes_are_refused_with_what_to_do(self):
        self.assertRefused(self.cti("worker", "--export-dir", "/nonexistent"), 2, "is no folder", "mkdir")
        self.assertRefused(self.cti("jobs", "add", "export"), 2, "--output")
        self.assertRefused(self.cti("jobs", "add", "collect", "--limit", 0), 2, "limit is not between")
        self.assertRefused(self.cti("jobs", "add", "collect", "--at", "soon"), 2, "'soon' is no time")
        self.assertRefused(self.cti("jobs", "add", "colect"), 2, "unknown command 'colect'")
        self.assertRefused(self.cti("jobs", "list", "--state", "asleep"), 2, "asleep")
        for command in ("show", "cancel", "retry"):
            self.assertRefused(self.cti("jobs", command, 999999), 2, "there is no job 999999")
        self.assertRefused(self.cti("jobs", "release", 999999), 8, "does not run")

    def test_a_database_of_an_earlier_version_says_what_to_do(self):
        self.db.execute("ALTER TABLE cti.jobs RENAME TO elsewhere")
        self.addCleanup(self.db.execute, "ALTER TABLE cti.elsewhere RENAME TO jobs")
        for args in (["jobs", "status"], ["jobs", "add", "collect"], ["worker", "--until-empty"]):
            done = self.cti(*args)
            self.assertRefused(done, 6)
            self.assertIn("cti init", done.err)
        self.addCleanup(self.assertRan, self.cti("version"))


if __name__ == "__main__":
    unittest.main()
