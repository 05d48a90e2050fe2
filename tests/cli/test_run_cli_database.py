"""The private database of run_cli.sh, and its demo."""
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import subprocess
import time

from checkout import Checkout, clean_environment
from harness import BINARY, FEEDLAB


class PrivateDatabase(Checkout):
    folder_name = "check 'out' & \"quotes\" %41"

    def psql(self, sql):
        done = self.run_cli("db", "psql", "-XAtc", sql)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_1_first_call_sets_up_later_calls_say_nothing(self):
        self.assertEqual(self.run_cli("db", "status").returncode, 4)
        (self.root / "init-fails").touch()
        failed = self.run_cli("collect", "--force")
        self.assertEqual((failed.returncode, failed.stdout), (6, ""), failed.stderr)
        self.assertEqual([c["args"] for c in self.calls()], [["init"]])
        (self.root / "init-fails").unlink()
        (self.root / "calls").write_text("")

        first = self.run_cli("collect", "--force")
        self.assertEqual((first.returncode, first.stdout), (0, "data\n"), first.stderr)
        self.assertEqual([c["args"] for c in self.calls()], [["init"], ["collect", "--force"]])
        self.assertIn("run_cli: ", first.stderr)
        self.assertTrue(self.calls()[0]["url"].startswith("postgresql:///cti?host="))

        (self.root / "calls").write_text("")
        begun = time.monotonic()
        second = self.run_cli("collect")
        took = time.monotonic() - begun
        self.assertEqual((second.returncode, second.stdout, second.stderr), (0, "data\n", "words\n"))
        self.assertEqual([c["args"] for c in self.calls()], [["collect"]])
        self.assertLess(took, 5)  # a build would take minutes
        status = self.run_cli("db", "status")
        self.assertEqual((status.returncode, status.stderr), (0, ""))
        self.assertIn("running", status.stdout)

    def test_2_it_listens_on_a_socket_that_only_the_owner_reaches(self):
        self.assertEqual(self.psql("SHOW listen_addresses"), "")
        folder = pathlib.Path(self.psql("SHOW unix_socket_directories").strip('"'))
        self.assertEqual(self.psql("SHOW TimeZone"), "UTC")
        run = self.root / ".cti/run"
        if run.exists():
            self.assertEqual(run.stat().st_mode & 0o777, 0o700)
        self.assertTrue(str(folder))

    def test_3_it_is_found_again_after_a_stop_and_after_a_crash(self):
        self.psql("CREATE TABLE kept AS SELECT 42 AS n")
        self.assertEqual(self.run_cli("db", "stop").returncode, 0)
        self.assertEqual(self.run_cli("db", "status").returncode, 4)
        self.assertEqual(self.psql("SELECT n FROM kept"), "42")
        pid = self.psql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
        server = os.pidfd_open(int(pid))
        self.addCleanup(os.close, server)
        os.kill(int(pid), 9)
        # A server that is still dying has closed its socket and is there: wait until it is gone.
        self.assertTrue(select.select([server], [], [], 60)[0], "the server outlives SIGKILL")
        self.assertEqual(self.psql("SELECT n FROM kept"), "42")

    def test_4_two_calls_at_once_share_one_start(self):
        self.run_cli("db", "stop")
        clean = clean_environment()
        clean["CTI_MODE"] = "native"
        both = [subprocess.Popen([str(self.root / "run_cli.sh"), "db", "psql", "-XAtc", "SELECT %d" % n], env=clean, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for n in (1, 2)]
        answers = [p.communicate(timeout=120) for p in both]
        self.assertEqual([(p.returncode, out.strip()) for p, (out, _) in zip(both, answers)], [(0, "1"), (0, "2")], answers)
        self.assertEqual(sum(err.count("starting") for _, err in answers), 1, answers)


class Demo(Checkout):
    """The real tool here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tool = cls.root / "build/release/cli/cti"
        tool.write_text("#!/bin/sh\nexec %s \"$@\"\n" % shlex.quote(os.path.abspath(BINARY)))
        (cls.root / "build/release/.built").touch()
        (cls.root / "tests/lab").mkdir(parents=True)
        shutil.copy(FEEDLAB, cls.root / "tests/lab")

    def databases(self):
        return self.run_cli("db", "psql", "-XAtc", "SELECT datname FROM pg_database WHERE datname LIKE 'cti_demo%'").stdout

    def test_it_works_twice_in_a_row_and_cleans_up(self):
        for _ in range(2):
            done = self.run_cli("demo")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(re.findall(r"^  http://127\.0\.1\.\d+:\d+/s/", done.stdout, re.M)), 3, done.stdout)
            self.assertEqual(len(re.findall(r"^id,source,published_at,title\n(?:\d+,feedlab_\d+,20[^\n]+\n){4}\Z", done.stdout, re.M)), 1, done.stdout)
            self.assertEqual(self.databases(), "")

    def test_what_is_kept_can_be_gone_on_with(self):
        done = self.run_cli("demo", "--keep")
        self.assertEqual(done.returncode, 0, done.stderr)
        url, name = re.search(r"export DATABASE_URL='([^']+)'", done.stderr)[1], re.search(r"DROP DATABASE (\w+)", done.stderr)[1]
        self.assertEqual(self.databases(), name + "\n")
        listed = self.run_cli("articles", "--limit", "3", DATABASE_URL=url)
        self.assertEqual((listed.returncode, len(listed.stdout.splitlines())), (0, 4), listed.stderr)
        self.assertEqual(self.run_cli("db", "psql", "-qc", "DROP DATABASE " + name).returncode, 0)
        self.assertEqual(self.databases(), "")
        self.assertEqual(self.run_cli("demo", "--kep").returncode, 2)

    def test_an_interrupt_cleans_up_too(self):
        clean = clean_environment()
        clean["CTI_MODE"] = "native"
        process = subprocess.Popen([str(self.root / "run_cli.sh"), "demo"], env=clean, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        for line in process.stderr:
            if "are served on" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.databases(), "")
