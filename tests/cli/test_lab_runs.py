"""The same collection of teasers and their pages again and again, on a machine that has other work to do: each row is as the lab's
truth has it. CTI_LAB_RUNS, CTI_LAB_SIZE (sources x entries) and CTI_LAB_LOAD (busy processes beside it) set how much
(tests/campaigns/lab.sh)."""
import os
import subprocess
import unittest

from harness import Case, Database, Lab, cti
from test_pages_collected import share

RUNS = int(os.environ.get("CTI_LAB_RUNS", "2"))
SOURCES, ENTRIES = map(int, os.environ.get("CTI_LAB_SIZE", "4x8").split("x"))
LOAD = int(os.environ.get("CTI_LAB_LOAD", "2"))
TYPES = ("url", "domain", "ipv4", "sha256", "cve")
ROWS = """SELECT a.canonical_url AS url, a.title, a.authors, a.tags, a.published_at, a.content, s.identifier AS source,
          (SELECT coalesce(array_agg(i.type || ' ' || i.value ORDER BY i.type, i.value), '{}') FROM cti.indicators i WHERE i.article_id = a.id) AS indicators
          FROM articles a JOIN sources s ON s.id = a.source_id"""


class LabRuns(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(sources=SOURCES, entries=ENTRIES, options=("--full", "0", "--delay", "0", "--rpm", "100000")).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.truth = cls.lab.truth()
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)

    def collected(self):
        db = Database(template=self.template.name)
        try:
            self.assertRan(cti("collect", "--fail-on", "any", url=db.url(), env={"CTI_NO_PAGES": "0"}))
            return {row["url"]: row for row in db.rows(ROWS)}, db.value("SELECT count(*) FROM articles")
        finally:
            db.drop()

    def check_with_truth(self, rows):
        self.assertEqual(set(rows), set(self.truth))
        for url, expected in self.truth.items():
            row = rows[url]
            self.assertEqual((row["source"], row["title"], row["authors"], row["published_at"] + "Z"),
                             (expected["source"], expected["title"], expected["authors"], expected["date"]), url)
            self.assertEqual(set(row["tags"]), set(expected["tags"]), url)
            self.assertGreater(min(share(expected["text"], row["content"])), .99, url)
            self.assertEqual({i for i in row["indicators"] if i.split()[0] in TYPES}, {"%s %s" % (t, v) for t in TYPES for v in expected["indicators"][t]}, url)

    def test_each_run_under_load_stores_what_the_lab_has(self):
        for _ in range(LOAD):
            busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
            self.addCleanup(busy.wait)
            self.addCleanup(busy.kill)
        first, loads = None, []
        for _ in range(RUNS):
            rows, count = self.collected()
            loads.append(os.getloadavg()[0])
            self.assertEqual(count, SOURCES * ENTRIES)
            if first is None:
                self.check_with_truth(rows)
                first = rows
            self.assertEqual(rows, first)
        print("%d runs of %d x %d with pages under a load of %.1f to %.1f: every row as the truth has it" % (RUNS, SOURCES, ENTRIES, min(loads), max(loads)),
              flush=True)


if __name__ == "__main__":
    unittest.main()
