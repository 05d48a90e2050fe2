"""Threads that meet in orders that they seldom take: the real program with a sleep after some unlocks of mutexes.
CTI_JITTER_RUNS sets how many (tests/campaigns/jitter.sh)."""
import os
import tempfile
import unittest

from harness import Case, Database, Lab, build_shim, cti

RUNS = int(os.environ.get("CTI_JITTER_RUNS", "8"))
SOURCES, ENTRIES = 6, 10
HANG_S = 120


class Jitter(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cti-jitter-")
        cls.addClassCleanup(folder.cleanup)
        # --full 0: feeds of teasers, so that every page is asked for, without a rest in between.
        cls.lab = Lab(sources=SOURCES, entries=ENTRIES, options=("--full", "0", "--delay", "0", "--rpm", "100000")).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)
        cls.jittered = {"LD_PRELOAD": build_shim("jitter.c", folder.name), "CTI_NO_PAGES": "0"}
        cls.sources = cls.lab.identifiers()

    def test_a_source_and_a_collection_read_the_same_in_any_order_of_its_threads(self):
        for run in range(RUNS):
            if run % 2 == 0:
                done = cti("sources", "test", self.sources[run // 2 % SOURCES], "--all", "--json", url=self.template.url(), env=self.jittered, timeout=HANG_S)
                self.assertRan(done)
                self.assertEqual(len(done.json()["entries"]), ENTRIES)
                continue
            db = Database(template=self.template.name)
            try:
                self.assertRan(cti("collect", "--fail-on", "any", "--workers", 1 + run % 5, url=db.url(), env=self.jittered, timeout=HANG_S))
                self.assertEqual(db.value("SELECT count(*) FROM articles"), SOURCES * ENTRIES)
                self.assertEqual(db.value("SELECT count(*) FROM articles WHERE article_metadata->>'content_source' LIKE 'page:%'"), SOURCES * ENTRIES)
            finally:
                db.drop()
        print("%d runs, 0 crashed, 0 hung, 0 lost" % RUNS, flush=True)


if __name__ == "__main__":
    unittest.main()
