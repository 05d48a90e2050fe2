"""Libraries that want to be started before a second thread uses them."""
import pathlib
import signal
import subprocess
import tempfile
import unittest

from harness import DatabaseCase, build_shim, start_cti, wait_until


class FirstUses(DatabaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="cti-shim-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder, cls.preload = pathlib.Path(folder.name), build_shim("first_uses.c", folder.name)

    def setUp(self):
        self.assertRan(self.cti("init", "--no-sources"))
        self.uses = self.folder / self.id()
        self.env = {"LD_PRELOAD": self.preload, "CTI_FIRST_USES": str(self.uses)}

    def threads_after_the_start(self):
        """How many were made once libxml2 was started; nothing: it was not."""
        lines = self.uses.read_text().splitlines()
        return lines[lines.index("libxml2"):].count("thread") if "libxml2" in lines else None

    def test_a_worker_starts_them_before_the_threads_of_its_jobs(self):
        self.assertRan(self.cti("worker", "--until-empty", "--concurrency", 7, env=self.env))
        after = self.threads_after_the_start()
        self.assertIsNotNone(after, "libxml2 was not started")
        self.assertGreaterEqual(after, 7)

    def test_a_monitor_and_a_server_start_them_before_their_threads(self):
        for command, threads in (("monitor", 5), ("serve", 4)):
            with self.subTest(command):
                self.uses.unlink(missing_ok=True)
                process = start_cti(command, "--listen", "127.0.0.1:0", url=self.db.url(), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
                wait_until(lambda: self.uses.exists() and self.uses.read_text().count("thread") > threads, what="its threads")
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(60), 143)
                after = self.threads_after_the_start()
                self.assertIsNotNone(after, "libxml2 was not started")
                self.assertGreaterEqual(after, threads)


if __name__ == "__main__":
    unittest.main()
