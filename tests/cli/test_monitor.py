"""The monitor: the loop, its schedules and replicas, and the status server."""
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from harness import BINARY, DatabaseCase, LabCase, Receiver, cti, environment, wait_until
from monitor_process import Monitor, set_fault
from wire import Wire


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
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"

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
