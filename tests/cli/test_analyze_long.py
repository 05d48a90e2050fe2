"""A language model reads long reports in parts, and several articles at once."""
import signal
import threading
import time

from analyze_case import AnalyzeCase, TEXT, truth
from harness import start_cti, wait_until
from model_server import ModelServer

FACTS = ["In part %d of the report, Group%d stole %d files from the hospital of town number %d." % (i, i, i * 11, i) for i in range(1, 9)]


def long_report():
    """Eight facts in four pieces or more, with letters of two bytes between them."""
    filler = "\n\n".join("Nothing else of inter\u00eat stands in paragraph %d of this long report about the weather." % i for i in range(60))
    return "\n\n".join(fact + "\n\n" + filler for fact in FACTS)


def is_join(messages):
    return messages[1]["content"].startswith("What stands below as the report are the passages")


class LongReports(AnalyzeCase):
    def summarize(self, task, text, _candidates, messages):
        facts = [f for f in FACTS if f in text]
        if is_join(messages):
            self.joined.append(text)
            facts = facts[-3:]
        return {"items": [{"sentence": f, "quotations": [f]} for f in facts[:3]]}

    def setUp(self):
        super().setUp()
        self.joined = []
        self.text = long_report()
        (self.article,) = self.add(self.text)

    def assertPlaced(self, items):
        content = self.db.value("SELECT content FROM public.articles").encode()
        for item in items:
            for evidence in item["evidence"]:
                self.assertEqual(content[evidence["start"]:evidence["end"]].decode(), evidence["quotation"])

    def test_a_summary_rests_on_all_of_the_report(self):
        model = ModelServer(self, self.summarize)
        self.assertRan(self.analyze(model, "--task", "summary"))
        (row,) = self.stored("task, result, rejected, requests, tokens_in, tokens_out")
        pieces = len(model.requests) - 1
        self.assertGreaterEqual(pieces, 4)
        self.assertEqual(self.joined, ["\n\n".join(FACTS)])  # the passages alone, in their order, each once
        self.assertEqual([i["sentence"] for i in row["result"]["items"]], FACTS[-3:])
        self.assertEqual([i["evidence"][0]["quotation"] for i in row["result"]["items"]], FACTS[-3:])
        self.assertPlaced(row["result"]["items"])
        self.assertEqual((row["rejected"], row["requests"], row["tokens_in"], row["tokens_out"]),
                         ([], pieces + 1, 100 * (pieces + 1), 20 * (pieces + 1)))
        self.assertEqual(row["result"]["read_bytes"], len(self.db.value("SELECT content FROM public.articles").encode()))
        self.assertIn("1 done before", self.assertRan(self.analyze(model, "--task", "summary")).err)
        self.assertRegex(self.assertRan(self.analyze(model, "--task", "summary", "--force", "--dry-run")).err, r"about %d requests" % (pieces + 1))

    def test_the_joining_request_is_of_the_budget(self):
        model = ModelServer(self, self.summarize)
        self.assertRan(self.analyze(model, "--task", "summary"))
        pieces = len(model.requests) - 1
        again = ModelServer(self, self.summarize)
        done = self.assertRan(self.analyze(again, "--task", "summary", "--force", "--budget-tokens", str(120 * pieces)))
        self.assertIn("the budget is used up", done.err)
        self.assertEqual(len(again.requests), pieces)

    def test_what_joins_two_passages_or_lies_is_thrown_away_and_what_the_pieces_have_shown_stays(self):
        def lie(task, text, candidates, messages):
            if not is_join(messages):
                return self.summarize(task, text, candidates, messages)
            both = FACTS[0][-20:] + " " + FACTS[1][:20]
            return {"items": [{"sentence": FACTS[0], "quotations": [both]}, {"sentence": "Group1 stole 999 files.", "quotations": [FACTS[0]]},
                              {"sentence": "The weather.", "quotations": ["paragraph 7 of this long report about the weather"]}]}
        self.assertRan(self.analyze(ModelServer(self, lie), "--task", "summary"))
        (row,) = self.stored()
        self.assertEqual({r["reason"] for r in row["rejected"]}, {"quotation_not_in_text", "word_not_in_quotation"})
        items = row["result"]["items"]
        self.assertEqual(len(items), 3)
        self.assertLessEqual({i["sentence"] for i in items}, set(FACTS))
        self.assertPlaced(items)

    def test_few_sentences_need_no_joining(self):
        def last(task, text, candidates, messages):
            return {"items": [{"sentence": f, "quotations": [f]} for f in FACTS[-2:] if f in text]}
        model = ModelServer(self, last)
        self.assertRan(self.analyze(model, "--task", "summary"))
        self.assertFalse(any(is_join(r["messages"]) for r in model.requests))
        self.assertEqual([i["sentence"] for i in self.stored()[0]["result"]["items"]], FACTS[-2:])

    def test_relevance_is_that_of_the_best_piece_with_its_reasons(self):
        def judge(task, text, *_):
            facts = [f for f in FACTS if f in text]
            if FACTS[-1] in text:
                return {"score": 90, "items": [{"role": "indicators", "quotations": [FACTS[-1]]}]}
            return {"score": 10, "items": [{"role": "marketing", "quotations": [facts[0]]}]} if facts else {"score": 95, "items": []}
        self.assertRan(self.analyze(ModelServer(self, judge), "--task", "relevance"))
        (row,) = self.stored()
        self.assertEqual((row["result"]["score"], [i["role"] for i in row["result"]["items"]]), (90, ["indicators"]))
        self.assertPlaced(row["result"]["items"])


