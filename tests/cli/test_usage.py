"""Wrong usage, wrong databases, help: message, exit code, streams."""
import os
import pathlib
import re
import subprocess
import tempfile
import unicodedata
import unittest

from harness import BINARY, Case, Database, DatabaseCase, cti, draw, environment, wait_until

NOWHERE = "postgresql://someone@127.0.0.1:1/nothing?connect_timeout=2"


class WithoutADatabase(Case):
    def test_version(self):
        done = self.assertRan(cti("--version", url=NOWHERE))
        self.assertRegex(done.out.splitlines()[0], r"^cti \d+\.\d+\.\d+")
        for library in ("libpqxx", "curl", "pugixml", "libxml2", "yaml-cpp"):
            self.assertIn(library, done.out.lower())
        self.assertEqual(cti("version", url=NOWHERE).out, done.out)

    def test_help_of_every_command_has_an_example_and_fits_80_columns(self):
        top = self.assertRan(cti("--help", url=NOWHERE))
        commands = command_names(top.out)
        for name in ("init", "sources", "collect", "export", "monitor", "stats", "inspect", "version"):
            self.assertIn(name, commands)
        below = [(group, s) for group in ("sources", "inspect", "intel") for s in command_names(cti(group, "--help").out)]
        for words in [(), *[(c,) for c in commands], *below]:
            with self.subTest(" ".join(words)):
                shown = self.assertRan(cti(*words, "--help", url=NOWHERE))
                # A line that had to be folded could not be copied.
                examples = shown.out.split("Examples:")[-1].split("\n\n")[0]
                self.assertNotRegex(examples, r"(?m)^ {6,}\S")
                self.assertEqual(shown.err, "")
                if words != ("version",):
                    self.assertIn("Examples:", shown.out)
                self.assertEqual([l for l in shown.out.splitlines() if len(l) > 80], [])
                self.assertEqual(self.assertRan(cti("help", *words, url=NOWHERE)).out, shown.out)

    def test_the_help_has_groups_and_says_where_more_is_told(self):
        shown = self.assertRan(cti("--help", url=NOWHERE)).out
        headings = re.findall(r"^(\w[\w ]*):$", shown, re.M)
        self.assertEqual(headings, ["Examples", "Collecting", "Reading", "Data in and out", "Operating", "Options", "Global options", "Learn more"])
        self.assertNotIn("\n\n\n", shown)
        for told in ("cti help COMMAND", "man cti", "docs/"):
            self.assertIn("\n  %s " % told, shown)

    def test_the_help_of_every_command_names_the_global_options(self):
        for words in (["collect"], ["sources"], ["sources", "list"], ["inspect", "feed"]):
            shown = " ".join(self.assertRan(cti(*words, "--help", url=NOWHERE)).out.split())
            self.assertIn("Global options, which 'cti --help' explains: --database-url, --config, --settings, -q, -v, --color, --log-format", shown)

    def test_the_help_is_as_wide_as_the_terminal(self):
        for columns, widest in ((60, 60), (80, 80), (120, 120), (200, 120)):
            for words in ([], ["export"], ["monitor"], ["sources", "edit"]):
                lines = draw(columns, *words, "--help", url=NOWHERE).replace("\r", "").splitlines()
                self.assertLessEqual(max(map(len, lines)), widest, (columns, words))
                if columns >= 120:
                    self.assertGreater(max(map(len, lines)), 85, (columns, words))

    def test_no_arguments_is_help_on_stderr_and_exit_2(self):
        done = cti()
        self.assertEqual((done.rc, done.raw), (2, b""), done)
        self.assertIn("collect", done.err)

    def test_unknown_words_get_a_suggestion(self):
        for args, meant in [(["colect"], "collect"), (["exprot"], "export"), (["sources", "lsit"], "list"),
                            (["collect", "--forse"], "--force"), (["export", "--formt=json"], "--format"),
                            (["collect", "--databse-url", "x"], "--database-url")]:
            with self.subTest(" ".join(args)):
                done = cti(*args, url=NOWHERE)
                self.assertRefused(done, 2, "unknown", "cti: hint: Did you mean '%s'?" % meant)

    def test_unknown_words_without_a_neighbour_point_at_the_help(self):
        self.assertRefused(cti("qqqqqqqq", url=NOWHERE), 2, "unknown command 'qqqqqqqq'", "--help")

    def test_the_help_of_an_unknown_command_is_an_unknown_command(self):
        for words in (["colect", "--help"], ["--help", "colect"], ["help", "colect"], ["sources", "lsit", "--help"]):
            with self.subTest(" ".join(words)):
                self.assertRefused(cti(*words, url=NOWHERE), 2, "unknown command", "Did you mean")

    def test_output_that_is_closed_is_exit_7_and_never_becomes_something_else(self):
        for words in (["--version"], ["version"], ["--help"], ["completion", "bash"]):
            with self.subTest(" ".join(words)):
                done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", BINARY, *words], capture_output=True, env=environment(NOWHERE))
                self.assertEqual(done.returncode, 7, done)
                self.assertIn(b"cannot write standard output", done.stderr)
        # Without any of the three: the reason cannot be told, the code can.
        done = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", BINARY, "version"], capture_output=True, env=environment(NOWHERE))
        self.assertEqual(done.returncode, 7, done)

    def test_wrong_values(self):
        for args in (["export", "--format", "jsn"], ["export", "--days", "x"],
                     ["export", "--days", "7", "--since", "7d"], ["collect", "-j", "0"], ["collect", "-j", "many"],
                     ["collect", "--fail-on", "some"], ["collect", "--timeout", "-1"], ["monitor", "--interval", "0"],
                     ["--color", "sometimes", "stats"], ["sources", "add", "only-an-id"], ["export", "surplus"]):
            with self.subTest(" ".join(args)):
                self.assertRefused(cti(*args, url=NOWHERE), 2)

    def test_what_is_wrong_is_said_in_words_of_the_command_line(self):
        for args, message, hint in [
                (["search", "--limit", "0"], "--limit must be 1 or more, not '0'", "cti search --help"),
                (["export", "--days", "x"], "--days must be a whole number, not 'x'", "cti export --help"),
                (["export", "--days", "0"], "--days must be 1 to 100000, not '0'", "cti export --help"),
                (["export", "--days", "7", "--since", "7d"], "not both", "cti export --help"),
                (["export", "--format"], "--format needs a value", "cti export --help"),
                (["export", "--order", "newes"], "--order must be one of newest, oldest, score, not 'newes' (did you mean 'newest'?)", ""),
                (["collect", "--lease", "2x"], "--lease must be seconds, or a time such as 90s, 5m or 2h, not '2x'", ""),
                (["sources", "show"], "ID is missing", "Usage: cti sources show ID"),
                (["sources", "add", "x"], "NAME is missing", "cti sources add ID NAME URL"),
                (["completion"], "SHELL is missing", "Usage: cti completion SHELL"),
                (["completion", "powershell"], "SHELL must be one of bash, zsh, fish, not 'powershell'", "cti completion --help"),
                (["sources"], "'cti sources' needs a command", "One of: "),
                (["list", "sources"], "unknown command 'list'", "Did you mean 'cti sources list'?"),
                (["sources", "export", "--bogus"], "unknown option '--bogus'", "See 'cti sources export --help'."),
                (["sources", "search"], "unknown command 'search'", "Did you mean 'cti search'?")]:
            with self.subTest(" ".join(args)):
                self.assertRefused(cti(*args, url=NOWHERE), 2, message, hint)

    def test_a_value_of_a_variable_is_blamed_on_the_variable(self):
        self.assertRefused(cti("collect", url=NOWHERE, env={"CTI_JOBS": "abc"}), 2, "CTI_JOBS must be a whole number, not 'abc'")
        self.assertRefused(cti("collect", "--jobs", "many", url=NOWHERE, env={"CTI_JOBS": "5"}), 2, "--jobs must be")

    def test_seconds_may_be_given_as_a_time(self):
        for args in (["collect", "--lease", "2m", "--db-wait", "0s"], ["collect", "--db-wait", "0", "--timeout", "1m"]):
            self.assertRefused(cti(*args, url=NOWHERE), 4, "cannot connect to the database")

    def test_the_help_tells_bounds_without_the_names_of_types(self):
        shown = self.assertRan(cti("collect", "--help", url=NOWHERE)).out
        self.assertNotIn("INT", shown)
        self.assertRegex(" ".join(shown.split()), r"--jobs N Sources at the same time \[1 to 500\]")
        self.assertNotIn("{", shown)

    def test_control_characters_of_an_argument_do_not_reach_the_terminal(self):
        self.assertRefused(cti("col\x1b[31mect\x07", url=NOWHERE), 2)

    def test_the_address_does_not_stay_in_the_process_list(self):
        for args in (["--database-url", "postgresql://u:canary@x/y"], ["--database-url=postgresql://u:canary@x/y"]):
            process = subprocess.Popen([BINARY, *args, "inspect", "feed", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env=environment())
            line = pathlib.Path("/proc/%d/cmdline" % process.pid)
            wait_until(lambda: b"***" in line.read_bytes(), what="the address to be hidden")
            self.assertNotIn(b"canary", line.read_bytes())
            process.communicate(b"<rss/>", timeout=60)

    def test_a_reader_that_goes_away_is_no_error(self):
        feed = b'<rss version="2.0"><channel><title>T</title>' + b"<item><title>A</title><link>http://a.example/x</link></item>" * 9000 + b"</channel></rss>"
        for words in (["inspect", "feed", "-"], ["inspect", "feed", "--json", "-"]):
            process = subprocess.Popen([BINARY, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(NOWHERE))
            process.stdout.close()
            process.stdin.write(feed)
            process.stdin.close()
            self.assertEqual((process.stderr.read(), process.wait(60)), (b"", 0), words)
            process.stderr.close()

    def test_the_examples_of_a_group_are_its_own(self):
        for group in ("inspect", "intel", "sources"):
            examples = self.assertRan(cti(group, "--help", url=NOWHERE)).out.split("Examples:")[1].split("Options:")[0]
            self.assertNotIn("cti collect", examples)
            self.assertIn("cti %s " % group, examples)

    def test_inspect_feed_needs_no_database(self):
        feed = (b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://example.com/</link>'
                b"<item><title>A &amp; B</title><link>/x</link><pubDate>Thu, 19 Nov 2026 12:00:00 GMT</pubDate>"
                b"<description>&lt;p&gt;text&lt;/p&gt;</description></item></channel></rss>")
        seen = self.assertRan(cti("inspect", "feed", "--json", "--url", "http://example.com/feed", "-", stdin=feed, url=NOWHERE)).json()
        self.assertEqual(seen["feed"]["title"], "T")
        entry, = seen["entries"]
        self.assertEqual((entry["title"], entry["link"], entry["published"]), ("A & B", "http://example.com/x", "2026-11-19T12:00:00Z"))


HEADINGS = ("Collecting", "Reading", "Data in and out", "Operating", "Commands")


def command_names(help_text):
    """Those below the headings of commands, in their order."""
    names, is_inside = [], False
    for line in help_text.splitlines():
        if not line.startswith(" "):
            is_inside = line.rstrip(":") in HEADINGS
        elif is_inside:
            names += re.findall(r"^  ([a-z][a-z-]*)  ", line)
    return names


class WrongDatabases(Case):
    def test_unreachable_is_exit_4_with_a_hint(self):
        for args in (["collect"], ["export"], ["stats"], ["sources", "list"], ["init", "--config", os.devnull + "x"]):
            if args[0] != "init":
                with self.subTest(args[0]):
                    done = cti(*args, url=NOWHERE)
                    self.assertRefused(done, 4, "cannot connect to the database", "cti: hint: ")

    def test_a_wrong_password_is_exit_4_and_is_never_printed(self):
        db = Database()
        self.addCleanup(db.drop)
        db.execute("DROP ROLE IF EXISTS test_pw; CREATE ROLE test_pw LOGIN PASSWORD 'the right one'")
        self.addCleanup(db.execute, "DROP ROLE test_pw")
        secret = "wr0ng-s3cret"
        for args in (["stats"], ["-vv", "stats"], ["--log-format", "json", "stats"]):
            done = cti(*args, url=db.url(user="test_pw", password=secret))
            self.assertEqual(done.rc, 4, done)
            self.assertNotIn(secret, done.err + done.out)
        done = cti("--database-url", db.url(user="test_pw", password=secret), "stats")
        self.assertEqual(done.rc, 4, done)
        self.assertNotIn(secret, done.err)
        unreachable = cti("stats", url="postgresql+asyncpg://u:%s@127.0.0.1:1/x" % secret)
        self.assertRefused(unreachable, 4)
        self.assertNotIn(secret, unreachable.err)

    def test_a_malformed_url_is_refused_without_its_password(self):
        for url in ("postgresql://u:s3cr3t-pw@[::1/x", "mysql://u:s3cr3t-pw@h/x", "sqlite:///s3cr3t-pw.db"):
            done = cti("stats", url=url)
            self.assertIn(done.rc, (2, 4), done)
            self.assertIn("cti: error: ", done.err)
            if "@" in url:
                self.assertNotIn("s3cr3t-pw", done.err)

    def test_a_database_file_that_cannot_be_read_is_exit_2(self):
        self.assertRefused(cti("stats", env={"DATABASE_URL_FILE": "/nonexistent/secret"}), 2, "/nonexistent/secret", "DATABASE_URL_FILE")

    def test_an_empty_database_is_exit_6_and_says_init(self):
        db = Database()
        self.addCleanup(db.drop)
        for args in (["collect"], ["export"], ["stats"], ["sources", "list"]):
            with self.subTest(args[0]):
                self.assertRefused(cti(*args, url=db.url()), 6, "init")

    def test_a_database_that_is_not_ours_is_exit_6_and_left_alone(self):
        db = Database()
        self.addCleanup(db.drop)
        db.execute("CREATE TABLE sources (id int, colour text); CREATE TABLE articles (id int, price numeric);"
                   " INSERT INTO articles VALUES (1, 9.5)")
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "s.yaml"
            config.write_text("sources:\n  - {id: a, name: A, url: 'http://127.0.0.1/'}\n")
            for args in (["init", "--config", config], ["collect"], ["export"]):
                with self.subTest(args[0]):
                    self.assertRefused(cti(*args, url=db.url()), 6, "sources")
        self.assertEqual(db.value("SELECT price FROM articles"), 9.5)
        self.assertEqual(db.value("SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"), 2)

    def test_a_role_without_create_is_told_what_to_grant(self):
        db = Database()
        self.addCleanup(db.drop)
        db.execute("DROP ROLE IF EXISTS test_poor; CREATE ROLE test_poor LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        self.addCleanup(db.execute, "DROP OWNED BY test_poor; DROP ROLE test_poor")
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "s.yaml"
            config.write_text("sources:\n  - {id: a, name: A, url: 'http://127.0.0.1/'}\n")
            self.assertRefused(cti("init", "--config", config, url=db.url(user="test_poor")), 4, "GRANT CREATE")

    def test_the_environment_of_the_web_service_is_understood(self):
        db = Database()
        self.addCleanup(db.drop)
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "s.yaml"
            config.write_text("sources:\n  - {id: a, name: A, url: 'http://127.0.0.1/'}\n")
            self.assertRan(cti("init", "--config", config, url=db.url().replace("postgresql://", "postgresql+asyncpg://")))
            secret = pathlib.Path(folder) / "url"
            secret.write_text(db.url() + "\n")
            self.assertRan(cti("stats", env={"DATABASE_URL_FILE": str(secret)}))
        host = {"POSTGRES_HOST": os.environ["PGHOST"], "POSTGRES_PORT": os.environ["PGPORT"], "POSTGRES_DB": db.name,
                "POSTGRES_USER": os.environ["PGUSER"]}
        self.assertRan(cti("stats", env=host))
        self.assertRan(cti("stats", env={"PGDATABASE": db.name}))
        self.assertRan(cti("stats", "--database-url", db.url(), url=NOWHERE))
        self.assertRan(cti("--database-url", db.url(), "stats", url=NOWHERE))


class Streams(DatabaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "s.yaml"
            config.write_text("sources:\n  - {id: a, name: A, url: 'http://127.0.0.1/'}\n")
            cls.init = cti("init", "--config", config, url=cls.db.url())

    def test_init_writes_no_log_to_stdout(self):
        self.assertRan(self.init)
        self.assertNotIn("cti:", self.init.out)

    def test_quiet_success_says_nothing(self):
        for args in (["-q", "collect", "--source", "a", "--dry-run"], ["collect", "-q", "--dry-run", "--source", "a"]):
            done = self.cti(*args)
            self.assertNotIn("cti: warning", done.err)
        self.db.execute("UPDATE sources SET active = false")
        done = self.assertRan(self.cti("collect", "-q"))
        self.assertEqual((done.raw, done.err), (b"", ""))

    def test_an_export_of_nothing_is_still_valid(self):
        self.assertEqual(self.assertRan(self.cti("export", "--format", "json")).json(), [])
        self.assertEqual(self.assertRan(self.cti("export", "--format", "ndjson")).raw, b"")
        self.assertEqual(self.assertRan(self.cti("export", "--format", "csv")).out.strip(),
                         "id,source_id,title,url,published_at,authors,tags,summary")

    def test_a_time_that_is_none_is_exit_2_and_says_how_to_write_one(self):
        for option in ("--since", "--until"):
            self.assertRefused(self.cti("export", option, "yesterdayish"), 2, "'yesterdayish'", "cti: hint: ")

    def test_an_unknown_source_is_exit_2_with_a_suggestion(self):
        self.db.execute("UPDATE sources SET identifier = 'cisco_talos'")
        for args in (["collect", "--source", "cisco_talso"], ["export", "--source", "cisco_talso"],
                     ["sources", "disable", "cisco_talso"], ["sources", "show", "cisco_talso"]):
            with self.subTest(" ".join(args)):
                self.assertRefused(self.cti(*args), 2, "'cisco_talso'", "Did you mean 'cisco_talos'?")
        self.db.execute("UPDATE sources SET identifier = 'a'")

    def test_no_colour_in_a_pipe_and_colour_on_request(self):
        plain = self.cti("sources", "list")
        self.assertNotIn("\x1b", plain.out + plain.err)
        self.assertNotIn("\x1b", self.cti("sources", "list", env={"NO_COLOR": "1"}).out)

    def on_a_terminal(self, columns, *args, **env):
        return draw(columns, *args, url=self.db.url(), **env)

    def test_a_table_on_a_terminal_is_aligned_and_as_wide_as_it(self):
        self.db.execute("UPDATE sources SET name = '%s'" % ("日本語の名前 " * 20))
        drawn = self.on_a_terminal(80, "sources", "list", NO_COLOR="1")
        self.db.execute("UPDATE sources SET name = 'A'")
        self.assertNotIn("\t", drawn)
        self.assertNotIn("\x1b", drawn)
        for line in drawn.splitlines():
            width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
            self.assertLessEqual(width, 80, line)

    def test_reasons_and_remedies_are_never_cut(self):
        words = "the first word and forty more that tell what to do about it at https://example.org/a/long/address and the last word"
        self.db.execute("UPDATE sources SET consecutive_failures = 2, last_check = now(); INSERT INTO source_checks (source_id, check_time, success, "
                        "method, articles_found, error_message) SELECT id, now(), false, 'rss', 0, '%s' FROM sources" % words)
        self.addCleanup(self.db.execute, "UPDATE sources SET consecutive_failures = 0, last_check = NULL; DELETE FROM source_checks")
        for columns in (60, 80, 120, 200):
            for args, wanted in ((["doctor"], "Run 'cti monitor' or a cron line with 'cti collect'."), (["sources", "show", "a"], words),
                                 (["sources", "list"], words)):
                with self.subTest(columns, args=args):
                    lines = self.on_a_terminal(columns, *args, NO_COLOR="1").splitlines()
                    self.assertLessEqual(max(map(len, lines)), columns)
                    # The column that is wrapped is the last one: what stands left of it goes on as blanks.
                    text = " ".join(" ".join(lines).split())
                    for word in wanted.split():
                        self.assertIn(word, text.replace(" ", "") if "://" in word else text)
                    self.assertNotIn("cti collect…", text)
        drawn = self.on_a_terminal(80, "doctor")
        self.assertIn("\x1b[33mwarn\x1b[0m", drawn)
        self.assertRegex(drawn, r"\d+ things? needs? attention. The settings: cti doctor --env")
        self.assertNotIn("CTI_JOBS", drawn)

    def test_logs_are_json_on_request(self):
        import json
        done = self.cti("--log-format", "json", "collect", "--source", "nosuch")
        for line in done.err.splitlines():
            self.assertIsInstance(json.loads(line), dict)

    def test_odd_text_is_data_and_never_a_command_to_the_terminal(self):
        self.db.execute("""UPDATE sources SET name = E'Evil \\x1b[2J\\x1b]0;title\\x07 \\u202e name \\u009b31m'""")
        for args in (["sources", "list"], ["sources", "show", "a"]):
            out = self.assertRan(self.cti(*args)).out
            self.assertNotRegex(out, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
        self.assertIn("\\u001b", self.assertRan(self.cti("sources", "list", "--format", "json")).out)


if __name__ == "__main__":
    unittest.main()
