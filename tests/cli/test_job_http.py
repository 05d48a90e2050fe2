"""Jobs over HTTP: the status server tells of the queue, and, where it is told to, takes orders."""
import http.client
import json
import socket
import subprocess
import threading
import unittest

from harness import LabCase, wait_until
from test_monitor import Monitor


class Queue(LabCase):
    """One monitor that does not collect, beside a queue that the tests fill."""

    lab_options = dict(sources=3, entries=4)

    def setUp(self):
        super().setUp()
        self.db.execute("DELETE FROM cti.jobs; DELETE FROM cti.finished_jobs; DELETE FROM cti.workers")

    def start(self, *args, **more):
        monitor = Monitor(self, "--interval", 86400, "--listen", "127.0.0.1:0", *args, **more)
        monitor.wait_for("/readyz", 200)
        return monitor

    def add(self, *args):
        return int(self.assertRan(self.cti("jobs", "add", *args)).out)

    def jobs(self):
        return self.db.value("SELECT count(*) FROM cti.jobs")


class Reading(Queue):
    def test_lists_and_single_jobs_have_the_shapes_of_the_command(self):
        numbers = [self.add("collect", "--priority", n) for n in range(4)]
        self.assertRan(self.cti("jobs", "cancel", numbers[0]))
        monitor = self.start()
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
        for path in ("/api/v1", "/api/v1/", "/api/v2/sources", "/api/v1/v1/sources", "/v1/sources"):
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


if __name__ == "__main__":
    unittest.main()
