"""Jobs over HTTP: the status server tells of the queue, and, where it is told to, takes orders."""
import http.client
import json
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import LabCase, sanitizer_options, wait_until
from monitor_process import Monitor, PROMTOOL


def members(json):
    return [sorted(item) for item in json] if isinstance(json, list) else sorted(json)


class Queue(LabCase):
    """A status server that collects nothing, beside a queue that the tests fill."""

    lab_options = dict(sources=3, entries=4)

    def setUp(self):
        super().setUp()
        self.db.execute("DELETE FROM cti.jobs; DELETE FROM cti.finished_jobs; DELETE FROM cti.workers")

    def start(self, *args, command="serve", **more):
        workers = ("--workers", "0") if command == "monitor" else ()
        server = Monitor(self, *args, command=(command, "--listen", "127.0.0.1:0", *workers), **more)
        server.wait_for("/readyz", 200)
        return server

    def add(self, *args):
        return int(self.assertRan(self.cti("jobs", "add", *args)).out)

    def jobs(self):
        return self.db.value("SELECT count(*) FROM cti.jobs")


class Reading(Queue):
    def test_lists_and_single_jobs_have_the_shapes_of_the_command(self):
        numbers = [self.add("collect", "--priority", n) for n in range(4)]
        self.assertRan(self.cti("jobs", "cancel", numbers[0]))
        monitor = self.start(command="monitor")
        self.assertEqual(monitor.json("/jobs/"), self.assertRan(self.cti("jobs", "list", "--format", "json")).json())
        self.assertEqual([j["id"] for j in monitor.json("/jobs/?limit=2")], [numbers[3], numbers[2]])
        self.assertEqual([j["id"] for j in monitor.json("/jobs/?state=cancelled,dead")], [numbers[0]])
        for number in (numbers[0], numbers[3]):
            self.assertEqual(monitor.json("/jobs/%d" % number), self.assertRan(self.cti("jobs", "show", number, "--format", "json")).json())
        status = monitor.json("/jobs/status")
        self.assertEqual(set(status), {"jobs", "oldest_ready_seconds", "workers"})
        wait_until(lambda: monitor.json("/jobs/status")["jobs"] == {"collect": {"ready": 3, "cancelled": 1}}, what="the counts")

    def test_what_makes_no_sense_is_refused_in_json(self):
        monitor = self.start()
        for path, code, words in (("/jobs/?limit=0", 400, "limit"), ("/jobs/?limit=1001", 400, "limit"), ("/jobs/?limit=two", 400, "limit"),
                                  ("/jobs/?limit=9999999999999999999999", 400, "limit"), ("/jobs/?limit=-1", 400, "limit"),
                                  ("/jobs/?state=asleep", 400, "state"), ("/jobs/?state=ready,", 400, "state"),
                                  ("/jobs/99999999", 404, "no job 99999999"), ("/jobs/0", 404, "number"), ("/jobs/-1", 404, "number"),
                                  ("/jobs/1x", 404, "number"), ("/jobs/99999999999999999999", 404, "number"), ("/jobs/1/2", 404, "number")):
            with self.subTest(path):
                answer = monitor.get(path)
                self.assertEqual(answer[0], code)
                self.assertIn(words, json.loads(answer[1])["error"])
        self.assertIn('cti_status_requests_total{path_class="jobs",code="404"}', monitor.get("/metrics")[1])

    def test_each_path_of_the_api_has_its_first_version(self):
        monitor = self.start()
        for path in ("sources", "stats", "health"):
            wait_until(lambda: monitor.get("/api/" + path)[0] == 200, what=path)
            self.assertEqual(set(monitor.json("/api/v1/" + path)), set(monitor.json("/api/" + path))) if path != "sources" else \
                self.assertEqual(monitor.json("/api/v1/sources"), monitor.json("/api/sources"))
        number = self.add("collect")
        for path in ("jobs/status", "jobs/?limit=1", "jobs/%d" % number):
            wait_until(lambda: monitor.get("/" + path)[0] == 200, what=path)
            for prefix in ("/api/", "/api/v1/"):
                self.assertEqual(members(monitor.json(prefix + path)), members(monitor.json("/" + path)))
        for path in ("/api/v1/api/jobs/status", "/api/v1/jobs", "/api/v1/jobsx/", "/v1/jobs/status", "/api/v1", "/api/v1/", "/api/v2/sources", "/api/v1/v1/sources", "/v1/sources"):
            self.assertEqual(monitor.get(path)[0], 404, path)

    def test_a_table_that_is_locked_makes_nobody_wait(self):
        number = self.add("collect")
        monitor = self.start()
        holder = subprocess.Popen(["psql", "-qXAt", "-d", self.db.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.stdin.close)
        holder.stdin.write(b"BEGIN; LOCK TABLE cti.jobs; SELECT 'locked';\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), b"locked\n")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(monitor.get("/jobs/%d" % number))) for _ in range(40)]
        for thread in threads:
            thread.start()
        self.assertEqual(monitor.get("/livez")[0], 200)
        for thread in threads:
            thread.join(30)
        self.assertEqual({code for code, _ in answers}, {503})
        self.assertTrue(all(json.loads(body)["error"] for _, body in answers))
        self.assertIn("too many ask", "".join(body for _, body in answers))
        holder.stdin.close()
        wait_until(lambda: monitor.get("/jobs/%d" % number)[0] == 200, what="the job")
        self.assertEqual(monitor.stop(), 143)


TOKEN = "0123456789abcdef0123456789abcdef"


def ask(monitor, method, path, body=None, token=TOKEN, **headers):
    """The status, the headers and what the JSON of the body says."""
    connection = http.client.HTTPConnection(monitor.url[7:], timeout=20)
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    if token is not None:
        headers["Authorization"] = "Bearer " + token
    connection.request(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), json.loads(text) if text.startswith(("{", "[")) else text


def raw(monitor, data, then_close=False):
    """What comes back until the server closes."""
    with socket.create_connection((monitor.url[7:].rsplit(":", 1)[0], int(monitor.url.rsplit(":", 1)[1])), timeout=20) as client:
        received = b""
        try:
            client.sendall(data)
            if then_close:
                client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                received += chunk
        except OSError:  # cut
            pass
        return received.decode("latin-1")


def order(body, *headers, length=None):
    lines = ["POST /jobs/scrape HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if length is not False:
        lines.append("Content-Length: %s" % (len(body) if length is None else length))
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Orders(Queue):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "token")
        self.write(TOKEN + "\n")

    def write(self, text, mode=0o600):
        self.file.write_text(text)
        self.file.chmod(mode)

    def start(self, *args, **more):
        return super().start("--enable-control", "--control-token-file", self.file, *args, **more)

    def test_without_being_told_to_the_server_takes_no_order(self):
        monitor = super().start(command="monitor", env={"CTI_CONTROL_TOKEN_FILE": str(self.file)})
        for method, path in (("POST", "/jobs/scrape"), ("DELETE", "/jobs/1"), ("POST", "/api/v1/jobs/scrape"), ("DELETE", "/api/jobs/1"), ("PUT", "/jobs/scrape"), ("POST", "/")):
            code, headers, body = ask(monitor, method, path, {})
            self.assertEqual((code, headers["Allow"], body), (405, "GET, HEAD", "only GET and HEAD are answered\n"))
        self.assertEqual(self.jobs(), 0)

    def test_a_token_that_is_none_is_refused_at_the_start_and_never_shown(self):
        run = lambda *args: self.cti("monitor", "--listen", "127.0.0.1:0", "--enable-control", *args)
        self.assertRefused(run(), 2, "--enable-control needs a token", "CTI_CONTROL_TOKEN_FILE")
        self.assertRefused(run("--control-token-file", self.file.with_name("nothing")), 2, "cannot read")
        self.write("")
        self.assertRefused(run("--control-token-file", self.file), 2, "the file is empty")
        for text, words in (("s3cret-of-mine\n", "too short"), ("a secret that has spaces\n", "plain characters"), ("s3cret-s3cret-s3cret\n" * 2, "plain characters")):
            self.write(text)
            done = run("--control-token-file", self.file)
            self.assertRefused(done, 2, words)
            self.assertNotIn("cret", done.err)
        self.write(TOKEN, 0o644)
        done = run("--control-token-file", self.file)
        self.assertRefused(done, 2, "everybody on this machine may read or change it", "chmod o-rwx")

    def test_who_has_the_token_asks_for_a_job_and_a_worker_does_it(self):
        self.db.execute("TRUNCATE cti.seen_entries, public.articles CASCADE; UPDATE cti.source_state SET cursor = ''")
        monitor = self.start()
        one = self.lab.identifiers()[0]
        code, headers, job = ask(monitor, "POST", "/jobs/scrape", {"source": one, "limit": 3, "priority": 7})
        self.assertEqual((code, headers["Location"]), (202, "/jobs/%d" % job["id"]))
        self.assertEqual((job["kind"], job["state"], job["priority"], job["arguments"]), ("collect", "ready", 7, {"source": [one], "limit": 3}))
        self.assertEqual(job["created_by"], "http 127.0.0.1")
        self.assertEqual(job, self.assertRan(self.cti("jobs", "show", job["id"], "--format", "json")).json())
        words = ask(monitor, "POST", "/api/v1/jobs/scrape", {"query": self.lab.identifiers()[1].upper() + " http://"})[2]
        nothing = ask(monitor, "POST", "/jobs/scrape", {"query": "no source is called this"})[2]
        self.assertRan(self.cti("worker", "--until-empty", "--allow-private"))
        done, second, third = (monitor.json("/jobs/%d" % j["id"]) for j in (job, words, nothing))
        self.assertEqual((done["state"], done["result"]["new"]), ("done", 3))
        self.assertEqual((second["state"], second["result"]["sources"]), ("done", 1))
        self.assertEqual(third["state"], "failed")
        self.assertIn("no source has the words", third["error"])
        self.assertNotIn(TOKEN, monitor.text() + monitor.get("/")[1] + monitor.get("/metrics")[1])

    def test_a_job_is_cancelled_once(self):
        monitor = self.start(command="monitor")
        waiting, running = self.add("collect"), self.add("collect")
        code, _, job = ask(monitor, "DELETE", "/jobs/%d" % waiting)
        self.assertEqual((code, job["id"], job["state"]), (200, waiting, "cancelled"))
        self.assertEqual(ask(monitor, "DELETE", "/jobs/%d" % waiting)[0], 409)
        self.db.execute("UPDATE cti.jobs SET state = 'running', token = nextval('cti.job_tokens'), lease_until = now() + interval '1 hour' WHERE id = %d" % running)
        code, _, job = ask(monitor, "DELETE", "/jobs/%d" % running)
        self.assertEqual((code, job["state"], job["cancel_requested"]), (202, "running", True))
        for path, code in (("/jobs/99999999", 404), ("/jobs/x", 404), ("/jobs/scrape", 405), ("/jobs/", 405)):
            self.assertEqual(ask(monitor, "DELETE", path)[0], code, path)

    def test_whoever_has_no_token_changes_nothing(self):
        monitor = self.start()
        number = self.add("collect")
        for token in (None, "", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "x" * 4000):
            for method, path, body in (("POST", "/jobs/scrape", {}), ("DELETE", "/jobs/%d" % number, None), ("DELETE", "/api/v1/jobs/%d" % number, None), ("POST", "/jobs/scrape", "{" * 9000)):
                code, headers, answer = ask(monitor, method, path, body, token=token)
                self.assertEqual((code, headers["WWW-Authenticate"]), (401, "Bearer"))
                self.assertIn("token", answer["error"])
        self.assertEqual(self.db.rows("SELECT id, state FROM cti.jobs"), [{"id": number, "state": "ready"}])

    def test_orders_that_make_no_sense_are_refused_by_what_is_wrong(self):
        monitor = self.start()
        for body, words in (({"sorce": "a"}, "'sorce'"), ({"source": "nobody_of_this_name"}, "nobody_of_this_name"), ({"source": 1}, "'source'"),
                            ({"limit": 0}, "'limit'"), ({"limit": "5"}, "'limit'"), ({"priority": 5000}, "'priority'"), ({"query": "a\x00b"}, "'query'"),
                            ([], "object"), ("", "object"), ("{\"limit\": 1, \"limit\": 2}", "twice"), ("[" * 16000, "deeply"), ("\x00", "object")):
            with self.subTest(str(body)[:40]):
                code, _, answer = ask(monitor, "POST", "/jobs/scrape", body)
                self.assertEqual(code, 400)
                self.assertIn(words, answer["error"])
        self.assertEqual(ask(monitor, "POST", "/jobs/scrape", {"query": "a" * 17000})[0], 413)
        self.assertEqual(ask(monitor, "POST", "/jobs/scrape", "{}", **{"Content-Type": "text/plain"})[0], 415)
        for method, path, allowed in (("GET", "/jobs/scrape", None), ("PUT", "/jobs/scrape", "POST"), ("POST", "/jobs/7", "GET, HEAD, DELETE"), ("POST", "/", "GET, HEAD")):
            code, headers, _ = ask(monitor, method, path)
            self.assertEqual((code, headers.get("Allow")), (404, None) if method == "GET" else (405, allowed), (method, path))
        self.assertEqual(self.jobs(), 0)

    def test_bodies_that_are_sent_in_odd_ways_are_refused_or_cut(self):
        monitor = self.start()
        mine = "Authorization: Bearer " + TOKEN
        self.assertIn(" 411 ", raw(monitor, order("5\r\n{}\r\n0\r\n\r\n", mine, "Transfer-Encoding: chunked", length=False)).splitlines()[0])
        self.assertNotIn(" 202 ", raw(monitor, order("2\r\n{}\r\n0\r\n\r\n", mine, "Transfer-Encoding: chunked")))
        self.assertIn(" 411 ", raw(monitor, order("", mine, length=False)).splitlines()[0])
        self.assertIn(" 417 ", raw(monitor, order("{}", mine, "Expect: 100-continue")).splitlines()[0])
        for length in ("2, 2", "-2", "0x2", "2 2", "99999999999999999999"):
            self.assertNotIn(" 202 ", raw(monitor, order("{}", mine, length=length)), length)
        self.assertNotIn(" 202 ", raw(monitor, order("{}", mine, "Content-Length: 3")))
        self.assertEqual(raw(monitor, order("{}", mine, length=3), then_close=True), "")
        self.assertEqual(self.jobs(), 0)
        began = time.monotonic()
        self.assertEqual(raw(monitor, order("{", mine, length=2)), "")  # the rest never comes
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(self.jobs(), 0)
        # What follows the first request is not read: one connection, one order.
        self.assertEqual(raw(monitor, order("{}", mine) * 5).count("HTTP/1.1"), 1)
        self.assertEqual(self.jobs(), 1)
        self.assertEqual(raw(monitor, order("{}{\"limit\": 7}", mine, length=2)).count(" 202 "), 1)
        self.assertEqual(self.jobs(), 2)

    def test_a_script_that_orders_too_much_is_told_to_wait(self):
        monitor = self.start()
        answers = [ask(monitor, "DELETE", "/jobs/99999999") for _ in range(75)]
        self.assertEqual({code for code, _, _ in answers}, {404, 429})
        late = next(headers for code, headers, _ in answers if code == 429)
        self.assertEqual(late["Retry-After"], "1")
        self.assertGreaterEqual([code for code, _, _ in answers].count(404), 60)

    def test_thousands_of_malformed_requests_change_nothing_and_cost_nothing(self):
        # A sanitizer keeps what is freed, 256 MB of it, which would count as the server's.
        monitor = self.start(env={"ASAN_OPTIONS": sanitizer_options("quarantine_size_mb=1", "thread_local_quarantine_size_kb=64")})
        number = self.add("collect")
        mine = "Authorization: Bearer " + TOKEN
        random.seed(20)
        before = self.db.value("SELECT md5(string_agg(t::text, '|')) FROM (SELECT * FROM cti.jobs) t")
        memory = monitor.metric("process_resident_memory_bytes")
        kinds = [lambda: order("{}"), lambda: order("{}", "Authorization: Bearer wrong"), lambda: order("{" * random.randrange(20000), mine),
                 lambda: order("{}", mine, length=random.randrange(3, 10**9)), lambda: order("x" * 10, mine, "Transfer-Encoding: chunked", length=False),
                 lambda: random.randbytes(random.randrange(1, 2000)), lambda: b"DELETE /jobs/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number,
                 lambda: b"POST /jobs/scrape HTTP/1.1\r\n\r\n{}", lambda: b"POST /jobs/scrape HTTP/9.9\r\nHost: x\r\n\r\n",
                 lambda: order('{"source":"%s"}' % ("a" * random.randrange(300, 9000)), mine)]
        batches = [[random.choice(kinds)() for _ in range(500)] for _ in range(6)]
        self.assertEqual(sum(map(len, batches)), 3000)
        answers = []
        threads = [threading.Thread(target=lambda batch=batch: answers.extend(raw(monitor, data, then_close=True)[:60] for data in batch)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(240)
        self.assertEqual(len(answers), 3000)
        self.assertEqual([a for a in answers if " 20" in a.split("\r")[0]], [])
        self.assertEqual(self.db.value("SELECT md5(string_agg(t::text, '|')) FROM (SELECT * FROM cti.jobs) t"), before)
        self.assertEqual(monitor.get("/livez")[0], 200)
        self.assertLess(monitor.metric("process_resident_memory_bytes"), memory + (32 << 20))
        self.assertNotIn("bug", monitor.text())


class Numbers(Queue):
    def wait_for(self, server, name, value):
        wait_until(lambda: server.metric(name) == value, what="%s being %s; last: %s" % (name, value, server.metric(name)))

    def test_what_jobs_have_done_is_counted_across_restarts_and_removals(self):
        done = 'cti_jobs_finished_total{kind="housekeeping",result="done"}'
        for _ in range(3):
            self.add("housekeeping")
        server = self.start()
        self.wait_for(server, 'cti_jobs{kind="housekeeping",state="ready"}', 3)
        self.assertGreater(server.metric("cti_job_oldest_ready_age_seconds"), 0)
        self.assertEqual(server.metric("cti_workers"), 0)
        self.wait_for(server, done, 0)
        self.assertRan(self.cti("worker", "--until-empty"))
        self.wait_for(server, done, 3)
        self.wait_for(server, "cti_job_wait_seconds_count", 3)
        self.assertEqual(server.metric("cti_job_oldest_ready_age_seconds"), 0)
        server.stop()
        self.db.execute("UPDATE cti.finished_jobs SET finished_at = now() - interval '60 days'")
        self.assertRan(self.cti("jobs", "prune"))
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.finished_jobs"), 0)
        server = self.start()
        self.wait_for(server, done, 3)
        self.wait_for(server, "cti_job_wait_seconds_count", 3)
        self.check(server.get("/metrics")[1])
        self.check(server.get("/metrics", Accept="application/openmetrics-text")[1].replace("# EOF\n", ""), is_prometheus=False)

    def check(self, text, is_prometheus=True):
        names = re.findall(r"^# TYPE (\S+)", text, re.M)
        self.assertEqual(len(names), len(set(names)))
        self.assertLess(len(re.findall(r"^cti_job", text, re.M)), 200)  # seven kinds
        if PROMTOOL and is_prometheus:
            checked = subprocess.run([PROMTOOL, "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_the_text_file_of_a_collect_tells_of_jobs_too(self):
        self.add("export", "--output", "x.csv")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cti.prom")
            self.assertRan(self.cti("collect", "--metrics-file", path))
            self.assertIn('cti_jobs{kind="export",state="ready"} 1\n', path.read_text())
            self.assertIn("cti_job_wait_seconds_count", path.read_text())

    def test_people_see_the_queue_and_the_workers(self):
        self.add("collect")
        self.db.execute("INSERT INTO cti.workers (name, version, kinds, concurrency, heartbeat_at) VALUES ('<b>host', '1', '{export}', 3, now() + interval '1 hour')")
        server = self.start()
        wait_until(lambda: 'id="jobs"' in server.get("/")[1], what="the queue")
        page = server.get("/")[1]
        self.assertIn("&lt;b&gt;host", page)
        self.assertIn("has waited for", page)
        queue = server.json("/?format=json")["queue"]
        self.assertEqual(queue["jobs"], {"collect": {"ready": 1}})
        self.assertEqual([w["name"] for w in queue["workers"]], ["<b>host"])


class Serve(Queue):
    def test_serve_answers_as_a_monitor_does_and_collects_nothing(self):
        number = self.add("collect")
        server = self.start()
        for path in ("/livez", "/startupz", "/health", "/metrics", "/", "/?format=json", "/api/sources", "/version", "/jobs/", "/jobs/%d" % number):
            self.assertEqual(server.get(path)[0], 200, path)
        wait_until(lambda: server.get("/jobs/status")[0] == 200, what="the counts")
        self.assertIn("not this process", server.get("/")[1])
        self.assertEqual(len(server.json("/api/sources")), 3)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks"), 0)
        self.assertEqual(ask(server, "POST", "/jobs/scrape", {})[0], 405)
        self.assertEqual(server.stop(), 143)

    def test_serve_sees_what_changes(self):
        server = self.start()
        wait_until(lambda: len(server.json("/api/sources")) == 3, what="the sources")
        self.assertRan(self.cti("sources", "disable", self.lab.identifiers()[0]))
        self.addCleanup(self.cti, "sources", "enable", self.lab.identifiers()[0])
        wait_until(lambda: [s["active"] for s in server.json("/api/sources")].count(False) == 1, what="the change")

    def test_a_server_that_would_listen_nowhere_is_refused(self):
        self.assertRefused(self.cti("serve", "--listen", "none"), 2, "serves nobody")
        server = self.start()
        self.assertRefused(self.cti("serve", "--listen", server.url[7:]), 1, "cannot listen on")


if __name__ == "__main__":
    unittest.main()
