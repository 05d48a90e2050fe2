"""Every example of the documents and of the help texts runs, and ends well; what the documents name exists."""
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest

from harness import BINARY, Case, Database, Lab, ROOT, TIMEOUT_S, cti, environment, free_port, sanitizer_options, start_cti, wait_until
from model_server import ModelServer, nothing
from s3_server import ACCESS, REGION, S3Server, SECRET
from test_usage import command_names

# For those who change the program: what they name exists, but their commands are not run here.
GUIDES = ["ARCHITECTURE.md", "CONTRIBUTING.md", "tests/README.md", "tests/data/README.md",
          *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs/decisions").glob("*.md"))]
DOCUMENTS = ["README.md", *sorted(str(p.relative_to(ROOT)) for folder in ("docs", "deploy") for p in (ROOT / folder).glob("*.md"))]

# They are run_cli.sh's own, or need an engine, a root or a network, and are tested elsewhere: tests/cli/test_run_cli.py,
# tests/cli/test_deploy.py, tests/cli/test_roles.py, tests/container/run.sh.
ELSEWHERE = re.compile(r"run_cli\.sh (demo|db|setup|--no-install)\b|^DATABASE_URL_FILE=|"
                       r"^(\w+=\S+ )*(git|cd|\./tests/run\.sh|sudo|crontab|docker|cmake|cpack|kubectl|systemctl|psql|nano)\b")


def examples(document):
    for block in re.findall(r"^```console\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S):
        # A line that ends with a backslash goes on.
        for line in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.M):
            if not ELSEWHERE.search(line):
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
        every = [e for d in DOCUMENTS for e in examples(d)] + [e for words in cls.commands() for e in help_examples(cti(*words, "--help").out)]
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
            if name in ("sources", "inspect", "intel", "jobs", "schedules", "backup", "settings"):
                yield from ((name, s) for s in command_names(cti(name, "--help").out))

    def folder(self, line, ends):
        root = pathlib.Path(ends.enter_context(tempfile.TemporaryDirectory()))
        (root / "config").mkdir()
        for name in ("config/sources.yaml", "sources.yaml", "config/lab.yaml"):
            if name == "config/lab.yaml" and "lab.yaml" not in line:
                continue
            (root / name).write_text(self.sources)
        (root / "README.md").write_text((ROOT / "README.md").read_text())
        (root / "feed.xml").write_bytes(self.lab.get("/s/0/feed.xml"))
        (root / "cti.yaml").write_text("timeout: 30\n")
        (root / "token").write_text("0123456789abcdef")
        (root / "token").chmod(0o600)
        (root / "webhook.txt").write_text("http://127.0.0.1:1/nobody")
        if "--encrypt age" in line:
            if not shutil.which("age-keygen"):
                self.skipTest("age is not installed")
            subprocess.run(["age-keygen", "-o", "backup.key"], cwd=root, check=True, capture_output=True)
            (root / "recipients.txt").write_bytes(subprocess.run(["age-keygen", "-y", "backup.key"], cwd=root, check=True, capture_output=True).stdout)
        (root / "report.txt").write_text("evil[.]example[.]com")
        (root / "misp-galaxy/clusters").mkdir(parents=True)
        (root / "misp-galaxy/clusters/tool.json").write_text('{"type": "tool", "values": [{"value": "Odd Tool"}]}')
        (root / "article.html").write_text("<h1>A title</h1><p>Some text, long enough to be one.</p>")
        (root / "subscriptions.opml").write_text('<opml version="2.0"><body><outline text="A" xmlUrl="http://a.example/feed"/></body></opml>')
        for name in ("run_cli.sh", "cti"):
            (root / name).write_text("#!/bin/sh\nexec %s \"$@\"\n" % shlex.quote(BINARY))
            (root / name).chmod(0o755)
        return root

    # The rows of all tables, as far as a change of any shows in their number or in the newest transaction.
    ROWS = """SELECT md5(string_agg(relid || query_to_xml(format('SELECT count(*), max(xmin::text::bigint) FROM %s', relid::regclass), true, true, '')::text,
              '' ORDER BY relid)) AS rows FROM pg_stat_user_tables"""

    @classmethod
    def take_database(cls):
        """A copy of the template as it was. Most examples only read, and a copy takes longer than they do: it serves until one writes."""
        kept = getattr(cls, "kept", None)
        if kept and kept.value(cls.ROWS) == cls.kept_rows:
            return kept
        cls.drop_kept()
        cls.kept = Database(template=cls.template.name)
        cls.addClassCleanup(cls.drop_kept)
        cls.kept.execute("UPDATE public.sources SET last_check = NULL")
        cls.kept_rows = cls.kept.value(cls.ROWS)
        return cls.kept

    @classmethod
    def drop_kept(cls):
        if getattr(cls, "kept", None):
            cls.kept.drop()
            cls.kept = None

    def run_example(self, line):
        with contextlib.ExitStack() as ends:
            self.run_in(line, self.take_database(), self.folder(line, ends), ends)

    def run_in(self, line, db, root, ends):
        if re.search(r"\b(discover|inspect|add https)\b", line):  # commands that ask the address at once: the lab stands for it
            line = re.sub(r"https://blog\.example\.org/(feed\b)?", lambda m: "http://127.0.0.1:%d/s/0/%s" % (self.lab.port, "feed.xml" if m[1] else ""), line)
        if "sources add http" in line:  # The lab's feed is to be a new one.
            db.execute("UPDATE public.sources SET rss_url = rss_url || '?old'")
        line = line.replace("/var/lib/node_exporter", str(root)).replace("--confirm=cti", "--confirm=" + db.name)
        if "import articles" in line:
            self.assertEqual(cti("export", "-o", "articles.ndjson.gz", url=db.url(), cwd=root).rc, 0)
        if "import --sqlite" in line:
            old = sqlite3.connect(root / "old.db")
            old.executescript("CREATE TABLE sources (id INTEGER, identifier TEXT); INSERT INTO sources VALUES (1, 'old');"
                              "CREATE TABLE articles (id INTEGER PRIMARY KEY, source_id INTEGER, canonical_url TEXT, title TEXT, content TEXT);"
                              "INSERT INTO articles VALUES (1, 1, 'https://old.example/1', 'Old', 'A text.')")
            old.close()
        env = environment(db.url(), PATH="%s:%s" % (root, os.environ["PATH"]), BROWSER="true", ASAN_OPTIONS=sanitizer_options("detect_leaks=0"))
        if "cti analyze" in line:
            env["LLM_API_URL"] = ModelServer(self, nothing).url
            line = re.sub(r"analyze \d+", "analyze %d" % db.value("SELECT min(id) FROM public.articles"), line)
        if "healthcheck" in line:  # of a monitor that runs
            port = free_port()
            env["CTI_LISTEN"] = "127.0.0.1:%d" % port
            line = line.replace("127.0.0.1:8080", env["CTI_LISTEN"])
            monitor = start_cti("-q", "monitor", "--interval", "60", url=db.url(), env={"CTI_LISTEN": env["CTI_LISTEN"]})
            ends.callback(monitor.wait, 30)
            ends.callback(monitor.kill)
            wait_until(lambda: cti("healthcheck", env={"CTI_LISTEN": env["CTI_LISTEN"]}).rc == 0, what="a healthy monitor")
        if "s3://" in line:
            server = S3Server(self, bucket="bucket")
            env.update(CTI_S3_ENDPOINT=server.url, AWS_REGION=REGION, AWS_ACCESS_KEY_ID=ACCESS, AWS_SECRET_ACCESS_KEY=SECRET)
            if "backup create" not in line:
                made = subprocess.run([BINARY, "backup", "create", "--to", "s3://bucket/cti"], env=env, capture_output=True)
                self.assertEqual(made.returncode, 0, made.stderr)
        if re.search(r"cti (backup (?!create)|restore)", line):
            for label in ((), ("--label", "before_restore")):
                self.assertEqual(cti("backup", "create", *label, url=db.url(), cwd=root).rc, 0)
            (root / "backup.sql").write_bytes(subprocess.run(["pg_dump", "-d", db.name], check=True, capture_output=True).stdout)
            if "postgresql:///copy" in line:
                copy = Database()
                ends.callback(copy.drop)
                line = line.replace("postgresql:///copy", copy.url())
        if job := re.search(r"jobs (show|cancel|retry|release) 1", line):
            db.execute("INSERT INTO cti.jobs (kind, state) VALUES ('housekeeping', '%s')" % ("running" if job[1] == "release" else "ready"))
            if job[1] == "retry":
                cti("jobs", "cancel", "1", url=db.url())
        process = subprocess.Popen(["bash", "-c", "set -o pipefail; " + line], cwd=root, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        expected = [0]
        if re.search(r"\bmonitor\b", line) and "--once" not in line:
            wait_until(lambda: db.value("SELECT count(*) FROM public.sources WHERE active AND last_check IS NULL") == 0, what=line)
            os.killpg(process.pid, signal.SIGTERM)
            expected = [143, -signal.SIGTERM]
        if re.search(r"cti serve\b", line):
            wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cti serve observer'") == 1, what=line)
            os.killpg(process.pid, signal.SIGTERM)
            expected = [143, -signal.SIGTERM]
        if re.search(r"cti worker\b", line) and "--until-empty" not in line:
            wait_until(lambda: db.value("SELECT count(*) FROM cti.workers") == 1, what=line)
            os.killpg(process.pid, signal.SIGTERM)
            expected = [143, -signal.SIGTERM]
        out = process.communicate(timeout=TIMEOUT_S)[0].decode("utf-8", "replace")
        self.assertIn(process.returncode, expected, "%s\n%s" % (line, out[-3000:]))


class DocumentExamples(Examples):
    def test_documents(self):
        lines = {line: document for document in DOCUMENTS for line in examples(document)}
        self.assertGreater(len(lines), 20)
        for line, document in lines.items():
            with self.subTest("%s: %s" % (document, line)):
                self.run_example(line)


class HelpExamples(Examples):
    def test_help(self):
        for words in self.commands():
            for line in help_examples(cti(*words, "--help").out):
                with self.subTest(line):
                    self.run_example(line)


class Documents(Case):
    def test_every_command_that_is_named_exists(self):
        known = {"help", *command_names(cti("--help").out)}
        for document in DOCUMENTS:
            for name in re.findall(r"`cti ([a-z]+)", (ROOT / document).read_text()):
                self.assertIn(name, known, document)

    def test_what_the_documents_name_is_there(self):
        for document in (*DOCUMENTS, *GUIDES):
            for path in re.findall(r"`((?:cli|core|sql|tests|config|deploy|docs)/[\w./-]*)`", (ROOT / document).read_text()):
                if not path.startswith(("cli/cmd_x", "config/lab.yaml")):
                    self.assertTrue((ROOT / path).exists(), "%s names %s" % (document, path))

    @staticmethod
    def anchors(path):
        for title in re.findall(r"^#+ (.*)$", path.read_text(), re.M):
            yield re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")

    def test_links_lead_somewhere(self):
        for document in (*DOCUMENTS, *GUIDES):
            for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", (ROOT / document).read_text()):
                if not target.startswith("http"):
                    path = (ROOT / document).parent / target if target else ROOT / document
                    self.assertTrue(path.exists(), "%s: %s" % (document, target))
                    if anchor:
                        self.assertIn(anchor, list(self.anchors(path)), "%s: %s#%s" % (document, target, anchor))

    def test_the_code_that_the_guide_quotes_is_there(self):
        guide = (ROOT / "CONTRIBUTING.md").read_text()
        named = [ROOT / name for name in set(re.findall(r"`((?:cli|core|sql|tests)/[\w./-]+)`", guide))]
        code = " ".join(" ".join(path.read_text().split()) for path in named if path.is_file())
        for quote in re.findall(r"^```(?:cpp|sql)\n(.*?)^```", guide, re.M | re.S):
            self.assertIn(" ".join(quote.split()), code)

    def test_the_reference_has_every_command_variable_metric_and_table(self):
        text = (ROOT / "docs/reference.md").read_text()
        for words in Examples.commands():
            if words:
                self.assertRegex(text, r"cti %s\b" % " ".join(words))
            for variable in re.findall(r"\[env:\s+(\w+)\]", cti(*words, "--help").out):
                self.assertIn("`%s`" % variable, text)
        for metric in re.findall(r'"(cti_[a-z_]+)"', "".join((ROOT / "core/monitor" / name).read_text() for name in ("metrics.cpp", "job_metrics.cpp"))):
            self.assertIn("`%s`" % metric, text)
        for migration in (ROOT / "sql/migrations").glob("*.sql"):
            for table in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?cti\.(\w+)", migration.read_text()):
                self.assertIn("`%s`" % table, text)

    def test_the_exit_codes_are_the_programs(self):
        declared = set(re.findall(r"= (\d+),", (ROOT / "core/base/error.hpp").read_text()))
        listed = set(re.findall(r"\d+", " ".join(re.findall(r"^\| ([\d, ]+) \|", (ROOT / "docs/reference.md").read_text(), re.M))))
        told = set(re.findall(r"{(\d+), \"", (ROOT / "cli/shell/man_page.cpp").read_text()))
        self.assertEqual(listed, declared)
        self.assertEqual(told, declared)


if __name__ == "__main__":
    unittest.main()
