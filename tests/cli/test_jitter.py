"""Threads that meet in orders that they seldom take: the real program with a sleep after some unlocks of mutexes.
CTI_JITTER_RUNS sets how many (tests/campaigns/jitter.sh)."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import BINARY, DATA, Case, Database, Lab, cti

RUNS = int(os.environ.get("CTI_JITTER_RUNS", "8"))
SOURCES, ENTRIES = 6, 10
HANG_S = 120


class Jitter(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cti-jitter-")
        cls.addClassCleanup(folder.cleanup)
        cls.shim = pathlib.Path(folder.name) / "jitter.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", cls.shim, DATA / "jitter.c", "-ldl"], check=True, timeout=60)
        # --full 0: feeds of teasers, so that every page is asked for, without a rest in between.
        cls.lab = Lab(sources=SOURCES, entries=ENTRIES, options=("--full", "0", "--delay", "0", "--rpm", "100000")).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        done = cti("init", "--config", cls.lab.yaml, url=cls.template.url())
        if done.rc:
            raise AssertionError(done)
        # The sanitizer of the binary, where there is one, wants to be loaded first.
        linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True, timeout=60).stdout.splitlines()
        sanitizers = [line.split("=>")[1].split()[0] for line in linked if "libasan" in line or "libtsan" in line]
        cls.jittered = {"LD_PRELOAD": ":".join([*sanitizers, str(cls.shim)]), "CTI_NO_PAGES": "0"}
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
