"""Spans for a collector of traces: what they say, what they never say, and what a bad collector costs."""
import base64
import collections
import http.server
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

from harness import Case, Database, DatabaseCase, Lab, cti, free_port, serve_http, start_cti, wait_until
from test_feeds import Site

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = "00-%s-%s-01" % (TRACE, PARENT)
CANARY = "c4nary"
# What the end of a command may cost: a second for what is left, and a moment.
BOUND_S = 1.6
RSS = ("<rss version='2.0'><channel><title>t</title><item><title>One</title><link>/post/one</link><guid isPermaLink='false'>1</guid>"
       "<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><description>The whole text.</description></item></channel></rss>").encode()


class Collector:
    """Takes spans. first: the statuses of the first answers. behaviour: that of the others, a status; or silent, endless (an answer without an end), trickle (one that never comes to its end)."""

    def __init__(self, case, behaviour=200, headers=(), answer=b"{}", first=()):
        first = list(first)
        self.posts = []
        self.is_over = threading.Event()
        case.addCleanup(self.is_over.set)
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if behaviour == "silent":
                    self.close_connection = True
                    return collector.is_over.wait(30)
                self.send_response(first.pop(0) if first else behaviour if isinstance(behaviour, int) else 200)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer) if isinstance(behaviour, int) else 10 ** 12))
                self.end_headers()
                try:
                    self.wfile.write(answer)
                    while not isinstance(behaviour, int) and not collector.is_over.is_set():
                        self.wfile.write(b" " * (1 if behaviour == "trickle" else 65536))
                        if behaviour == "trickle":
                            collector.is_over.wait(0.05)
                except OSError:  # nobody reads that to its end
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = serve_http(case, Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port

    def spans(self):
        return [span for _, _, body in self.posts for resource in json.loads(body)["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]


def attributes(span):
    return {a["key"]: a["value"].get("stringValue", a["value"].get("intValue")) for a in span["attributes"]}


class TraceCase(Case):
    def assertKeys(self, thing, needed, more=()):
        self.assertLessEqual(set(needed), set(thing), thing)
        self.assertLessEqual(set(thing), set(needed) | set(more), thing)

    def assertAttributes(self, given):
        self.assertLessEqual(len(given), 16)
        self.assertEqual(len({a["key"] for a in given}), len(given), given)
        for attribute in given:
            self.assertKeys(attribute, {"key", "value"})
            (kind, value), = attribute["value"].items()
            self.assertIn(kind, ("stringValue", "intValue"))
            self.assertIsInstance(value, str)  # 64 bits are a text in JSON
            self.assertLessEqual(len(value), 256)
            if kind == "intValue":
                self.assertRegex(value, r"^-?\d+$")

    def assertFitsSchema(self, post):
        """By opentelemetry-proto: ExportTraceServiceRequest, in its JSON encoding."""
        path, headers, body = post
        self.assertEqual(headers["content-type"], "application/json")
        request = json.loads(body)
        self.assertKeys(request, {"resourceSpans"})
        for resource_spans in request["resourceSpans"]:
            self.assertKeys(resource_spans, {"resource", "scopeSpans"})
            self.assertKeys(resource_spans["resource"], {"attributes"})
            self.assertAttributes(resource_spans["resource"]["attributes"])
            for scope_spans in resource_spans["scopeSpans"]:
                self.assertKeys(scope_spans, {"scope", "spans"})
                self.assertKeys(scope_spans["scope"], {"name", "version"})
                self.assertLessEqual(len(scope_spans["spans"]), 512)
                for span in scope_spans["spans"]:
                    self.assertIsSpan(span)

    def assertIsSpan(self, span):
        self.assertKeys(span, {"traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "status"}, {"parentSpanId"})
        self.assertRegex(span["traceId"], "^(?!0{32})[0-9a-f]{32}$")
        for name in ("spanId", "parentSpanId"):
            if name in span:
                self.assertRegex(span[name], "^(?!0{16})[0-9a-f]{16}$")
        self.assertTrue(0 < len(span["name"]) <= 128, span)
        self.assertIn(span["kind"], (1, 3, 5))
        for name in ("startTimeUnixNano", "endTimeUnixNano"):
            self.assertRegex(span[name], r"^\d{19}$")
        self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
        self.assertLess(abs(int(span["endTimeUnixNano"]) / 1e9 - time.time()), 600)
        self.assertAttributes(span["attributes"])
        self.assertKeys(span["status"], (), {"code", "message"})
        self.assertEqual(span["status"].get("code", 2), 2)
        self.assertEqual("error.type" in attributes(span), "code" in span["status"], span)

    def assertIsTree(self, spans, trace, root):
        """Each span has a parent that is there, or the given one; and lies in no circle."""
        parents = {span["spanId"]: span.get("parentSpanId") for span in spans}
        self.assertEqual(len(parents), len(spans))
        self.assertEqual({span["traceId"] for span in spans}, {trace})
        for at in parents:
            passed = set()
            while at != root:
                self.assertNotIn(at, passed)
                passed.add(at)
                self.assertIn(at, parents)
                at = parents[at]


class Runs(TraceCase, DatabaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lab = Lab(sources=6, entries=5).start()
        cls.addClassCleanup(cls.lab.stop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def traced(self, collector, *args, code=0, **env):
        done = self.cti(*args, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "TRACEPARENT": TRACEPARENT, **env})
        self.assertRan(done, code)
        for post in collector.posts:
            self.assertFitsSchema(post)
        return done

    def test_a_run_is_one_tree_under_the_traceparent_of_its_caller(self):
        self.db.execute("UPDATE cti.source_state SET next_check_at = NULL, cursor = ''")
        collector = Collector(self)
        done = self.traced(collector, "collect", "--force")
        self.assertNotIn("traces", done.err)
        spans = collector.spans()
        self.assertIsTree(spans, TRACE, PARENT)
        by_name = collections.defaultdict(list)
        for span in spans:
            by_name[span["name"]].append(span)
        run, = by_name["collect"]
        self.assertEqual(run["parentSpanId"], PARENT)
        self.assertEqual((attributes(run)["cti.run.sources"], attributes(run)["cti.run.result"]), ("6", "ok"))
        checks = {span["spanId"]: span for span in by_name["check source"]}
        self.assertEqual({attributes(span)["cti.source.id"] for span in checks.values()}, set(self.lab.identifiers()))
        self.assertEqual({span["parentSpanId"] for span in checks.values()}, {run["spanId"]})
        for name, kind in (("GET", 3), ("read document", 1), ("find known entries", 3), ("look through texts", 1), ("record check", 3)):
            self.assertEqual(sorted(span["parentSpanId"] for span in by_name[name]), sorted(checks), name)
            self.assertEqual({span["kind"] for span in by_name[name]}, {kind}, name)
        for span in by_name["GET"]:
            told = attributes(span)
            self.assertEqual((told["http.request.method"], told["http.response.status_code"]), ("GET", "200"))
            self.assertTrue(told["url.full"].startswith("http://"), told)
            self.assertRegex(told["server.port"], r"^\d+$")
        self.assertEqual({attributes(span)["db.system.name"] for span in by_name["record check"]}, {"postgresql"})
        resource = {a["key"]: a["value"] for a in json.loads(collector.posts[0][2])["resourceSpans"][0]["resource"]["attributes"]}
        self.assertEqual(resource["service.name"], {"stringValue": "cti"})
        self.assertEqual({path for path, _, _ in collector.posts}, {"/v1/traces"})

    def test_without_a_traceparent_each_run_is_a_trace_of_its_own(self):
        traces = set()
        for wrong in ("", "00-%s-%s-01" % ("0" * 32, PARENT), "ff-%s-%s-01" % (TRACE, PARENT), "nonsense"):
            collector = Collector(self)
            self.traced(collector, "export", TRACEPARENT=wrong)
            root, = (span for span in collector.spans() if "parentSpanId" not in span)
            self.assertIsTree(collector.spans(), root["traceId"], None)
            traces.add(root["traceId"])
        self.assertEqual(len(traces - {TRACE}), 4)

    def test_an_export_and_a_job_have_their_spans(self):
        collector = Collector(self)
        self.traced(collector, "export", "--format", "csv")
        export, = (span for span in collector.spans() if span["name"] == "export")
        self.assertEqual((attributes(export)["cti.export.format"], export["parentSpanId"]), ("csv", PARENT))
        self.assertRan(self.cti("jobs", "add", "collect", "--source", self.lab.identifiers()[0]))
        worker = Collector(self)
        self.traced(worker, "worker", "--until-empty")
        self.assertIsTree(worker.spans(), TRACE, PARENT)
        job, = (span for span in worker.spans() if span["name"] == "job collect")
        run, = (span for span in worker.spans() if span["name"] == "collect")
        self.assertEqual((run["parentSpanId"], job["kind"], attributes(job)["cti.job.kind"]), (job["spanId"], 5, "collect"))

    def test_the_variables_are_those_of_opentelemetry(self):
        collector = Collector(self)
        self.traced(collector, "export", OTEL_EXPORTER_OTLP_ENDPOINT="", WEBSCAN_TELEMETRY_ENDPOINT=collector.url + "/", OTEL_SERVICE_NAME="threats")
        self.assertEqual([path for path, _, _ in collector.posts], ["/v1/traces"])
        self.assertIn({"key": "service.name", "value": {"stringValue": "threats"}},
                      json.loads(collector.posts[0][2])["resourceSpans"][0]["resource"]["attributes"])
        own = Collector(self)
        self.traced(own, "export", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=own.url + "/mine")
        self.assertEqual(([path for path, _, _ in own.posts], len(collector.posts)), (["/mine"], 1))

    def test_nothing_is_sent_where_nobody_wants_it(self):
        collector = Collector(self)
        for env in ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"},
                    {"TRACEPARENT": TRACEPARENT[:-1] + "0"}):
            done = self.traced(collector, "export", **env)
            self.assertEqual((collector.posts, done.err), ([], ""), env)
        self.traced(collector, "export")
        self.assertEqual(len(collector.posts), 1)

    def test_a_collector_that_comes_back_has_missed_nothing(self):
        collector = Collector(self, first=[503])
        monitor = start_cti("monitor", "--interval", "300", url=self.db.url(), env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url},
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(monitor.stderr.close)
        self.addCleanup(monitor.kill)
        wait_until(lambda: len(collector.posts) >= 2, what="a second try")
        monitor.send_signal(signal.SIGTERM)
        said = monitor.communicate(timeout=60)[1].decode()
        self.assertEqual(monitor.returncode, 143, said)
        self.assertEqual(collector.posts[0][2], collector.posts[1][2])
        self.assertEqual([line for line in said.splitlines() if "trace" in line], ["cti: warning: the collector of traces does not take spans: HTTP 503"])

    def test_doctor_shows_no_secret_of_the_collector(self):
        done = self.cti("doctor", "--env", env={"OTEL_EXPORTER_OTLP_HEADERS": "key=" + CANARY, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:%s@127.0.0.1:1" % CANARY})
        self.assertIn("OTEL_EXPORTER_OTLP_HEADERS", done.out)
        self.assertIn("OTEL_EXPORTER_OTLP_ENDPOINT", done.out)
        self.assertNotIn(CANARY, done.out + done.err)

    def test_settings_that_are_wrong_are_told_and_end_nothing(self):
        collector = Collector(self)
        for env in ({"OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://user:%s@host" % CANARY}, {"OTEL_EXPORTER_OTLP_HEADERS": CANARY},
                    {"OTEL_EXPORTER_OTLP_HEADERS": "a=%s%%0d%%0aHost: x" % CANARY}, {"OTEL_EXPORTER_OTLP_HEADERS_FILE": "/nonexistent"}):
            done = self.traced(collector, "export", **env)
            self.assertRegex(done.err, "^cti: warning: traces are not sent, .*\n$")
            self.assertNotIn(CANARY, done.err)
        self.assertEqual(collector.posts, [])


class BadCollectors(TraceCase, DatabaseCase):
    """None costs more than the bound, and each is told once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cti("init", "--config", "-", url=cls.db.url(), stdin=b'version: "1.0"\nsources: []\n')
        if done.rc:
            raise AssertionError(done)

    def export(self, url=""):
        began = time.monotonic()
        done = self.assertRan(self.cti("export", "--format", "ndjson", env={"OTEL_EXPORTER_OTLP_ENDPOINT": url}))
        return done, time.monotonic() - began

    def assertIsCheap(self, url, *fragments):
        _, usual_s = self.export()
        done, took_s = self.export(url)
        self.assertLess(took_s - usual_s, BOUND_S)
        self.assertEqual(done.raw, b"")
        if fragments:
            self.assertRegex(done.err, "^cti: warning: traces: 2 spans of 2 were not delivered: .*\n$")
        else:
            self.assertEqual(done.err, "")
        for fragment in fragments:
            self.assertIn(fragment, done.err)

    def test_a_dead_one(self):
        self.assertIsCheap("http://127.0.0.1:%d" % free_port(), "no connection")

    def test_a_silent_one(self):
        self.assertIsCheap(Collector(self, "silent").url, "no answer in time")

    def test_one_whose_answer_trickles(self):
        self.assertIsCheap(Collector(self, "trickle").url, "no answer in time")

    def test_one_whose_answer_has_no_end(self):
        collector = Collector(self, "endless")
        self.assertIsCheap(collector.url)
        self.assertEqual(len(collector.posts), 1)

    def test_refusing_ones_are_asked_once(self):
        for status, headers in ((429, [("Retry-After", "60")]), (503, []), (400, []), (401, [])):
            collector = Collector(self, status, headers)
            self.assertIsCheap(collector.url, "HTTP %d" % status)
            self.assertEqual(len(collector.posts), 1, status)

    def test_a_redirect_is_not_followed(self):
        other = Collector(self)
        self.assertIsCheap(Collector(self, 307, [("Location", other.url + "/v1/traces")]).url, "HTTP 307")
        self.assertEqual(other.posts, [])

    def test_rejected_spans_are_counted(self):
        collector = Collector(self, answer=b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"\\u001b[31m"}}')
        done, _ = self.export(collector.url)
        self.assertEqual(done.err, "cti: warning: traces: 1 span of 2 were not delivered: the collector rejected some\n")


class Secrets(TraceCase):
    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.headers = pathlib.Path(folder.name, "headers")
        self.headers.write_text("authorization=Bearer%%20%s-header,x-tenant=one\n" % CANARY)

    def test_logins_and_tokens_stand_in_no_span_and_hosts_hear_nothing_of_traces(self):
        pages = {"/feed?token=%s-token" % CANARY: (200, "application/rss+xml", RSS), "/gone": (404, "text/plain", b"no")}
        site = Site(pages)
        self.addCleanup(site.stop)
        with_login = site.url.replace("://", "://reader:%s-login@" % CANARY)
        yaml = 'version: "1.0"\nsources:\n' + "".join(
            "  - id: %s\n    name: %s\n    url: %s/\n    rss_url: %s\n" % (name, name, site.url, url)
            for name, url in (("good", with_login + "/feed?token=%s-token" % CANARY), ("bad", with_login + "/gone")))
        self.assertRan(cti("init", "--config", "-", url=self.db.url(), stdin=yaml.encode()))
        collector = Collector(self)
        said = ""
        for words in (["collect", "--force", "-vv"], ["export"]):
            done = self.assertRan(cti(*words, url=self.db.url(), env={
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url.replace("://", "://tracer:%s-user@" % CANARY), "TRACEPARENT": TRACEPARENT,
                "OTEL_EXPORTER_OTLP_HEADERS_FILE": str(self.headers), "CTI_NO_PAGES": "0"}))
            said += done.err
        self.assertGreater(len(collector.spans()), 8)
        for post in collector.posts:
            self.assertFitsSchema(post)
            self.assertNotIn(CANARY, post[2].decode())
            self.assertEqual((post[1]["authorization"], post[1]["x-tenant"]), ("Bearer %s-header" % CANARY, "one"))
        for secret in ("-header", "-user"):
            self.assertNotIn(CANARY + secret, said)
        failed, = (span for span in collector.spans() if attributes(span).get("url.full", "").endswith("/gone"))
        self.assertEqual(attributes(failed)["http.response.status_code"], "404")
        self.assertEqual((attributes(failed)["error.type"], failed["status"]), ("404", {"code": 2}))
        asked = {path for path, _ in site.told}
        self.assertLessEqual(set(pages), asked)
        for path, headers in site.told:
            self.assertFalse({"traceparent", "tracestate", "baggage"} & set(headers), path)
            self.assertNotIn(TRACE, json.dumps(headers))


class Protobuf(TraceCase, DatabaseCase):
    def test_the_official_definitions_read_what_is_sent(self):
        try:
            from google.protobuf import json_format
            from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
        except ImportError:
            self.skipTest("python3-opentelemetry-proto is not installed")
        self.assertRan(self.cti("init", "--config", "-", stdin=b'version: "1.0"\nsources: []\n'))
        collector = Collector(self)
        self.assertRan(self.cti("export", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "TRACEPARENT": TRACEPARENT}))
        (_, _, body), = collector.posts
        # OTLP's one difference from the JSON of protobuf: ids are hex digits, not base64.
        text = re.sub(r'("(?:traceId|spanId|parentSpanId)":)"([0-9a-f]+)"',
                      lambda found: '%s"%s"' % (found[1], base64.b64encode(bytes.fromhex(found[2])).decode()), body.decode())
        request = json_format.Parse(text, trace_service_pb2.ExportTraceServiceRequest())
        spans = request.resource_spans[0].scope_spans[0].spans
        self.assertEqual({span.trace_id.hex() for span in spans}, {TRACE})
        self.assertEqual({span.name for span in spans}, {"export", "read articles"})
        self.assertTrue(all(0 < span.start_time_unix_nano <= span.end_time_unix_nano for span in spans))
