"""A language model that lies, breaks off, is slow or is away: nothing of it is stored that is not proved."""
import json
import pathlib
import signal
import tempfile
import time

from analyze_case import AnalyzeCase, TEXT, truth
from harness import start_cti, wait_until
from model_server import ModelServer


class Faults(AnalyzeCase):
    def setUp(self):
        super().setUp()
        self.ids = self.add(TEXT)

    def one(self, *faults, api="ollama", code=0, args=(), **more):
        model = ModelServer(self, truth, api=api, faults=faults, **more)
        done = self.analyze(model, "--task", "summary", *args)
        self.assertEqual(done.rc, code, done)
        self.assertIsHarmless(done)
        return model, done

    def test_busy_servers_are_asked_again(self):
        model, _ = self.one(429, 503, 429)
        self.assertEqual(len(model.requests), 4)
        self.assertEqual(len(self.stored()), 1)

    def test_streams_are_read(self):
        for api in ("ollama", "openai"):
            self.db.execute("DELETE FROM cti.analyses")
            self.one("stream", api=api)
            self.assertEqual(len(self.stored()[0]["result"]["items"]), 1)

    def test_answers_that_are_none_are_told_once_and_then_given_up(self):
        for fault, reason in (("not json", "answer_not_json"), ("wrong schema", "answer_wrong_schema"), ("empty", "answer_empty")):
            with self.subTest(fault):
                self.db.execute("DELETE FROM cti.analyses")
                model, _ = self.one(fault, fault)
                self.assertEqual(len(model.requests), 2)
                (row,) = self.stored()
                self.assertEqual(([r["reason"] for r in row["rejected"]], row["result"]["items"]), ([reason], []))
        self.db.execute("DELETE FROM cti.analyses")
        self.one("refuse", "refuse", api="openai")
        self.assertEqual(self.stored()[0]["rejected"], [{"reason": "answer_refused"}])

    def test_what_breaks_on_the_way_is_not_stored_and_is_done_by_the_next_call(self):
        for faults in (["garbage"], ["huge"], [400]):
            with self.subTest(faults):
                _, done = self.one(*faults, code=1)
                self.assertIn("cti: warning: article %d: task summary: the model at http://127.0.0.1" % self.ids[0], done.err)
                self.assertEqual(self.stored(), [])
        self.one("cut")  # is tried once more at once
        self.assertEqual(len(self.stored()), 1)

    def test_a_slow_server_has_its_time(self):
        begun = time.monotonic()
        _, done = self.one("slow", "slow", "slow", code=1, args=("--llm-timeout", "1"))
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(self.stored(), [])
        self.assertIn("got no answer", done.err)

    def test_a_stop_ends_the_waiting(self):
        model = ModelServer(self, truth, faults=["slow"])
        process = start_cti("-q", "analyze", "--task", "summary", url=self.db.url(), env={"LLM_API_URL": model.url})
        wait_until(lambda: model.requests, what="a request")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        self.assertEqual(self.stored(), [])

    def test_a_kill_leaves_whole_articles_and_the_next_call_does_the_rest(self):
        self.add(TEXT, *(TEXT + " %d." % i for i in range(1, 9)))
        asked = self.db.value("SELECT count(*) FROM public.articles")
        model = ModelServer(self, truth, faults=[None] * 7 + ["slow"])
        process = start_cti("-q", "analyze", "--task", "summary,relevance", url=self.db.url(), env={"LLM_API_URL": model.url})
        wait_until(lambda: len(model.requests) == 8, what="eight requests")
        process.kill()
        process.wait(20)
        self.assertEqual(len(self.stored()), 6)
        self.assertRan(self.analyze(model, "--task", "summary,relevance"))
        self.assertEqual(len(self.stored()), 2 * asked)
        self.assertEqual(len(model.requests), 8 + 2 * asked - 6)

    def test_a_missing_model_says_what_to_pull(self):
        _, done = self.one(code=2, models=("llama3:8b",))
        self.assertIn("ollama pull mistral", done.err)
        _, done = self.one("missing", code=1, api="openai")
        self.assertIn("model 'mistral' not found", done.err)

    def test_only_the_host_that_was_named_is_asked(self):
        model, done = self.one("redirect", code=1)
        self.assertEqual(model.paths, ["/api/tags", "/api/chat"])
        self.assertIn("HTTP 302", done.err)

    def test_nobody_there(self):
        done = self.cti("analyze", env={"LLM_API_URL": "http://127.0.0.1:1"})
        self.assertRefused(done, 1, "the server of language models at http://127.0.0.1:1 does not answer")

    def test_the_key_is_sent_and_never_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder) / "key"
            key.write_text("s3cr3t-key\n")
            model = ModelServer(self, truth, api="openai")
            done = self.assertRan(self.cti("-vv", "analyze", "--task", "summary", env={"LLM_API_URL": model.url, "LLM_API_KEY_FILE": str(key)}))
            self.assertEqual(model.headers[0]["Authorization"], "Bearer s3cr3t-key")
            self.assertNotIn("s3cr3t", done.err)
            done = self.cti("analyze", env={"LLM_API_URL": "http://models.example.com/v1", "LLM_API_KEY": "s3cr3t"})
            self.assertRefused(done, 2, "clear text")
            self.assertNotIn("s3cr3t", self.cti("doctor", "--env", env={"LLM_API_KEY": "s3cr3t"}).out)

    def test_the_doctor_looks_at_the_model(self):
        self.assertNotIn("model", [c["check"] for c in self.cti("doctor", "--format", "json").json()["checks"]])
        for models, status, words in ((("mistral:latest",), "ok", "is there"), (("other",), "warn", "ollama pull mistral")):
            model = ModelServer(self, truth, models=models)
            checks = self.cti("doctor", "--format", "json", env={"LLM_API_URL": model.url}).json()["checks"]
            (check,) = [c for c in checks if c["check"] == "model"]
            self.assertEqual(check["status"], status)
            self.assertIn(words, json.dumps(check))
        model = ModelServer(self, truth)
        self.assertRegex(self.cti("doctor", env={"LLM_API_URL": model.url}).out, r"is there, [0-9.]+ tokens a second")
        model.faults = ["garbage"]
        self.assertIn("a short question got no answer", self.cti("doctor", env={"LLM_API_URL": model.url}).out)
