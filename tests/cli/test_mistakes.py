"""Forty typical mistakes: each ends with one error, one remedy, and its exit code; what a remedy names exists."""
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import tempfile

from harness import Case, Database, ROOT, cti

NOWHERE = "postgresql://someone@127.0.0.1:1/nothing?connect_timeout=2"

# What is typed, the exit code, a part of the error, a part of the remedy. {port} is one that is taken, {folder} one of the test's own.
TYPED = [
    # typos
    ("cti colect", 2, "unknown command 'colect'", "Did you mean 'collect'?"),
    ("cti sources lsit", 2, "unknown command 'lsit'", "Did you mean 'list'?"),
    ("cti inspect fed -", 2, "unknown command 'fed'", "Did you mean 'feed'?"),
    ("cti collect --forse", 2, "unknown option '--forse'", "Did you mean '--force'?"),
    ("cti export --format jsn", 2, "unknown format 'jsn'", "Did you mean 'json'?"),
    ("cti export --order newes", 2, "did you mean 'newest'?", "See 'cti export --help'."),
    ("cti export --type ipv5", 2, "unknown type 'ipv5'", "Did you mean 'ipv4'?"),
    ("cti collect --source cisco_talso", 2, "unknown source 'cisco_talso'", "Did you mean 'cisco_talos'?"),
    ("cti search titel:loader", 2, "did you mean 'title'?", "'cti search --help'"),
    ("cti help nosuch", 2, "unknown command 'nosuch'", "See 'cti --help'."),
    ("cti show 999999", 2, "there is no article 999999", "'cti articles' lists what is there"),
    ("cti doctor --jsn", 2, "unknown option '--jsn'", "See 'cti doctor --help'."),
    # wrong order
    ("cti list sources", 2, "unknown command 'list'", "Did you mean 'cti sources list'?"),
    ("cti edit cisco_talos", 2, "unknown command 'edit'", "Did you mean 'cti sources edit'?"),
    ("cti backfill", 2, "unknown command 'backfill'", "Did you mean 'cti intel backfill'?"),
    ("cti --days 7 export", 2, "'--days' stands before its command", "Write it behind: cti export --days; see 'cti export --help'."),
    ("cti collect cisco_talos", 2, "unexpected argument 'cisco_talos'", "See 'cti collect --help'."),
    # missing parts
    ("cti sources", 2, "'cti sources' needs a command", "One of: list, show"),
    ("cti sources show", 2, "ID is missing", "Usage: cti sources show ID [OPTIONS]"),
    ("cti sources add blog", 2, "NAME is missing", "Usage: cti sources add URL"),
    ("cti sources edit cisco_talos", 2, "nothing to change", "--rss-url URL"),
    ("cti test", 2, "--source is missing", "Usage: cti test --source ID [OPTIONS]"),
    ("cti search", 2, "nothing to look for was given", "'cti articles' lists all"),
    ("cti --config stats", 2, "no command was given", "Does what stands before 'stats' lack its value?"),
    ("cti export --format", 2, "--format needs a value", "See 'cti export --help'."),
    ("cti sources remove cisco_talos", 2, "no terminal to ask on", "Give --yes"),
    # wrong types
    ("cti export --days seven", 2, "--days must be a whole number, not 'seven'", "See 'cti export --help'."),
    ("cti articles --mark read --as bob --ids ''", 2, "--ids has no value", "See 'cti articles --help'."),
    ("cti articles --since ''", 2, "--since has no value", "See 'cti articles --help'."),
    ("cti export --query ''", 2, "--query has no value", "See 'cti export --help'."),
    ("cti export --tlp ''", 2, "--tlp has no value", "See 'cti export --help'."),
    ("cti export --new-since-last ''", 2, "--new-since-last has no value", "See 'cti export --help'."),
    ("cti jobs add collect --source cisco_talso", 2, "unknown source 'cisco_talso'", "Did you mean 'cisco_talos'?"),
    ("cti schedules add collect --name x --cron @hourly --source nope", 2, "unknown source 'nope'", "See 'cti sources list'."),
    ("cti search --limit 0 loader", 2, "--limit must be 1 or more, not '0'", "See 'cti search --help'."),
    ("cti collect --lease 2x", 2, "--lease must be seconds, or a time", "See 'cti collect --help'."),
    ("cti export --since 2026-13-45", 2, "'2026-13-45' is no time", "Write 7d, 12h, 2026-11-01"),
    ("cti export --days 7 --since 7d", 2, "give --days or --since, not both", "See 'cti export --help'."),
    ("cti monitor --collect-schedule '61 * * * *'", 2, "the minute '61' of a schedule", "Write five fields as in crontab"),
    ("cti sources add blog Blog blog.example", 2, "must be an address that starts with http://", "'cti sources add --help'"),
    ("cti completion powershell", 2, "SHELL must be one of bash, zsh, fish, not 'powershell'", "See 'cti completion --help'."),
    ("cti sources discover ftp://blog.example/", 2, "'ftp://blog.example/' is no http or https address", "Write it like https://"),
    # what is not there
    ("cti init --config nosuch.yaml", 2, "cannot read 'nosuch.yaml'", "with --config or SOURCES_CONFIG"),
    ("cti inspect feed nosuch.xml", 2, "cannot read 'nosuch.xml': No such file", "Look at its name"),
    ("cti inspect feed {folder}", 2, "Is a directory", "Name a file in that folder."),
    ("cti export -o {folder}/nosuch/out.json", 7, "no such file or directory", "Make the folder first (mkdir -p)"),
    ("cti inspect feed http://127.0.0.1:{free}/feed --allow-private", 1, "cannot connect", "Is this machine online?"),
    ("cti import nosuch.ndjson", 2, "cannot read 'nosuch.ndjson': no such file", "Look at its name"),
    ("cti import {folder}", 2, "is a directory", "Name a file in that folder."),
    ("cti sources import nosuch.opml", 2, "cannot read 'nosuch.opml': No such file", "Look at its name"),
    ("cti import sources.yaml", 2, "the file is no export with texts", "Make it with: cti export"),
    # port in use
    ("cti monitor --listen 127.0.0.1:{port}", 1, "cannot listen on 127.0.0.1:{port}", "Choose another address with --listen"),
]