class Together:
    """Holds requests until so many are there, or no more come; remembers how many there were at most."""

    def __init__(self, count, patience=30, look=None):
        self.count, self.patience, self.look = count, patience, look
        self.changed, self.here, self.most, self.rounds = threading.Condition(), 0, 0, 0

    def __call__(self, _body):
        with self.changed:
            self.here += 1
            self.most = max(self.most, self.here)
            mine = self.rounds
            if self.here == self.count:
                if self.look:
                    self.look()
                self.rounds, self.here = self.rounds + 1, 0
                self.changed.notify_all()
            elif not self.changed.wait_for(lambda: self.rounds != mine, self.patience):
                self.rounds, self.here = self.rounds + 1, 0
                self.changed.notify_all()


class Parallel(AnalyzeCase):
    def setUp(self):
        super().setUp()
        self.ids = self.add(*(TEXT + " %d." % i for i in range(12)))

    def test_so_many_requests_are_under_way_and_no_transaction_is_open(self):
        seen = []
        together = Together(4, look=lambda: seen.append(self.db.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'")))
        model = ModelServer(self, truth, before=together)
        done = self.assertRan(self.analyze(model, "--concurrency", "4", "--task", "summary"))
        self.assertIn("12 of 12 articles analyzed", done.err)
        self.assertEqual((together.most, together.rounds, seen), (4, 3, [0, 0, 0]))
        self.assertEqual([r["article_id"] for r in self.stored("article_id")], sorted(self.ids))
        self.assertIn("12 done before", self.assertRan(self.analyze(model, "--concurrency", "4", "--task", "summary")).err)
        self.assertEqual(len(model.requests), 12)

    def test_they_say_the_same_as_one_after_the_other(self):
        columns = "article_id, task, result::text, rejected::text, prompt_sha256, requests"
        self.assertRan(self.analyze(ModelServer(self, truth), "--concurrency", "5"))
        first = self.stored(columns)
        self.db.execute("DELETE FROM cti.analyses")
        self.assertRan(self.analyze(ModelServer(self, truth)))
        self.assertEqual(self.stored(columns), first)
        self.assertEqual(len(first), 84)

    def test_the_budget_is_exceeded_by_one_request_at_most(self):
        used = (1500, 1000)
        for budget in (2499, 2500, 6000, 20000):
            with self.subTest(budget):
                self.db.execute("DELETE FROM cti.analyses")
                # None is answered before as many have come as ever come at once.
                together = Together(4, patience=0.5)
                model = ModelServer(self, truth, before=together, tokens=used)
                done = self.assertRan(self.analyze(model, "--concurrency", "4", "--task", "summary", "--budget-tokens", str(budget)))
                self.assertIn("the budget is used up", done.err)
                total = sum(used) * len(model.requests)
                self.assertGreaterEqual(total, budget)
                self.assertLess(total, budget + sum(used))
                self.assertEqual(len(self.stored()), len(model.requests))
        self.assertGreater(together.most, 1)  # with room for more than one

    def test_a_stop_ends_all_within_a_second(self):
        model = ModelServer(self, truth, faults=4 * ["slow"])
        process = start_cti("-q", "analyze", "--task", "summary", "--concurrency", "4", url=self.db.url(), env={"LLM_API_URL": model.url})
        wait_until(lambda: len(model.requests) == 4, what="four requests")
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(self.stored(), [])

    def test_a_stop_ends_those_that_wait_for_the_budget(self):
        model = ModelServer(self, truth, faults=["slow"])
        process = start_cti("-q", "analyze", "--task", "summary", "--concurrency", "4", "--budget-tokens", "100", url=self.db.url(),
                            env={"LLM_API_URL": model.url})
        wait_until(lambda: model.requests, what="a request")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        self.assertEqual((len(model.requests), self.stored()), (1, []))

    def test_a_server_that_fails_ends_all(self):
        model = ModelServer(self, truth, faults=12 * [400], before=Together(4, patience=0.5))
        done = self.analyze(model, "--concurrency", "4", "--task", "summary")
        self.assertEqual(done.rc, 1, done)
        self.assertIn("the language model gives no answers", done.err)
        self.assertLessEqual(len(model.requests), 8)
        self.assertEqual(self.stored(), [])

    def test_a_database_that_is_gone_ends_all_with_its_error(self):
        def drop(_body):
            self.db.execute("ALTER TABLE IF EXISTS cti.analyses RENAME TO gone")
        model = ModelServer(self, truth, before=drop)
        done = self.analyze(model, "--concurrency", "3", "--task", "summary")
        self.assertNotEqual(done.rc, 0)
        self.assertIn("analyses", done.err)
        self.assertLessEqual(len(model.requests), 6)

    def test_workers_ask_so_many_too(self):
        together = Together(3)
        model = ModelServer(self, truth, before=together)
        self.assertRan(self.cti("jobs", "add", "analyze", "--task", "summary"))
        self.assertRan(self.cti("worker", "--until-empty", env={"LLM_API_URL": model.url, "LLM_CONCURRENCY": "3"}))
        self.assertEqual((together.most, together.rounds, len(self.stored())), (3, 4, 12))

    def test_wrong_numbers_are_refused(self):
        for wrong in ("0", "33", "-1", "x"):
            self.assertRefused(self.cti("analyze", "--concurrency", wrong, env={"LLM_API_URL": "http://127.0.0.1:1"}), 2, "--concurrency")
