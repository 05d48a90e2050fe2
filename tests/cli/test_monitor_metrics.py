"""The metrics of a monitor, and what it notifies of."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

from harness import LabCase, Receiver, cti, wait_until
from monitor_process import Monitor, PROMTOOL, ROOT, set_fault


class Metrics(LabCase):
    lab_options = dict(sources=3, entries=4)

    def check(self, text):
        if PROMTOOL:
            done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), text)

    @staticmethod
    def counters(text):
        kinds, values = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                kinds[line.split()[2]] = line.split()[3]
            elif not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                family = re.sub(r"\{.*", "", name)
                if kinds.get(family) == "counter" or kinds.get(re.sub(r"_(bucket|sum|count)$", "", family)) == "histogram":
                    values[name] = float(value)
        return values

    def test_counters_only_grow_and_count_every_process(self):
        self.db.execute("UPDATE public.sources SET identifier = E'a\"\\\\{}' WHERE identifier = 'feedlab_002'")
        self.addCleanup(self.db.execute, "UPDATE public.sources SET identifier = 'feedlab_002' WHERE identifier LIKE 'a\"%'")
        monitor = Monitor(self, "--interval", "1")
        wait_until(lambda: monitor.metric('cti_articles_total{result="inserted"}') == 12, what="the first count")
        before = monitor.get("/metrics")[1]
        self.check(before)
        self.assertIn('cti_source_consecutive_failures{source="a\\"\\\\{}"} 0', before)
        self.lab.control(rev=1)
        self.addCleanup(self.lab.control, rev=0)
        self.assertRan(self.cti("collect", "--force"))  # as a cron line beside it
        wait_until(lambda: monitor.metric('cti_articles_total{result="inserted"}') == 15, what="the count of the other process")
        after = monitor.get("/metrics")[1]
        self.check(after)
        first, second = self.counters(before), self.counters(after)
        self.assertEqual(set(first) - set(second), set())
        self.assertEqual([name for name in first if second[name] < first[name]], [])
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 15)
        open_metrics = monitor.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")[1]
        self.assertTrue(open_metrics.endswith("# EOF\n"))
        self.assertEqual(monitor.stop(), 143)

    def test_every_metric_of_the_dashboard_and_the_alerts_exists(self):
        self.db.execute("INSERT INTO cti.workers (name, version, kinds, concurrency, heartbeat_at) VALUES ('host:1', '1', '{collect}', 1, now() + interval '1 hour')")
        self.addCleanup(self.db.execute, "DELETE FROM cti.workers")
        self.db.execute("UPDATE cti.schedules SET last_run_at = now(), last_success_at = now() WHERE name IN ('backup', 'backup_verify')")
        monitor = Monitor(self, "--schedule", "due")
        self.assertRan(self.cti("collect", "--force"))
        wait_until(lambda: monitor.metric('cti_last_run_duration_seconds{command="collect"}') is not None, what="the run")
        wait_until(lambda: monitor.metric("cti_job_wait_seconds_count") is not None, what="the counts of jobs")
        text = monitor.get("/metrics")[1]
        have = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        used = set()
        for path in ("deploy/grafana/cti.json", "deploy/prometheus/alerts.yml"):
            used |= set(re.findall(r"\b(?:cti|process)_[a-z_]+", (ROOT / path).read_text()))
        used = {re.sub(r"_bucket$", "", name) for name in used}
        self.assertGreater(len(used), 15)
        self.assertEqual(used - have, set())
        json.loads((ROOT / "deploy/grafana/cti.json").read_text())

    def test_collect_writes_the_text_file_of_node_exporter(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cti.prom")
            self.assertRan(self.cti("collect", "--force", "--metrics-file", path))
            text = path.read_text()
            self.check(text)
            self.assertIn("cti_database_up 1\n", text)
            self.assertRegex(text, r'cti_runs_total\{command="collect",result="ok"\} [1-9]')
            self.assertEqual(os.listdir(folder), ["cti.prom"])
            self.assertEqual(self.cti("collect", "--force", "--metrics-file", pathlib.Path(folder, "no/such/x.prom")).rc, 7)

    def test_an_export_is_counted_where_the_role_may_write(self):
        count = "SELECT coalesce(sum(value), 0)::int FROM cti.counters WHERE name = 'cti_runs_total' AND labels LIKE 'command=\"export\"%'"
        was = self.db.value(count)
        self.assertRan(self.cti("export", "--format", "json"))
        self.assertEqual(self.db.value(count), was + 1)
        role = self.db.name + "_reader"
        self.db.execute("CREATE ROLE %s LOGIN; GRANT USAGE ON SCHEMA public, cti TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA public, cti TO %s" % (role, role, role))
        self.addCleanup(self.db.execute, "DROP OWNED BY %s; DROP ROLE %s" % (role, role))
        done = cti("export", "--format", "json", url=self.db.url(user=role))
        self.assertRan(done)
        self.assertEqual((self.db.value(count), done.err), (was + 1, ""))

    def test_a_failed_check_is_counted_by_what_failed(self):
        before = self.cti("collect", "--dry-run", "--force")
        self.assertRan(before)
        set_fault(self, "404")
        count = "SELECT coalesce(sum(value), 0)::int FROM cti.counters WHERE name = 'cti_fetches_total' AND labels = 'result=\"http_error\"'"
        answers = "SELECT coalesce(sum(value), 0)::int FROM cti.counters WHERE name = 'cti_http_responses_total' AND labels = 'code=\"4xx\"'"
        was, were = self.db.value(count), self.db.value(answers)
        self.assertEqual(self.cti("collect", "--force").rc, 1)
        self.assertEqual((self.db.value(count), self.db.value(answers)), (was + 3, were + 3))
        refused = "SELECT coalesce(sum(value), 0)::int FROM cti.counters WHERE name = 'cti_ssrf_refused_total'"
        was = self.db.value(refused)
        self.assertEqual(self.cti("collect", "--force", env={"CTI_ALLOW_PRIVATE": ""}).rc, 1)
        self.assertEqual(self.db.value(refused), was + 3)


class Notifications(LabCase):
    lab_options = dict(sources=2, entries=3)

    def test_a_failing_source_is_told_once_by_many_and_its_recovery_too(self):
        receiver = Receiver(self, codes=[500])
        with tempfile.TemporaryDirectory() as folder:
            secret = pathlib.Path(folder, "secret")
            secret.write_text("k3y\n")
            self.lab.control(source=0, fault="404")
            env = {"CTI_WEBHOOK": receiver.url, "CTI_WEBHOOK_SECRET_FILE": str(secret)}
            monitors = [Monitor(self, "--interval", "1", "--webhook-failures", "2", env=env) for _ in range(2)]
            failures = "SELECT consecutive_failures FROM public.sources WHERE identifier = 'feedlab_000'"
            wait_until(lambda: self.db.value(failures) == 1, what="the first failure")
            self.db.execute("UPDATE public.sources SET last_check = NULL WHERE identifier = 'feedlab_000'")
            wait_until(lambda: self.db.value(failures) == 2, what="the second failure")
            delivered = "SELECT count(*) FROM cti.notifications WHERE delivered_at IS NOT NULL"
            wait_until(lambda: self.db.value(delivered) == 1, timeout=90, what="the delivery")
            self.assertEqual([e["event"] for e in receiver.events()], ["source_failing"] * 2)  # the first one was answered with 500
            self.assertEqual(len({e["id"] for e in receiver.events()}), 1)
            self.assertIn("feedlab_000", receiver.events()[0]["text"])
            self.lab.control(source=0, fault="none")
            self.db.execute("UPDATE public.sources SET last_check = NULL WHERE identifier = 'feedlab_000'")
            wait_until(lambda: self.db.value(delivered) == 2, timeout=90, what="the recovery")
            for monitor in monitors:
                self.assertEqual(monitor.stop(), 143)
                self.assertNotIn("s3cr3t", monitor.text())
            self.assertEqual([e["event"] for e in receiver.events()], ["source_failing"] * 2 + ["source_recovered"])
            receiver.verify("k3y")
