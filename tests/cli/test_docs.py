"""Every example of README.md and of the help texts runs, and ends well."""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import unittest

from harness import BINARY, Case, Database, FEEDLAB, Lab, NOW, ROOT, TIMEOUT_S, cti, environment, wait_until
from test_usage import command_names

# They are run_cli.sh's own, and tested with it.
OF_THE_SCRIPT = re.compile(r"run_cli\.sh (demo|db|--no-install)\b|^(git|cd|\./tests/run\.sh|sudo|crontab)\b")


def readme_examples():
    for block in re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S):
        # A line that ends with a backslash goes on.
        for line in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.M):
            if not OF_THE_SCRIPT.search(line):
                yield line


def help_examples(text):
    part = re.search(r"^Examples:\n((?:  .*\n)+)", text + "\n", re.M)
    for line in part.group(1).splitlines() if part else []:
        yield re.split(r" {2,}|\s+# ", line.strip())[0]


class Examples(Case):
    @classmethod
    def setUpClass(cls):
        # The examples speak of well-known sources; the lab answers in their names.
        known = re.findall(r"^ *- id: *\"?([\w-]+)", (ROOT / "config/sources.yaml").read_text(), re.M)
        every = list(readme_examples()) + [e for words in cls.commands() for e in help_examples(cti(*words, "--help").out)]
        cls.named = [k for k in known if any(re.search(r"\b%s\b" % re.escape(k), e) for e in every)]
        cls.lab = Lab(sources=len(cls.named) + 2, entries=4).start()
        cls.addClassCleanup(cls.lab.stop)
        text = cls.lab.yaml.read_text()
        for old, new in zip(cls.lab.identifiers(), cls.named):
            text = text.replace('id: "%s"' % old, 'id: "%s"' % new)
        cls.sources = text
        cls.lab.yaml.write_text(text)
        cls.template = Database()
        cls.addClassCleanup(cls.template.drop)
        for args in (["init", "--config", cls.lab.yaml], ["collect"]):
            done = cti(*args, url=cls.template.url())
            if done.rc:
                raise AssertionError(done)

    @staticmethod
    def commands():
        yield ()
        for name in command_names(cti("--help").out):
            yield (name,)
            if name in ("sources", "inspect"):
                yield from ((name, s) for s in command_names(cti(name, "--help").out))

    def folder(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        root = pathlib.Path(temporary.name)
        (root / "config").mkdir()
        for name in ("config/sources.yaml", "sources.yaml"):
            (root / name).write_text(self.sources)
        (root / "feed.xml").write_bytes(self.lab.get("/s/0/feed.xml"))
        (root / "article.html").write_text("<h1>A title</h1><p>Some text, long enough to be one.</p>")
        (root / "subscriptions.opml").write_text('<opml version="2.0"><body><outline text="A" xmlUrl="http://a.example/feed"/></body></opml>')
        for name in ("run_cli.sh", "cti"):
            (root / name).write_text("#!/bin/sh\nexec %s \"$@\"\n" % shlex.quote(BINARY))
            (root / name).chmod(0o755)
        return root

    def run_example(self, line):
        db, root = Database(template=self.template.name), self.folder()
        if re.search(r"\b(discover|inspect)\b", line):  # commands that ask the address at once: the lab stands for it
            line = re.sub(r"https://blog\.example\.org/(feed\b)?", lambda m: "http://127.0.0.1:%d/s/0/%s" % (self.lab.port, "feed.xml" if m[1] else ""), line)
        self.addCleanup(db.drop)
        db.execute("UPDATE public.sources SET last_check = NULL")
        env = environment(db.url(), PATH="%s:%s" % (root, os.environ["PATH"]))
        process = subprocess.Popen(["bash", "-c", "set -o pipefail; " + line], cwd=root, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        expected = [0]
        if re.search(r"\bmonitor\b", line) and "--once" not in line:
            wait_until(lambda: db.value("SELECT count(*) FROM public.sources WHERE active AND last_check IS NULL") == 0, what=line)
            os.killpg(process.pid, signal.SIGTERM)
            expected = [143, -signal.SIGTERM]
        out = process.communicate(timeout=TIMEOUT_S)[0].decode("utf-8", "replace")
        self.assertIn(process.returncode, expected, "%s\n%s" % (line, out[-3000:]))

    def test_readme(self):
        lines = list(readme_examples())
        self.assertGreater(len(lines), 10)
        for line in lines:
            with self.subTest(line):
                self.run_example(line)

    def test_help(self):
        for words in self.commands():
            for line in help_examples(cti(*words, "--help").out):
                with self.subTest(line):
                    self.run_example(line)

    def test_every_command_of_the_readme_exists(self):
        known = {"help", *command_names(cti("--help").out)}
        for name in re.findall(r"`cti ([a-z]+)", (ROOT / "README.md").read_text()):
            self.assertIn(name, known)


class Documents(Case):
    def test_what_the_documents_name_is_there(self):
        for document in ("README.md", "ARCHITECTURE.md"):
            for path in re.findall(r"`((?:cli|core|sql|tests|config)/[\w./-]*)`", (ROOT / document).read_text()):
                if not path.startswith("cli/cmd_x"):
                    self.assertTrue((ROOT / path).exists(), "%s names %s" % (document, path))

    def test_links_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text()):
            if not target.startswith("http"):
                self.assertTrue((ROOT / target).exists(), target)


if __name__ == "__main__":
    unittest.main()
