"""Schedules: rows that become jobs, and that a monitor's options change and its rounds follow."""
import subprocess

from harness import LabCase, start_cti, wait_until
from monitor_process import Monitor


class Schedules(LabCase):
    lab_options = dict(sources=3, entries=4)

    def plans(self):
        return {p["name"]: p for p in self.assertRan(self.cti("schedules", "list", "--format", "json")).json()}

    def come(self, name):
        self.db.execute("UPDATE cti.schedules SET next_run_at = now() WHERE name = '%s'" % name)

    def test_a_schedule_is_added_changed_run_and_removed(self):
        done = self.cti("schedules", "add", "export", "--name", "week", "--cron", "0 8 * * MON", "--tz", "Europe/Berlin", "--output", "week.csv", "--days", 7)
        self.assertRan(done)
        self.assertIn("schedule 'week' runs next at ", done.err)
        week = self.plans()["week"]
        self.assertEqual((week["kind"], week["zone"], week["arguments"], week["enabled"]), ("export", "Europe/Berlin", {"output": "week.csv", "days": 7}, True))
        self.assertEqual(week["note"], "waits for a worker that takes export")
        self.assertRan(self.cti("schedules", "edit", "week", "--priority", 3, "--cron", "5 8 * * *"))
        self.assertRan(self.cti("schedules", "disable", "week"))
        week = self.plans()["week"]
        self.assertEqual((week["priority"], week["cron"], week["arguments"], week["note"], week["next_run_at"]), (3, "5 8 * * *", {"output": "week.csv", "days": 7}, "disabled", None))
        number = int(self.assertRan(self.cti("schedules", "run", "week")).out)
        job = self.assertRan(self.cti("jobs", "show", number, "--format", "json")).json()
        self.assertEqual((job["kind"], job["priority"], job["created_by"]), ("export", 3, "schedule week"))
        again = self.assertRan(self.cti("schedules", "run", "week"))
        self.assertEqual(int(again.out), number)
        self.assertIn("has not ended", again.err)
        self.assertRan(self.cti("schedules", "enable", "week"))
        self.assertRan(self.cti("schedules", "remove", "week"))
        self.assertNotIn("week", self.plans())
        self.assertRan(self.cti("jobs", "cancel", number))

    def test_what_is_no_use_is_refused_and_changes_nothing(self):
        before = self.plans()
        for arguments, code, message in (
                (("add", "collect", "--name", "a b", "--cron", "0 * * * *"), 2, "'a b' is no name for a schedule"),
                (("add", "collect", "--name", "-x", "--cron", "0 * * * *"), 2, ""),
                (("add", "collect", "--name", "x", "--cron", "0 *"), 2, "has 2 fields, not 5"),
                (("add", "collect", "--name", "x", "--cron", "0 0 30 2 *"), 2, "30 2"),
                (("add", "collect", "--name", "x", "--cron", "0 * * * *", "--tz", "Mars/Olympus"), 2, "time zone 'Mars/Olympus'"),
                (("add", "export", "--name", "x", "--cron", "0 * * * *", "--output", "../x"), 2, "no plain name"),
                (("add", "collect", "--name", "collect", "--cron", "0 * * * *"), 8, "there is a schedule 'collect' already"),
                (("edit", "collect"), 2, "nothing to change"),
                (("edit", "collect", "--cron", "x"), 2, "has 1 field"),
                (("edit", "collect", "--arguments", "[]"), 2, "no JSON object"),
                (("edit", "digest", "--arguments", '{"output": "../../x"}'), 2, "no plain name"),
                (("edit", "nothing", "--priority", "1"), 2, "there is no schedule 'nothing'"),
                (("enable", "nothing"), 2, "there is no schedule 'nothing'"),
                (("remove", "nothing"), 2, "there is no schedule 'nothing'"),
                (("run", "no\x1b[31mthing"), 2, "there is no schedule 'no")):
            with self.subTest(arguments=arguments):
                done = self.cti("schedules", *arguments)
                self.assertEqual(done.rc, code, done.err)
                self.assertIn(message, done.err)
                self.assertNotIn("\x1b", done.err)
        self.assertEqual(self.plans(), before)

    def test_a_moment_becomes_one_job_beside_three_workers(self):
        workers = [start_cti("worker", url=self.db.url(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
        try:
            wait_until(lambda: self.db.value("SELECT count(*) FROM cti.workers") == 3, what="the workers")
            wait_until(lambda: self.plans()["housekeeping"]["note"] == "", what="a worker for it")
            self.db.execute("DELETE FROM cti.finished_jobs")
            self.come("housekeeping")
            wait_until(lambda: self.plans()["housekeeping"]["last_job_state"] == "done", what="its end")
            self.assertEqual(self.db.value("SELECT count(*) FROM cti.finished_jobs WHERE kind = 'housekeeping'"), 1)
            self.assertEqual(self.plans()["digest"]["note"], "waits for a worker that takes export")
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                self.assertEqual(worker.wait(60), 143)


class Monitors(LabCase):
    lab_options = dict(sources=3, entries=4)
    plans = Schedules.plans
    come = Schedules.come

    def setUp(self):
        self.db.execute("UPDATE cti.schedules SET monitors_until = NULL, cron = '0 */3 * * *', is_enabled = true WHERE name = 'collect'")

    def test_its_options_become_rows_and_its_own_work_becomes_no_job(self):
        monitor = Monitor(self, "--collect-schedule", "17 4 * * *", "--housekeeping-schedule", "none", "--tz", "Europe/Berlin")
        wait_until(lambda: self.plans()["collect"]["cron"] == "17 4 * * *", what="the row")
        plans = self.plans()
        self.assertEqual((plans["collect"]["zone"], plans["collect"]["note"]), ("Europe/Berlin", "a monitor does it by itself"))
        self.assertEqual(plans["housekeeping"]["enabled"], False)
        self.assertRan(self.cti("schedules", "enable", "housekeeping"))
        self.assertEqual(monitor.stop(), 143)

    def test_it_follows_the_row_when_nobody_asked_for_another_time(self):
        self.assertRan(self.cti("schedules", "edit", "collect", "--cron", "23 5 * * *"))
        monitor = Monitor(self)
        wait_until(lambda: "collecting 23 5 * * * (UTC)" in monitor.text(), what="the row's time")
        self.assertEqual(monitor.stop(), 143)

    def test_a_disabled_row_pauses_its_rounds_and_leaves_it_well(self):
        self.assertRan(self.cti("schedules", "disable", "collect"))
        self.db.execute("UPDATE public.sources SET last_check = NULL; UPDATE cti.source_state SET next_check_at = NULL")
        checks = self.db.value("SELECT count(*) FROM public.source_checks")
        monitor = Monitor(self)
        wait_until(lambda: "the schedule 'collect' is disabled" in monitor.text(), what="the pause")
        monitor.wait_for("/readyz", 200)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks"), checks)
        self.assertEqual(monitor.stop(), 143)

    def test_it_does_jobs_beside_its_rounds(self):
        self.db.execute("UPDATE public.sources SET last_check = now()")
        monitor = Monitor(self)
        done = self.assertRan(self.cti("jobs", "add", "collect", "--source", self.lab.identifiers()[0], "--wait"))
        self.assertIn("1 source", done.err)
        workers = self.assertRan(self.cti("jobs", "status", "--format", "json")).json()["workers"]
        self.assertNotIn("export", workers[0]["kinds"])
        self.assertEqual(monitor.stop(), 143)
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.workers"), 0)

    def test_without_workers_it_leaves_jobs_alone(self):
        monitor = Monitor(self, "--workers", "0")
        wait_until(lambda: self.plans()["collect"]["note"] == "a monitor does it by itself", what="the monitor")
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.workers"), 0)
        self.assertEqual(monitor.stop(), 143)
