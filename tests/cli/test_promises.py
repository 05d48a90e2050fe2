"""docs/promises.md: what each line names to show a promise is there. Whether a thing does what it should is tried by its own tests."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from harness import Case, ROOT, cti
from test_docs import Documents

sys.path.insert(0, str(ROOT / "tests"))
import make_promises  # noqa: E402


class Promises(Case):
    @classmethod
    def setUpClass(cls):
        cls.promises = [p for p in make_promises.promises() if p[0]]
        cls.helps = {}
        cls.reference = "".join((ROOT / "docs" / name).read_text() for name in ("reference.md", "install.md"))
        cls.targets = re.findall(r"(?m)^([a-z][a-z-]*):.*##", (ROOT / "Makefile").read_text())
        cls.routes = (ROOT / "core/monitor/routes.cpp").read_text()
        cls.metrics = "".join((ROOT / "core/monitor" / name).read_text() for name in ("metrics.cpp", "job_metrics.cpp"))

    def help_of(self, words):
        if words not in self.helps:
            done = cti(*words, "--help")
            self.assertEqual(done.rc, 0, done)
            self.helps[words] = done.out
        return self.helps[words]

    def check_command(self, words):
        options = [w for w in words if w.startswith("--")]
        names = tuple(w for w in words if not w.startswith("--"))
        usage = self.help_of(names)
        if names:  # 'cti jobs --help' of a word that is none would be the help of its group
            self.assertRegex(usage, r"Usage: cti %s\b" % " ".join(names))
        for option in options:
            everywhere = usage + self.help_of(())
            self.assertRegex(everywhere, r"(?m)^ +(-\w,)?%s\b" % re.escape(option))

    def check_path(self, what):
        path, _, rest = what.partition("::")
        path, _, anchor = path.partition("#")
        self.assertTrue((ROOT / path).exists(), path)
        if rest:
            self.assertRegex((ROOT / path).read_text(), r"def %s\(" % rest)
        if anchor:
            self.assertIn(anchor, list(Documents.anchors(ROOT / path)))

    def check_script(self, words):
        self.assertTrue(os.access(ROOT / words[0], os.X_OK), words[0])
        if len(words) > 1:
            told = subprocess.run([ROOT / words[0], "--help"], capture_output=True, text=True, timeout=60).stdout
            for option in words[1:]:
                self.assertIn(option, told)

    def check(self, what):
        words = what.split()
        if words[0] == "cti":
            self.check_command(words[1:])
        elif words[0] == "make":
            self.assertIn(words[1], self.targets)
        elif words[0] == "GET":
            self.assertIn('Route{"%s"' % words[1], self.routes)
        elif words[0].startswith("./"):
            self.check_script([words[0][2:], *words[1:]])
        elif re.fullmatch(r"cti_[a-z_]+", what):
            self.assertIn('"%s"' % what, self.metrics)
            self.assertIn("`%s`" % what, self.reference)
        elif re.fullmatch(r"[A-Z][A-Z_]+", what):
            self.assertIn("`%s`" % what, self.reference)
        else:
            self.check_path(what)

    def test_every_thing_that_shows_a_promise_is_there(self):
        for name, _, words, shows in self.promises:
            with self.subTest(name):
                named = re.findall(r"`([^`]+)`", shows)
                self.assertTrue(named)
                self.assertEqual(shows, ", ".join("`%s`" % n for n in named))
                for what in named:
                    self.check(what)

    def test_what_is_not_there_is_found(self):
        for wrong in ("cti colect", "cti jobs lsit", "cti collect --dry-rum", "make prodd", "GET /healt", "./run_cly.sh", "./start_production.sh --biuld", "cti_job", "CTI_NOTHING",
                      "docs/nothing.md", "docs/install.md#nothing", "tests/cli/test_profiles.py::test_nothing"):
            with self.subTest(wrong):
                with self.assertRaises(AssertionError):
                    self.check(wrong)

    def test_the_document_is_what_the_script_makes(self):
        self.assertEqual((ROOT / "docs/promises.md").read_text(), make_promises.document(), "run tests/make_promises.py")

    def test_there_are_as_many_as_were_made_and_each_has_a_state(self):
        self.assertEqual(len(self.promises), 214)
        self.assertEqual(len({p[0] for p in self.promises}), 214)
        for name, state, words, _ in self.promises:
            self.assertIn(state, make_promises.STATES, name)
            if state in ("partly", "not"):
                self.assertRegex(words, ";", name)  # what is missing

    @unittest.skipUnless(shutil.which("docker"), "there is no Docker client here")
    def test_scripts_say_how_they_are_called(self):
        for name in ("start_production.sh", "start_development.sh"):
            self.check_script([name, "--build", "--stop"])


if __name__ == "__main__":
    unittest.main()
