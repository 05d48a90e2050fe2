"""What the tests of a language model share: a report, a model that reads it honestly, and a database of articles."""
import json

from harness import DatabaseCase

SENTENCES = ("The attackers sent phishing mails and ran PowerShell (T1059.001) against German hospitals.",
             "They dumped credentials with Mimikatz and copied 40 GB to evil.example.com.",
             "The hospital didn\u2019t pay the ransom.")
TEXT = "\n\n".join(SENTENCES)


def truth(task, text, candidates, _messages):
    """What an honest model says: of each candidate the first sentence of the report that names it."""
    def sentence(*terms):
        return next((s for s in SENTENCES if s in text and any(t.lower() in s.lower() for t in terms)), None)

    items = []
    for candidate in candidates:
        quotation = sentence(*candidate["in_text"])
        if quotation:
            items.append({"value": candidate["value"], "quotations": [quotation]})
    if task == "actors_and_malware":
        items = [dict(i, kind="tool", role="tool") for i in items]
    if task == "indicator_roles":
        items = [dict(i, role="malicious") for i in items]
    if task == "relevance":
        return {"score": 70, "items": [{"role": "procedures_in_detail", "quotations": [SENTENCES[0]]}]}
    if task == "detections":
        items = [{"value": "evil.example.com", "role": "dns", "quotations": [SENTENCES[1]]}]
    if task == "summary":
        items = [{"sentence": "The hospital did not pay the ransom.".replace("did not", "didn't"), "quotations": [SENTENCES[2].replace("\u2019", "'")]}]
    return {"items": items}


class AnalyzeCase(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.db.execute("DROP SCHEMA IF EXISTS cti CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.assertRan(self.cti("init", "--no-sources"))

    def add(self, *texts):
        lines = "".join(json.dumps({"source": "a", "title": "T%d" % i, "url": "https://a.example/%d" % i, "published_at": "2026-03-%02dT07:30:00Z" % (28 - i),
                                    "content": text}) + "\n" for i, text in enumerate(texts))
        self.assertRan(self.cti("import", "-", stdin=lines.encode()))
        return [r["id"] for r in self.db.rows("SELECT id FROM public.articles ORDER BY published_at DESC")]

    def analyze(self, model, *args, **env):
        return self.cti("analyze", *args, env={"LLM_API_URL": model.url, **env})

    def stored(self, columns="task, result, rejected"):
        return self.db.rows("SELECT %s FROM cti.analyses ORDER BY article_id, task" % columns)
