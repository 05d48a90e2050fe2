"""Runs the black-box tests: run.py [--jobs N] [NAME…], each NAME a part of a test's name. A job takes one class at a time, in a
process of its own, as the tests of a class share a database; two jobs a core, as most of a test is waiting. Ends with a line that
tests/run.sh reads."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).parent
SUMMARY = "black box: %d passed %d failed %d skipped"
# These measure how long something takes: they come last, two at a time where little is computed, else one after the other.
PAIRED = ("test_frozen.", "test_monitor")
ALONE = ("test_analyze_campaign.", "test_clocks.", "test_jitter.", "test_job_campaign.", "test_kill.")


def loader_of(names):
    loader = unittest.TestLoader()
    # unittest reads a bare word as a part of the name only between stars; a test's name has _ where a person writes a space.
    loader.testNamePatterns = ["*%s*" % n.replace(" ", "_") for n in names] or None
    return loader


def cases_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases_of(test)
        else:
            yield test


def run_class(name, names):
    """Runs the tests of one class here."""
    # Whoever started us in the background may have had SIGINT ignored; what the tests start must not inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(loader_of(names).loadTestsFromName(name))
    # Several subtests of one test are one failure; a setUpClass that fails is one, and its tests have not run.
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    failed |= {test.id() for test in result.unexpectedSuccesses}
    ran_and_failed = sum("setUpClass" not in name and "setUpModule" not in name for name in failed)
    passed = result.testsRun - ran_and_failed - sum("setUpClass" not in t.id() for t, _ in result.skipped)
    print(SUMMARY % (passed, len(failed), len(result.skipped)))
    return 1 if failed else 0


def classes(names):
    found = {}
    for case in cases_of(loader_of(names).discover(str(HERE))):
        if case.__class__.__module__ == "unittest.loader":  # a file that could not be imported
            raise SystemExit("run.py: error: %s" % getattr(case, "_exception", case))
        found["%s.%s" % (case.__class__.__module__, case.__class__.__qualname__)] = None
    return sorted(found)


def run_elsewhere(name, names):
    begun = time.monotonic()
    done = subprocess.run([sys.executable, __file__, "--class", name, *names], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    counts = re.search(r"^black box: (\d+) passed (\d+) failed (\d+) skipped$", done.stdout, re.M)
    took = (time.monotonic() - begun, name)
    if not counts:
        return done.stdout + "FAILED: %s ended before its summary (status %d)\n" % (name, done.returncode), (0, 1, 0), took
    return done.stdout.replace(counts[0] + "\n", ""), tuple(int(number) for number in counts.groups()), took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2 * os.cpu_count())
    parser.add_argument("--class", dest="one_class", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if arguments.one_class:
        return run_class(arguments.one_class, arguments.names)
    found = classes(arguments.names)
    totals, times = (0, 0, 0), []
    for jobs, some in ((arguments.jobs, [name for name in found if not name.startswith(PAIRED + ALONE)]),
                       (min(2, arguments.jobs), [name for name in found if name.startswith(PAIRED)]),
                       (1, [name for name in found if name.startswith(ALONE)])):
        with concurrent.futures.ThreadPoolExecutor(max(1, jobs)) as pool:
            running = [pool.submit(run_elsewhere, name, arguments.names) for name in some]
            for finished in concurrent.futures.as_completed(running):
                output, counts, took = finished.result()
                print(output, end="", flush=True)
                totals = tuple(map(sum, zip(totals, counts)))
                times.append(took)
    print("slowest: " + ", ".join("%s %.0f s" % (name, seconds) for seconds, name in sorted(times, reverse=True)[:12]))
    print(SUMMARY % totals)
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
