"""SIGKILL at random moments while a language model reads articles: each article is analysed once in effect, and no budget is exceeded by
more than one request. CTI_ANALYZE_ARTICLES sets how many there are (tests/campaigns/analyses.sh), CTI_SEED the order."""
import collections
import json
import os
import random
import signal
import time

from analyze_case import AnalyzeCase
from harness import start_cti, wait_until
from model_server import ModelServer

ARTICLES = int(os.environ.get("CTI_ANALYZE_ARTICLES", "24"))
SEED = int(os.environ.get("CTI_SEED", "1"))
TASKS = ("summary", "relevance")
CONCURRENCY, TOKENS = 4, (1500, 1000)
A_REQUEST = sum(TOKENS)


def sentence_of(number):
    return "In case number %d of the report, the attackers stole %d files from the hospital." % (number, number + 1000)


def answer(task, text, _candidates, _messages):
    sentence = text.splitlines()[0]
    if task == "relevance":
        return {"score": 50, "items": [{"role": "indicators", "quotations": [sentence]}]}
    return {"items": [{"sentence": sentence, "quotations": [sentence]}]}


class KilledAnalyses(AnalyzeCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        lines = "".join(json.dumps({"source": "a", "title": "T%d" % i, "url": "https://a.example/%d" % i, "published_at": "2026-03-01T07:30:00Z",
                                    "content": sentence_of(i) + "\n\nNothing else of note."}) + "\n" for i in range(ARTICLES))
        self.assertRan(self.cti("import", "-", stdin=lines.encode()))
        self.model = ModelServer(self, answer, tokens=TOKENS)
        self.budgets = {}  # of each run, by the key that it sends

    def some_articles(self):
        """Some that are not done, or not wholly, and some that may be: to look at all that are done takes longer the more there are."""
        rows = self.db.rows("SELECT a.id, (SELECT count(*) FROM cti.analyses x WHERE x.article_id = a.id) AS done FROM public.articles a ORDER BY a.id")
        left = [r["id"] for r in rows if r["done"] < len(TASKS)][:30]
        return sorted({*left, *self.random.sample([r["id"] for r in rows], min(len(rows), 15))})

    def run_once(self, kill):
        """Killed after a number of requests, or left to its budget; how it ended."""
        before, key = len(self.model.requests), "run-%d" % len(self.budgets)
        self.budgets["Bearer " + key] = budget = self.random.randrange(1, 40) * A_REQUEST - self.random.randrange(A_REQUEST)
        refuses = self.random.random() < 0.3
        self.model.faults = [self.random.choice([None, None, None, None, 429, 503]) for _ in range(40)] if refuses else []
        process = start_cti("-q", "analyze", "--task", ",".join(TASKS), "--concurrency", CONCURRENCY, "--budget-tokens", budget, *self.some_articles(),
                            url=self.db.url(), env={"LLM_API_URL": self.model.url, "LLM_API_KEY": key})
        self.addCleanup(process.kill)
        if kill:
            most = before + self.random.randrange(1, 30)
            wait_until(lambda: process.poll() is not None or len(self.model.requests) >= most, timeout=300, what="requests to kill it after")
            time.sleep(self.random.random() * 0.02)  # any moment: in a request, between two, in a commit
            process.send_signal(signal.SIGKILL)
        code = process.wait(300)
        # A request that was refused five times gets no answer, and its article is left to the next run.
        self.assertIn(code, (0, 1, -signal.SIGKILL) if refuses else (0, -signal.SIGKILL))
        return code

    def check_budgets(self):
        """How many were exceeded, none by more than a request. Those that were refused took no tokens."""
        used = collections.Counter(key for key, fault in self.model.log if fault is None)
        for key, budget in self.budgets.items():
            self.assertLess(used[key] * A_REQUEST, budget + A_REQUEST, "%s, seed %d" % (key, SEED))
        return sum(used[key] * A_REQUEST > budget for key, budget in self.budgets.items())

    def test_killed_analyses_are_made_once_and_within_their_budgets(self):
        kills, wanted = 0, ARTICLES * len(TASKS)
        while self.db.value("SELECT count(*) FROM cti.analyses") < wanted:
            kills += self.run_once(kill=self.random.random() < 0.7) < 0
        self.model.faults = []
        done = self.assertRan(self.analyze(self.model, "--task", ",".join(TASKS)))
        self.assertIn("%d done before, 0 requests" % ARTICLES, done.err)
        self.check_rows(wanted)
        exceeded = self.check_budgets()
        refused = sum(fault is not None for _, fault in self.model.log)
        again = len(self.model.log) - refused - wanted
        # What is asked again is no more than what was under way in the threads of a run when it ended.
        self.assertLessEqual(again, len(self.budgets) * CONCURRENCY * len(TASKS), "seed %d" % SEED)
        print("%d articles, %d kills in %d runs, %d requests, %d of them again, %d refused, 0 lost, 0 doubled, %d budgets exceeded by a part of a "
              "request, seed %d" % (ARTICLES, kills, len(self.budgets), len(self.model.log), again, refused, exceeded, SEED), flush=True)

    def check_rows(self, wanted):
        """Once in effect: a row each, with what stands in that article; what was counted in the same transactions fits to the rows."""
        rows = self.db.rows("SELECT x.task, x.result, a.content FROM cti.analyses x JOIN public.articles a ON a.id = x.article_id")
        self.assertEqual((len(rows), len({(r["content"], r["task"]) for r in rows})), (wanted, wanted), "seed %d" % SEED)
        for row in rows:
            self.assertEqual([i["evidence"][0]["quotation"] for i in row["result"]["items"]], [row["content"].splitlines()[0]])
        for name, of_rows in (("requests", "sum(requests)"), ("items", "sum(jsonb_array_length(result -> 'items'))"), ("tokens", "sum(tokens_in + tokens_out)")):
            counted = self.db.value("SELECT sum(value) FROM cti.counters WHERE name = 'cti_analysis_%s_total'" % name)
            self.assertEqual(int(counted), int(self.db.value("SELECT %s FROM cti.analyses" % of_rows)), "seed %d" % SEED)
