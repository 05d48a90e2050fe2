"""Runs the black-box tests: run.py [NAME…], each NAME a part of a test's name. Ends with a line that tests/run.sh reads."""
import pathlib
import signal
import sys
import unittest

HERE = pathlib.Path(__file__).parent


def main(names):
    # Whoever started us in the background may have had SIGINT ignored; what the tests start must not inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    loader = unittest.TestLoader()
    # unittest reads a bare word as a part of the name only between stars; a test's name has _ where a person writes a space.
    loader.testNamePatterns = ["*%s*" % n.replace(" ", "_") for n in names] or None
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(loader.discover(str(HERE)))
    # Several subtests of one test are one failure; a setUpClass that fails is one, and its tests have not run.
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    failed |= {test.id() for test in result.unexpectedSuccesses}
    ran_and_failed = sum("setUpClass" not in name and "setUpModule" not in name for name in failed)
    passed = result.testsRun - ran_and_failed - sum("setUpClass" not in t.id() for t, _ in result.skipped)
    print("black box: %d passed %d failed %d skipped" % (passed, len(failed), len(result.skipped)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