class Mistakes(Case):
    @classmethod
    def setUpClass(cls):
        cls.db = Database()
        cls.addClassCleanup(cls.db.drop)
        folder = tempfile.TemporaryDirectory(prefix="cti-mistakes-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        sources = pathlib.Path(cls.folder, "sources.yaml")
        sources.write_text("sources:\n  - {id: cisco_talos, name: Talos, url: 'http://127.0.0.1:9/', rss_url: 'http://127.0.0.1:9/feed'}\n")
        done = cti("init", "--config", sources, url=cls.db.url())
        assert done.rc == 0, done
        cls.taken = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(cls.taken.close)
        with socket.create_server(("127.0.0.1", 0)) as free:
            cls.free = free.getsockname()[1]

    def assertMended(self, done, code, error, hint):
        lines = done.err.splitlines()
        self.assertEqual(done.rc, code, done)
        self.assertEqual([l.split(":")[1] for l in lines], [" error", " hint"], done)
        self.assertIn(error, lines[0])
        self.assertIn(hint, lines[1])
        self.assertEqual(done.out, "")
        self.assertCommandsExist(lines[1])

    def assertCommandsExist(self, hint):
        for command in re.findall(r"'(cti [^']+)'", hint) + re.findall(r"(?:Usage|behind): (cti [a-z ]+)", hint):
            words = shlex.split(command)[1:]
            known = cti(*words, *([] if "--help" in words else ["--help"]), url=NOWHERE)
            self.assertEqual(known.rc, 0, "%s\n%s" % (hint, known.err))

    def filled(self, text):
        return text.format(port=self.taken.getsockname()[1], free=self.free, folder=self.folder)

    def test_each_ends_with_one_error_and_one_remedy_that_works(self):
        for line, code, error, hint in TYPED:
            with self.subTest(line):
                done = cti(*shlex.split(self.filled(line))[1:], url=self.db.url(), cwd=self.folder)
                self.assertMended(done, code, self.filled(error), hint)

    def test_what_was_meant_works_when_it_is_typed_instead(self):
        for wrong, right in (("cti sources lsit", "cti sources list"), ("cti export --format jsn", "cti export --format json"),
                             ("cti list sources", "cti sources list"), ("cti show 999999", "cti articles")):
            self.assertEqual(cti(*shlex.split(wrong)[1:], url=self.db.url()).rc, 2)
            self.assertRan(cti(*shlex.split(right)[1:], url=self.db.url()))

    def test_databases_that_cannot_be_used_end_likewise(self):
        empty = Database()
        self.addCleanup(empty.drop)
        self.db.execute("DROP ROLE IF EXISTS test_nobody; CREATE ROLE test_nobody LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        self.addCleanup(self.db.execute, "DROP OWNED BY test_nobody; DROP ROLE test_nobody")
        gone = self.db.url().replace(self.db.name, "nosuch_database")
        for what, url, args, code, error, hint in (
                ("no server", NOWHERE, ["stats"], 4, "connection refused", "see that the server is running"),
                ("no such database", gone, ["stats"], 4, 'database "nosuch_database" does not exist', "createdb"),
                ("another kind", "mysql://u@h/x", ["stats"], 2, "not one of PostgreSQL", "postgresql://user:password@host:5432/database"),
                ("no tables", empty.url(), ["stats"], 6, "no tables for articles yet", "Run 'cti init'."),
                ("no rights to read", self.db.url(user="test_nobody"), ["stats"], 4, "permission denied", "GRANT"),
                ("no rights to make tables", empty.url(user="test_nobody"), ["init", "--no-sources"], 4, "may not create tables", "GRANT CREATE")):
            with self.subTest(what):
                self.assertMended(cti(*args, url=url), code, error, hint)
        # What the remedy says is what mends it.
        self.assertRan(cti("init", "--no-sources", url=empty.url()))
        self.assertRan(cti("stats", url=empty.url()))
        remedy = re.search(r"\((createdb [^)]*)\)", cti("stats", url=gone).err).group(1)
        self.addCleanup(self.db.execute, "DROP DATABASE IF EXISTS nosuch_database")
        bare = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        subprocess.run(shlex.split(remedy), env=bare, check=True, timeout=60)
        self.assertRan(cti("init", "--no-sources", url=gone))

    def test_variables_that_are_wrong_are_named(self):
        for env, args, error, hint in (
                ({"DATABASE_URL_FILE": self.folder + "/nosuch"}, ["stats"], "which DATABASE_URL_FILE names", "Correct DATABASE_URL_FILE, or unset it."),
                ({"DATABASE_URL_FILE": self.folder}, ["stats"], "which DATABASE_URL_FILE names", "Correct DATABASE_URL_FILE, or unset it."),
                ({"CTI_JOBS": "abc"}, ["collect"], "CTI_JOBS must be a whole number, not 'abc'", "See 'cti collect --help'.")):
            with self.subTest(str(env)):
                self.assertMended(cti(*args, env=env), 2, error, hint)

    def test_an_engine_that_does_not_answer_ends_likewise(self):
        root = pathlib.Path(self.folder, "checkout")
        (root / "deploy").mkdir(parents=True)
        for name in ("run_cli.sh", "deploy/private_database.sh", "deploy/run_in_docker.sh", "deploy/set_up_docker.sh", "deploy/env.example"):
            shutil.copy(ROOT / name, root / name)
        for words, told in (("Cannot connect to the Docker daemon", "sudo systemctl start docker"),
                            ("permission denied while trying to connect", "sudo usermod -aG docker")):
            tools = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
            (tools / "docker").write_text("#!/bin/sh\necho '%s' >&2\nexit 1\n" % words)
            (tools / "docker").chmod(0o755)
            done = subprocess.run([root / "run_cli.sh", "stats"], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "CTI_MODE": "docker", "PATH": "%s:%s" % (tools, os.environ["PATH"])})
            lines = done.stderr.splitlines()
            self.assertEqual((done.returncode, done.stdout, [l.split(":")[1] for l in lines]), (1, "", [" error", " hint"]), done.stderr)
            self.assertIn(told, lines[1])
