"""The monitor: the loop, the status server, the metrics, the notifications, and the commands that ask about them."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from harness import BINARY, Database, DatabaseCase, LabCase, Receiver, Wire, cti, environment, free_port, start_cti, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMTOOL = os.environ.get("CTI_PROMTOOL")


class Monitor:
    """A monitor under way. Its lines are read as they come; `url` is where it answers."""

    def __init__(self, case, *args, url=None, env=None, command=("monitor",)):
        self.process = start_cti("-v", *command, *args, url=url or case.db.url(), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        case.addCleanup(self.kill)
        wait_until(lambda: any("status on" in line for line in self.lines) or self.process.poll() is not None, what="the status server")
        found = re.search(r"status on (http://[\d.:]+)", self.text())
        if not found:
            raise AssertionError("no monitor: " + self.text())
        self.url = found.group(1)

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def text(self):
        return "\n".join(self.lines)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        self.reader.join(30)
        self.process.stderr.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        self.reader.join(15)
        return self.process.returncode

    def get(self, path, **headers):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def json(self, path):
        return json.loads(self.get(path)[1])

    def metric(self, line_start):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(line_start + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def wait_for(self, path, code, timeout=60):
        wait_until(lambda: self.get(path)[0] == code, timeout, "%s being %d; last: %s" % (path, code, self.get(path)))


def set_fault(case, kind):
    """In every source of the lab, until the test ends."""
    for number in range(case.lab_options["sources"]):
        case.lab.control(source=number, fault=kind)
        case.addCleanup(case.lab.control, source=number, fault="none")


class Truth(LabCase):
    lab_options = dict(sources=4, entries=5)

    def test_it_collects_and_tells_the_truth(self):
        monitor = Monitor(self, "--interval", "1")
        articles = "SELECT count(*) FROM public.articles"
        wait_until(lambda: self.db.value(articles) == 20, what="the first round")
        wait_until(lambda: monitor.json("/health")["database"]["articles"] == 20, what="the count")
        health = monitor.json("/api/health")
        self.assertEqual(health["status"], "healthy")
        self.assertEqual(health["database"], {"status": "connected", "sources": 4, "articles": 20})
        self.assertEqual({c["status"] for checks in health["checks"].values() for c in checks}, {"pass"})
        for path in ("/livez", "/readyz", "/startupz"):
            self.assertEqual(monitor.get(path), (200, "ok\n"))
        self.assertEqual(monitor.json("/api/sources"), self.cti("sources", "list", "--format", "json").json())
        self.assertEqual(monitor.json("/api/stats")["articles"]["total"], 20)
        self.assertEqual(monitor.json("/api/stats").keys(), self.cti("stats", "--format", "json").json().keys())
        overview = monitor.json("/?format=json")
        self.assertEqual(overview["runs"][0]["new"], 20)
        self.assertEqual(sum(day["articles"] for day in overview["articles_by_day"]), 20)
        self.assertEqual(monitor.stop(), 143, monitor.text())


class Answers(LabCase):
    lab_options = dict(sources=4, entries=5)

    def test_healthcheck_says_one_line_and_has_its_codes(self):
        monitor = Monitor(self, "--interval", "60")
        monitor.wait_for("/health", 200)
        well = cti("healthcheck", monitor.url + "/health")
        self.assertEqual((well.rc, well.out, well.err), (0, "healthy\n", ""))
        self.assertEqual(cti("healthcheck", env={"CTI_LISTEN": monitor.url[7:], "http_proxy": "http://127.0.0.1:1"}).rc, 0)
        self.assertEqual(cti("healthcheck", monitor.url + "/readyz").out, "ok\n")
        self.assertEqual(cti("healthcheck", monitor.url + "/nothing").rc, 8)
        # What it says where it listens is the address of a page: /health is meant. What tells no health is no good answer.
        for url in (monitor.url, monitor.url + "/", monitor.url[7:]):
            self.assertEqual(cti("healthcheck", url).out, "healthy\n")
        for path in ("/?x", "/metrics", "/api/stats"):
            other = cti("healthcheck", monitor.url + path)
            self.assertEqual((other.rc, other.out), (8, "unhealthy: what answers there tells no health\n"), other)
            self.assertIn("cti: hint: Ask /health", other.err)
        monitor.kill()
        gone = cti("healthcheck", monitor.url + "/health")
        self.assertEqual((gone.rc, gone.out.count("\n")), (8, 1))
        self.assertIn("unhealthy: cannot connect", gone.out)

    def test_the_page_is_readable_without_pictures_and_scripts(self):
        self.assertRan(self.cti("collect", "--force"))  # nothing is due from now on, so nothing changes what stands below
        self.db.execute("UPDATE public.sources SET name = '<script>alert(1)</script> Ünïcode', consecutive_failures = 3 WHERE identifier = 'feedlab_000'")
        self.addCleanup(self.db.execute, "UPDATE public.sources SET name = 'x', consecutive_failures = 0 WHERE identifier = 'feedlab_000'")
        monitor = Monitor(self, "--schedule", "due")
        wait_until(lambda: "feedlab_000" in monitor.get("/")[1], what="the sources on the page")
        code, page = monitor.get("/")
        self.assertEqual(code, 200)
        self.assertNotIn("<script", page)
        done = subprocess.run(["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "100"], input=page.encode(), capture_output=True, timeout=30)
        text = done.stdout.decode()
        self.assertIn("<script>alert(1)</script> Ünïcode feedlab_000", text)
        self.assertIn("degraded: 1 of 4 active sources fail", text)
        self.assertNotIn("feedlab_001</code>", page)
        self.assertIn("<code>feedlab_001</code>", monitor.get("/?state=healthy")[1])
        self.assertEqual(monitor.get("/?state=fine"), (400, "the states are failing, warning, never, healthy, disabled, all\n"))
        self.assertEqual(monitor.get("/style.css")[0], 200)

    def test_the_status_server_refuses_what_it_does_not_serve(self):
        monitor = Monitor(self, "--schedule", "due")
        address = monitor.url[7:]
        for method, path, body, code in (("POST", "/", b"x", 405), ("PUT", "/health", None, 405), ("OPTIONS", "/", None, 405), ("GET", "/livez", b"x", 413),
                                         ("GET", "/" + "a" * 40000, None, 414), ("GET", "/jobs", None, 404), ("GET", "/../etc/passwd", None, 404)):
            connection = http.client.HTTPConnection(address, timeout=20)
            connection.request(method, path, body)
            answer = connection.getresponse()
            self.assertEqual(answer.status, code, (method, path[:20]))
            answer.read()
            connection.close()

    def test_an_address_that_is_taken_is_said_at_once(self):
        monitor = Monitor(self, "--interval", "60")
        done = self.cti("monitor", "--listen", monitor.url[7:])
        self.assertRefused(done, 1, "cannot listen on")

    def test_a_default_address_that_is_taken_ends_nobody(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", 8080))
                taken.listen()
            except OSError:
                pass  # somebody else has it: as good
            env = environment(self.db.url())
            del env["CTI_LISTEN"]
            process = subprocess.Popen([BINARY, "monitor", "--interval", "60"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.addCleanup(process.communicate)
            self.addCleanup(process.kill)
            lines = iter(process.stderr.readline, b"")
            self.assertIn(b"this monitor has no status server", next(lines))
            self.assertTrue(any(b"collecting every 60 s" in line for line in lines))

    def test_wrong_schedules_are_refused(self):
        for args in (("--collect-schedule", "61 * * * *"), ("--tz", "Mars/Olympus"), ("--interval", "60", "--collect-schedule", "0 * * * *"), ("--listen", "here"),
                     ("--schedule", "never"), ("--interval", "0"), ("--housekeeping-schedule", "soon"), ("--interval", "9", "--webhook", "ftp://x/")):
            self.assertEqual(self.cti("monitor", *args).rc, 2, args)


class Sessions(LabCase):
    lab_options = dict(sources=2, entries=3)
    NAMES = "SELECT string_agg(DISTINCT application_name, ',' ORDER BY application_name) FROM pg_stat_activity" \
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def test_each_connection_of_a_monitor_says_which_part_it_is(self):
        receiver = Receiver(self)
        Monitor(self, "--interval", "300", env={"CTI_WEBHOOK": receiver.url})
        wanted = {"cti monitor", "cti monitor notifier", "cti monitor observer"}
        wait_until(lambda: wanted <= set(str(self.db.value(self.NAMES)).split(",")), what="the three names")

    def test_a_name_that_the_address_or_the_environment_gives_stays(self):
        for url, env in ((self.db.url() + "&application_name=mine", {}), (self.db.url(), {"PGAPPNAME": "mine"})):
            monitor = Monitor(self, "--interval", "300", url=url, env=env)
            monitor.wait_for("/readyz", 200)
            self.assertEqual(self.db.value(self.NAMES), "mine")
            monitor.stop()


class Schedules(LabCase):
    lab_options = dict(sources=3, entries=4)

    def test_due_sources_are_collected_when_they_are_due(self):
        monitor = Monitor(self, "--schedule", "due")
        checks = "SELECT count(*) FROM public.source_checks"
        wait_until(lambda: self.db.value(checks) == 3, what="the first checks")
        self.db.execute("UPDATE cti.source_state SET next_check_at = now() + interval '3 s' WHERE source_id = (SELECT min(id) FROM public.sources)")
        wait_until(lambda: self.db.value(checks) == 4, what="the check of the due one")
        self.assertIn("when a source is due", monitor.text())

    def test_sources_that_are_added_changed_and_disabled_are_seen(self):
        monitor = Monitor(self, "--interval", "1")
        wait_until(lambda: self.db.value("SELECT count(DISTINCT source_id) FROM public.source_checks") >= 3, what="the first round")
        feed = self.db.value("SELECT rss_url FROM public.sources WHERE identifier = 'feedlab_001'")
        self.assertRan(self.cti("sources", "add", "late", "Late", "https://late.example/", "--rss-url", feed))
        late = "SELECT count(*) FROM public.source_checks c JOIN public.sources s ON s.id = c.source_id WHERE s.identifier = 'late'"
        wait_until(lambda: self.db.value(late) == 1, what="the new source")
        self.assertRan(self.cti("sources", "disable", "late"))
        self.db.execute("UPDATE public.sources SET last_check = NULL")
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.sources WHERE active AND last_check IS NULL") == 0, what="a round after it")
        self.assertEqual(self.db.value(late), 1)
        self.assertEqual(monitor.stop(), 143)
        self.assertRan(self.cti("sources", "remove", "late", "--yes"))

    def test_sighup_brings_the_sources_file_in_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "sources.yaml")
            path.write_text("sources: []\n")
            monitor = Monitor(self, "--interval", "60", "--config", path)
            path.write_text("sources:\n  - id: by_signal\n    name: By signal\n    url: https://signal.example/\n    rss_url: https://signal.example/feed\n    active: false\n")
            monitor.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.db.value("SELECT count(*) FROM public.sources WHERE identifier = 'by_signal'") == 1, what="the new source")
            path.write_text("sources: [")
            monitor.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "was not read again" in monitor.text(), what="the refusal")
            self.assertIsNone(monitor.process.poll())
        self.assertRan(self.cti("sources", "remove", "by_signal", "--yes"))

    def test_a_hanging_server_delays_no_stop(self):
        set_fault(self, "hang")
        self.db.execute("UPDATE public.sources SET last_check = NULL")
        monitor = Monitor(self, "--interval", "60")
        wait_until(lambda: self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()") == 3, what="the claims")
        self.assertEqual(monitor.get("/livez")[0], 200)
        begun = time.monotonic()
        self.assertEqual(monitor.stop(), 143)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now()"), 0)

    def test_housekeeping_removes_what_is_old_when_it_is_time(self):
        self.assertRan(self.cti("collect", "--force"))
        self.assertRan(self.cti("collect", "--force"))
        self.db.execute("UPDATE public.source_checks SET check_time = check_time - interval '91 days'")
        monitor = Monitor(self, "--interval", "1", "--housekeeping-schedule", "0 0 1 1 *")
        planned = "SELECT count(*) FROM cti.schedules WHERE name = 'housekeeping' AND next_run_at > now()"
        wait_until(lambda: self.db.value(planned) == 1, what="the plan")
        self.assertGreater(self.db.value("SELECT count(*) FROM public.source_checks"), 3)
        self.db.execute("UPDATE cti.schedules SET next_run_at = now() WHERE name = 'housekeeping'")
        wait_until(lambda: "housekeeping in" in monitor.text(), what="the housekeeping")
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks WHERE check_time < now() - interval '90 days'"), 3)
        self.assertEqual(self.db.value(planned), 1)


class AwayDatabase(LabCase):
    lab_options = dict(sources=5, entries=4)

    def test_it_says_so_goes_on_and_loses_nothing(self):
        wire = Wire().open()
        self.addCleanup(wire.cut)
        url = "postgresql://cti@127.0.0.1:%d/%s?sslmode=disable" % (wire.port, self.db.name)
        monitor = Monitor(self, "--interval", "1", url=url)
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.articles") == 20, what="the first round")
        monitor.wait_for("/health", 200)
        wire.cut()
        monitor.wait_for("/readyz", 503)
        self.assertEqual(monitor.get("/health")[0], 503)
        self.assertEqual(monitor.json("/health")["status"], "unhealthy")
        self.assertEqual(monitor.get("/livez")[0], 200)
        self.assertEqual(monitor.metric("cti_database_up"), 0)
        self.assertEqual(monitor.metric('cti_articles_total{result="inserted"}'), 20)
        self.assertEqual(monitor.get("/")[0], 200)
        self.lab.control(rev=1)
        self.addCleanup(self.lab.control, rev=0)
        self.db.execute("UPDATE public.sources SET last_check = NULL")
        wire.open()
        monitor.wait_for("/health", 200)
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.articles") == 25, what="what came meanwhile")
        wait_until(lambda: monitor.metric("cti_database_up") == 1, what="the metric")
        self.assertEqual(monitor.stop(), 143)

    def test_a_database_that_is_not_there_at_the_start_is_waited_for(self):
        wire = Wire().open()
        wire.cut()
        url = "postgresql://cti@127.0.0.1:%d/%s?sslmode=disable" % (wire.port, self.db.name)
        monitor = Monitor(self, "--interval", "1", url=url)
        self.addCleanup(wire.cut)
        wait_until(lambda: "trying again until it works" in monitor.text(), what="the error")
        self.assertEqual(monitor.get("/readyz")[0], 503)
        self.assertEqual(monitor.get("/livez")[0], 200)
        wire.open()
        monitor.wait_for("/readyz", 200)


class NotReady(DatabaseCase):
    def test_a_database_without_the_schema_is_waited_for(self):
        monitor = Monitor(self, "--interval", "1")
        wait_until(lambda: "cti init" in monitor.get("/readyz")[1] or "tables" in monitor.get("/readyz")[1], what="the reason")
        self.assertEqual(monitor.get("/health")[0], 503)
        self.assertRan(self.cti("init"))
        monitor.wait_for("/readyz", 200)

    def test_once_fails_with_the_exit_code(self):
        self.assertIn(self.cti("monitor", "--once", url="postgresql://cti@127.0.0.1:1/none").rc, (4,))


class Replicas(LabCase):
    """tests/campaigns/replicas.sh runs it with more sources and prints the line."""
    lab_options = dict(sources=int(os.environ.get("CTI_REPLICA_SOURCES", "30")), entries=3)

    def start(self):
        return Monitor(self, "--interval", "1", "-j", "4", "--lease", "10")

    def begin_round(self):
        self.db.execute("UPDATE public.sources SET last_check = NULL")

    def end_round(self, what):
        wait_until(lambda: self.db.value("SELECT count(*) FROM public.sources WHERE last_check IS NULL") == 0, timeout=180, what=what)

    def test_three_share_the_work_and_take_over_from_a_dead_one(self):
        count = self.lab_options["sources"]
        checks = "SELECT count(*) FROM public.source_checks"
        self.lab.control(latency=300)
        self.addCleanup(self.lab.control, latency=0)
        self.lab.stats(reset=True)
        monitors = [self.start() for _ in range(3)]
        self.end_round("the first round")
        wait_until(lambda: self.db.value(checks) == count, what="its checks")
        asked = self.lab.stats()["requests"]
        self.assertEqual(asked, count)
        owners = self.db.value("SELECT count(DISTINCT owner) FROM cti.runs WHERE sources > 0")

        self.lab.control(latency=1000)
        self.begin_round()
        leased = "SELECT coalesce(max(substring(lease_owner FROM ':([0-9]+)$')::int), 0) FROM cti.source_state WHERE lease_until > now()"
        pid = wait_until(lambda: self.db.value(leased), what="a claim")
        victim = next(i for i in range(3) if monitors[i].process.pid == pid)
        monitors[victim].kill()
        killed = time.monotonic()
        in_hand = self.db.value("SELECT count(*) FROM cti.source_state WHERE lease_until > now() AND lease_owner LIKE '%%:%d'" % pid)
        self.end_round("the round of the others")
        took = time.monotonic() - killed
        wait_until(lambda: self.db.value(checks) == 2 * count, what="the second checks")

        self.lab.control(latency=300)
        monitors[victim] = self.start()
        self.begin_round()
        for i in range(3):  # a rolling restart
            self.assertEqual(monitors[i].stop(), 143, monitors[i].text())
            monitors[i] = self.start()
        self.end_round("the round of the restarted")
        wait_until(lambda: self.db.value(checks) == 3 * count, what="the third checks")
        for monitor in monitors:
            self.assertEqual(monitor.stop(), 143)
        lost = 3 * count - self.db.value("SELECT count(*) FROM public.articles")
        self.assertEqual((lost, self.db.value(checks)), (0, 3 * count))
        print("replicas: 3 on %d sources; round 1 by %d of them: %d requests, %d twice; one killed with %d in hand: done by the others after %.1f s; "
              "rolling restart: %d checks, %d articles lost" % (count, owners, asked, asked - count, in_hand, took, count, lost), flush=True)


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


class Doctor(DatabaseCase):
    def test_it_names_what_is_wrong_and_what_to_do(self):
        done = self.cti("doctor", "--format", "json")
        self.assertEqual(done.rc, 8, done)
        report = done.json()
        self.assertFalse(report["ok"])
        schema = next(c for c in report["checks"] if c["check"] == "schema")
        self.assertEqual(schema["status"], "fail")
        self.assertIn("cti init", schema["remedy"])
        self.assertRan(self.cti("init"))
        done = self.cti("doctor", "--format", "json")
        self.assertRan(done)
        self.assertTrue(done.json()["ok"])
        self.assertEqual({c["status"] for c in done.json()["checks"]} - {"ok", "warn"}, set())

    def test_a_machine_that_reads_nothing_is_not_well_and_says_what_may_be_the_reason(self):
        db = Database()
        self.addCleanup(db.drop)
        self.assertRan(cti("init", url=db.url(), cwd="/"))
        ports = [free_port() for _ in range(5)]
        for n, port in enumerate(ports):
            self.assertRan(cti("sources", "add", "dead_%d" % n, "Dead", "http://127.0.0.1:%d/" % port, "--rss-url",
                               "http://127.0.0.1:%d/feed" % port, url=db.url()))
        done = cti("collect", "--allow-private", url=db.url())
        self.assertEqual(done.rc, 1, done)
        self.assertIn("all 5 sources could not be read: cannot connect", done.err)
        self.assertIn("Is this machine online?", done.err)
        self.assertEqual(done.err.count("source 'dead_"), 5)  # a log keeps each of them
        done = cti("doctor", "--format", "json", url=db.url())
        self.assertEqual(done.rc, 8, done)
        sources = [c for c in done.json()["checks"] if c["check"].startswith("source")]
        self.assertEqual([(c["status"], c["detail"]) for c in sources], [("fail", "none of 5 sources can be read: cannot connect")])
        self.assertIn("CTI_PROXY", sources[0]["remedy"])
        # One that is read makes the others single faults again; three of one kind are one line.
        db.execute("UPDATE public.sources SET consecutive_failures = 4; UPDATE public.sources SET consecutive_failures = 0 WHERE identifier = 'dead_0'")
        done = cti("doctor", "--format", "json", url=db.url())
        self.assertRan(done)
        self.assertEqual([c["detail"] for c in done.json()["checks"] if c["check"].startswith("source")],
                         ["5, 5 active, 4 failing", "4 sources: cannot connect"])

    def test_it_says_where_the_address_comes_from(self):
        def detail(*args, url=None, env=None):
            done = cti("doctor", "--format", "json", *args, url=url, env=env)
            return next(c["detail"] for c in done.json()["checks"] if c["check"] == "address")
        nowhere = "postgresql://cti:canary@127.0.0.1:%d/x" % free_port()
        parts = {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(free_port()), "POSTGRES_DB": "parts"}
        with tempfile.TemporaryDirectory() as folder:
            secret = pathlib.Path(folder, "url")
            secret.write_text(nowhere + "\n")
            file = {"DATABASE_URL_FILE": str(secret), **parts}
            self.assertIn("(from --database-url)", detail("--database-url", nowhere, url=self.db.url(), env=file))
            self.assertIn("(from DATABASE_URL)", detail(url=nowhere, env=file))
            self.assertIn("(from DATABASE_URL_FILE)", detail(env=file))
        self.assertIn("parts as", detail(env=parts))
        self.assertIn("(from POSTGRES_HOST)", detail(env=parts))
        self.assertIn("(from libpq's own variables)", detail(env={"PGDATABASE": self.db.name}))

    def test_an_unknown_host_and_a_closed_port_are_told_apart(self):
        def statuses(url):
            done = cti("doctor", "--format", "json", url=url)
            self.assertEqual(done.rc, 8, done)
            return {c["check"]: c["status"] for c in done.json()["checks"]}
        unknown = statuses("postgresql://cti@no-such-host.invalid/x")
        self.assertEqual((unknown["dns"], unknown["tcp"]), ("fail", "skipped"))
        closed = statuses("postgresql://cti@127.0.0.1:%d/x" % free_port())
        self.assertEqual((closed["dns"], closed["tcp"], closed["authentication"]), ("ok", "fail", "skipped"))

    def test_settings_come_with_their_origin_and_without_secrets(self):
        env = {"CTI_WEBHOOK": "https://hooks.example/T000/canary", "POSTGRES_PASSWORD": "canary", "CTI_TIMEOUT": "17", "PGPASSWORD": "canary"}
        done = self.cti("doctor", "--env", env=env)
        self.assertRan(done)
        self.assertNotIn("canary", done.out + done.err)
        self.assertIn("CTI_TIMEOUT\t17\tenvironment\n", done.out)
        self.assertIn("CTI_JOBS\t20\tdefault\n", done.out)
        done = cti("doctor", "--database-url", "postgresql://cti:canary@127.0.0.1:%d/x" % free_port())
        self.assertEqual(done.rc, 8)
        self.assertNotIn("canary", done.out + done.err)
        self.assertIn("--database-url", done.out)


class Log(LabCase):
    lab_options = dict(sources=2, entries=3)

    def test_every_line_is_json_with_its_run(self):
        self.db.execute("UPDATE public.sources SET identifier = E'x\\n{\"level\":\"forged\"}' WHERE identifier = 'feedlab_001'")
        done = self.cti("-v", "--log-format", "json", "collect", "--force")
        self.assertRan(done)
        lines = [json.loads(line) for line in done.err.splitlines()]
        of_sources = [line for line in lines if "source" in line]
        self.assertEqual(len(of_sources), 2)
        self.assertEqual({line["level"] for line in lines}, {"info", "notice"})
        runs = {line["run_id"] for line in of_sources}
        self.assertEqual(runs, {self.db.value("SELECT id FROM cti.runs ORDER BY finished_at DESC LIMIT 1")})
        self.assertTrue(all("duration_ms" in line for line in of_sources))


if __name__ == "__main__":
    unittest.main()
