"""The monitor's wall clock is set forward and back while it works. tests/campaigns/clocks.sh runs every schedule and every step."""
import calendar
import json
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from harness import Database, Lab, LabCase, cti, draw, sanitizer_options, wait_until
from monitor_process import Monitor

SHIM = pathlib.Path(__file__).with_name("stepped_clock.c")
IS_CAMPAIGN = os.environ.get("CTI_CLOCK_CAMPAIGN") == "1"
DAY_S = 86400
STEPS_S = [-DAY_S, -600, -1, 1, 400, DAY_S] if IS_CAMPAIGN else [-600, 400]
# The arguments of each schedule, and within how many seconds a source that has become due is collected.
SCHEDULES = {"interval": (("--interval", "2"), 2 + 5), "due": (("--schedule", "due"), 10 + 5)}
if IS_CAMPAIGN:
    SCHEDULES["cron"] = (("--collect-schedule", "* * * * *"), 60 + 5)


class SteppedClock:
    """A file that says by how much the wall clock of whoever loads the shim is ahead."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder, name)
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)
        self.ahead_s = 0

    def step(self, seconds):
        self.ahead_s += seconds
        self.map[:8] = struct.pack("=q", self.ahead_s)


class Clocks(LabCase):
    lab_options = dict(sources=3, entries=2)

    def setUp(self):
        super().setUp()
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            raise unittest.SkipTest("no C compiler for the shim")
        folder = tempfile.TemporaryDirectory(prefix="cti-clock-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.shim = pathlib.Path(self.folder, "stepped_clock.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", str(self.shim), str(SHIM)], check=True, timeout=60)

    def test_articles_without_a_date_get_the_one_of_the_servers_clock(self):
        lab = Lab(sources=1, entries=2, options=["--fault", "0:nodate"]).start()
        self.addCleanup(lab.stop)
        for days in (-10, 10):
            with self.subTest(days=days):
                database = Database()
                self.addCleanup(database.drop)
                self.assertRan(cti("init", "--config", lab.yaml, url=database.url()))
                clock = SteppedClock(self.folder, "collect%d" % days)
                clock.step(days * DAY_S)
                self.assertRan(cti("collect", url=database.url(), env=self.stepped(clock)))
                self.assertEqual(database.value("SELECT count(*) FROM articles WHERE published_at BETWEEN (now() AT TIME ZONE 'UTC') - interval '1 hour' "
                                                "AND (now() AT TIME ZONE 'UTC')"), 2)

    def test_what_is_new_is_told_whatever_the_clock_of_this_machine_says(self):
        database = Database()
        self.addCleanup(database.drop)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=database.url()))
        clock = SteppedClock(self.folder, "ahead")
        clock.step(DAY_S)
        drawn = draw(100, "collect", url=database.url(), CTI_ALLOW_PRIVATE="1", **self.stepped(clock))
        self.assertIn("the best of it, by score:", drawn)

    def start(self, name, args):
        """A monitor with a database and a clock of its own."""
        database = Database()
        self.addCleanup(database.drop)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=database.url()))
        clock = SteppedClock(self.folder, name)
        return Monitor(self, *args, url=database.url(), env=self.stepped(clock)), database, clock

    def stepped(self, clock):
        """The environment of a program whose clock this is. AddressSanitizer wants to be the first library unless it is told."""
        return {"LD_PRELOAD": str(self.shim), "CTI_TEST_CLOCK": str(clock.path), "ASAN_OPTIONS": sanitizer_options("verify_asan_link_order=0")}

    def follow(self, monitor, database, limit_s, what):
        """Makes all sources due and waits until they were collected; the probes must say 200 all the time. How long it took."""
        database.execute("UPDATE public.sources SET last_check = NULL")
        begun = time.monotonic()
        while database.value("SELECT count(*) FROM public.sources WHERE last_check IS NULL") > 0:
            for path in ("/livez", "/health"):
                code, body = monitor.get(path)
                self.assertEqual(code, 200, "%s, %s: %s\n%s" % (what, path, body, monitor.text()))
            self.assertIsNone(monitor.process.poll(), what)
            self.assertLess(time.monotonic() - begun, limit_s, what + ": no round\n" + monitor.text())
            time.sleep(0.1)
        return time.monotonic() - begun

    def find_wrong_date(self, monitor, clock, limit_s):
        """Which date on the page is not within a period of the clock as it is set now."""
        shown = json.loads(monitor.get("/?format=json")[1])
        now = time.time() + clock.ahead_s
        for name, low, high in (("timestamp", -5, 5), ("next_round", -5, limit_s), ("last_round", -limit_s, 5)):
            ahead = calendar.timegm(time.strptime(shown[name], "%Y-%m-%dT%H:%M:%SZ")) - now
            if not low <= ahead <= high:
                return "%s is %s, %.1f s from now" % (name, shown[name], ahead)
        return None

    def assertShowsItsClock(self, monitor, clock, limit_s, what):
        end = time.monotonic() + 5  # a page that was rendered before the step is kept for a second
        while wrong := self.find_wrong_date(monitor, clock, limit_s):
            self.assertLess(time.monotonic(), end, "%s: %s" % (what, wrong))
            time.sleep(0.1)

    def run_schedule(self, name, monitor, database, clock, limit_s, report):
        try:
            for step in STEPS_S:
                what = "%s, %+d s" % (name, step)
                clock.step(step)
                took = self.follow(monitor, database, limit_s, what)
                self.assertShowsItsClock(monitor, clock, limit_s, what)
                report.append("%s: a round after %.1f s" % (what, took))
        except Exception as error:  # of a thread: told by the test
            report.append(error)

    def test_the_clock_is_set_and_the_rounds_go_on(self):
        started = {name: (*self.start(name, args), limit_s) for name, (args, limit_s) in SCHEDULES.items()}
        for name, (monitor, database, _, _) in started.items():
            wait_until(lambda: database.value("SELECT count(*) FROM public.source_checks") >= 3, what=name + ": the first round")
            monitor.wait_for("/health", 200)
        report, threads = [], []
        for name, parts in started.items():
            threads.append(threading.Thread(target=self.run_schedule, args=(name, *parts, report)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        for error in report:
            if isinstance(error, Exception):
                raise error
        for name, (monitor, *_) in started.items():
            self.assertEqual(monitor.stop(), 143, monitor.text())
            self.assertNotRegex(monitor.text(), re.compile("ending the process|Sanitizer|runtime error"), name)
        if IS_CAMPAIGN:
            for line in report:
                print("clocks: " + line, flush=True)
        print("clocks: %d steps of the clock in %d schedules, %d rounds in time" % (len(STEPS_S), len(SCHEDULES), len(report)), flush=True)
