"""Reading what was collected: `articles`, `show`, `next`, `open`."""
import fcntl
import os
import pathlib
import pty
import pwd
import re
import struct
import subprocess
import tempfile
import termios
import unicodedata

from harness import BINARY, Database, LabCase, TIMEOUT_S, cti, environment


def on_a_terminal(columns, *args, url, env=None):
    """What the tool draws on a terminal of this width, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BINARY, *map(str, args)], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env=environment(url, **{"TERM": "xterm", "PAGER": "cat", **(env or {})}))
    os.close(theirs)
    drawn = b""
    try:
        while chunk := os.read(ours, 65536):
            drawn += chunk
    except OSError:
        pass
    os.close(ours)
    return drawn.decode().replace("\r\n", "\n"), process.wait(TIMEOUT_S)


class Reading(LabCase):
    lab_options = dict(sources=3, entries=12)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collected = cti("collect", url=cls.db.url())
        cls.exported = cti("export", url=cls.db.url()).json()
        cls.articles = {a["id"]: a for a in cls.exported}

    def listed(self, *args):
        return self.assertRan(self.cti("articles", "--format", "json", *args)).json()

    def terminal(self, columns, *args, **env):
        drawn, code = on_a_terminal(columns, *args, url=self.db.url(), env=env)
        self.assertEqual(code, 0, drawn)
        return drawn


class Articles(Reading):
    def test_they_are_those_of_export_in_its_order_with_counts_by_type(self):
        listed = self.listed()
        self.assertEqual([a["id"] for a in listed], [a["id"] for a in self.exported])
        for article in listed:
            self.assertEqual(list(article), ["id", "source_id", "source", "title", "url", "published_at", "threat_hunting_score", "indicators", "read_at"])
            types = [i["type"] for i in self.articles[article["id"]]["indicators"]]
            self.assertEqual(article["indicators"], {t: types.count(t) for t in types})

    def test_latest_is_the_same_command(self):
        for args in ([], ["--limit", "3"], ["--format", "json", "--source", "feedlab_001"]):
            self.assertEqual(self.assertRan(self.cti("latest", *args)).raw, self.assertRan(self.cti("articles", *args)).raw)

    def test_the_selection_is_that_of_export(self):
        for args in (["--source", "feedlab_002"], ["--min-score", "50"], ["--days", "20"], ["--order", "score", "--limit", "4"], ["--query", "loader"],
                     ["--until", "10d", "--order", "oldest"]):
            with self.subTest(" ".join(args)):
                self.assertEqual([a["id"] for a in self.listed(*args)], [a["id"] for a in self.assertRan(self.cti("export", *args)).json()])
        self.assertRefused(self.cti("articles", "--source", "feedlab_01"), 2, "Did you mean 'feedlab_001'?")

    def test_into_a_pipe_go_all_of_them_in_lines_of_tabs(self):
        lines = self.assertRan(self.cti("articles")).out.splitlines()
        self.assertEqual(lines[0].split("\t"), ["ID", "PUBLISHED", "SCORE", "SOURCE", "TITLE", "URL", "INDICATORS", "READ"])
        self.assertEqual(len(lines), 1 + len(self.articles))
        self.assertEqual({len(l.split("\t")) for l in lines}, {8})
        ids = self.assertRan(self.cti("articles", "--format", "ids")).out.split()
        self.assertEqual([int(i) for i in ids], [a["id"] for a in self.exported])

    def test_a_terminal_shows_the_first_twenty_and_whole_ids(self):
        for columns in (60, 80, 120, 200):
            drawn = self.terminal(columns, "articles", "--color", "never")
            for article in self.exported[:20]:
                self.assertRegex(drawn, r"(?m)^ *%d  " % article["id"])
            self.assertNotRegex(drawn, r"(?m)^ *%d  " % self.exported[20]["id"])
            self.assertIn("the first 20; there are more, see --limit", drawn)
            for line in drawn.splitlines():
                self.assertLessEqual(len(line), columns)

    def test_nothing_is_told_apart_from_nothing_yet(self):
        self.assertIn("nothing found", self.assertRan(self.cti("articles", "--query", "nowhereatall")).err)
        empty = Database()
        self.addCleanup(empty.drop)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=empty.url()))
        done = self.assertRan(cti("articles", url=empty.url()))
        self.assertIn("no articles yet", done.err)
        self.assertIn("cti collect", done.err)
        self.assertEqual(self.assertRan(cti("articles", "--format", "json", url=empty.url())).json(), [])

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        done = subprocess.run(["bash", "-c", "set -o pipefail; '%s' articles | head -n 1" % BINARY], env=environment(self.db.url()),
                              capture_output=True, text=True, timeout=TIMEOUT_S)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


HARMFUL = re.compile("[\\x00-\\x08\\x0b-\\x1a\\x1c-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
NASTY = "\u202egnp.exe \x1b[2J\x1b]0;title\x07 \u009b31m \u6f22\u5b57"


class Show(Reading):
    def setUp(self):
        super().setUp()
        self.one = self.exported[0]

    def show(self, *args, **more):
        return self.assertRan(self.cti("show", self.one["id"], *args, **more))

    def test_it_says_title_source_time_text_indicators_and_why_it_is_there(self):
        page = self.show().out
        self.assertTrue(page.startswith(self.one["title"] + "\n"))
        for word in (self.one["source"], self.one["url"], self.one["published_at"][:10], *self.one["authors"], "a new entry of the feed"):
            self.assertIn(word, page)
        plain = re.sub(r"\[(.)\]", r"\1", page).replace("hxxp", "http")
        for line in self.one["content"].splitlines():
            if "\t" not in line and "   " not in line and "[" not in line and "hxxp" not in line:
                self.assertIn(line.strip(), plain)
        for indicator in self.one["indicators"]:
            if indicator["type"] in ("ipv4", "domain"):
                self.assertIn("    %s" % indicator["value"].replace(".", "[.]"), page)
                self.assertNotIn(indicator["value"], page)

    def test_an_address_shows_the_same_as_its_id(self):
        page = re.sub(r", [^,\n]* ago", "", self.show().out)
        for which in (self.one["url"], self.one["url"].replace("http", "hxxp").replace(".", "[.]")):
            self.assertEqual(re.sub(r", [^,\n]* ago", "", self.assertRan(self.cti("show", which)).out), page)

    def test_json_is_the_object_of_export_and_more(self):
        shown = self.show("--json").json()
        self.assertEqual({k: shown[k] for k in self.one if k != "indicators"}, {k: v for k, v in self.one.items() if k != "indicators"})
        self.assertEqual([i for i in shown["indicators"] if i["verdict"] is None], self.one["indicators"])
        self.assertEqual(list(shown)[len(self.one):], ["near_duplicates", "origin", "analyses"])
        self.assertEqual(shown["origin"]["method"], "rss")

    def test_raw_is_the_text_as_it_was_stored(self):
        self.assertEqual(self.show("--raw").out, self.one["content"] + "\n")

    def test_the_forms_exclude_each_other(self):
        self.assertRefused(self.cti("show", self.one["id"], "--json", "--raw"), 2)
        self.assertRefused(self.cti("show"), 2)
        self.assertRefused(self.cti("show", "4711"), 2, "there is no article 4711", "cti articles")

    def test_a_terminal_gets_lines_that_fit_and_nothing_that_steers_it(self):
        db = Database(template=self.db.name)
        self.addCleanup(db.drop)
        db.execute("UPDATE public.articles SET title = title || '%s', content = content || E'\\n\\n' || '%s' WHERE id = %d" % (NASTY, NASTY, self.one["id"]))
        for columns in (60, 80, 120, 200):
            for args in (["--color", "never"], ["--raw"], ["--markdown"], ["--color", "never", "--no-pager"]):
                with self.subTest("%d %s" % (columns, args)):
                    drawn, code = on_a_terminal(columns, "show", self.one["id"], *args, url=db.url())
                    self.assertEqual(code, 0, drawn)
                    self.assertIn("\\x1b[2J", drawn.replace("\\\\", "\\").replace("\\[", "["))
                    self.assertIsNone(HARMFUL.search(drawn), drawn)
                    self.assertNotIn("\x1b", drawn)
                    if "never" in args:
                        for line in drawn.splitlines():
                            self.assertLessEqual(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line), columns, line)

    def test_the_pager_is_the_one_that_was_named_and_sees_the_text_only(self):
        with tempfile.TemporaryDirectory() as folder:
            pager = pathlib.Path(folder) / "pager"
            pager.write_text("#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" >'{0}/args'\ncat >'{0}/text'\n".format(folder))
            pager.chmod(0o755)
            for named, args in ((str(pager), "0|"), ("%s -a  b" % pager, "2|-a|b|"), ("%s 'a b' | cat" % pager, "1|a b|")):
                drawn = self.terminal(80, "show", self.one["id"], "--color", "never", PAGER=named)
                self.assertEqual(drawn, "")
                self.assertEqual((pathlib.Path(folder) / "args").read_text(), args)
                self.assertTrue((pathlib.Path(folder) / "text").read_text().startswith(self.one["title"].split()[0]))

    def test_less_is_told_of_colours_and_of_utf8_unless_the_user_has_said_otherwise(self):
        told = "sh -c 'echo \"$LESS/$LESSCHARSET\"; cat >/dev/null'"
        self.assertEqual(self.terminal(80, "show", self.one["id"], PAGER=told), "FRX/utf-8\n")
        self.assertEqual(self.terminal(80, "show", self.one["id"], PAGER=told, LESS="-i", LESSCHARSET="latin1"), "-i/latin1\n")

    def test_without_a_pager_that_can_be_run_it_goes_to_the_terminal(self):
        for named in ("", "cat", "/nonexistent/pager", "/nonexistent/pager 'a b'"):
            drawn = self.terminal(200, "show", self.one["id"], "--color", "never", PAGER=named)
            self.assertIn("Where it comes from", drawn, named)
        self.assertIn("Where it comes from", self.terminal(200, "show", self.one["id"], "--no-pager", PAGER="true"))
        self.assertEqual(self.terminal(200, "show", self.one["id"], PAGER="true"), "")  # It has seen enough.

    def test_nearly_the_same_articles_are_named(self):
        other = self.exported[1]
        self.db.execute("INSERT INTO cti.near_duplicates (article_id, first_article_id, distance) VALUES (%d, %d, 1)" % (other["id"], self.one["id"]))
        self.addCleanup(self.db.execute, "DELETE FROM cti.near_duplicates WHERE article_id = %d" % other["id"])
        self.assertRegex(self.show().out, r"(?m)^Nearly the same\n  %d  .*%s" % (other["id"], re.escape(other["title"])))
        self.assertEqual([a["id"] for a in self.show("--json").json()["near_duplicates"]], [other["id"]])


class Marks(Reading):
    def setUp(self):
        super().setUp()
        self.db.execute("DELETE FROM cti.read_marks")
        self.best = sorted(self.exported, key=lambda a: (a["threat_hunting_score"], a["published_at"], a["id"]), reverse=True)

    def next(self, *args):
        return self.assertRan(self.cti("next", *args))

    def unread(self, *args):
        return [a["id"] for a in self.listed("--new", *args)]

    def test_next_goes_through_all_by_score_and_then_by_time(self):
        for place, article in enumerate(self.best):
            done = self.next("--as", "anna", "--json")
            self.assertEqual(done.json()["id"], article["id"])
            rest = len(self.best) - place - 1
            self.assertIn("%d article%s more unread by 'anna'" % (rest, "" if rest == 1 else "s") if rest else "last one that is unread by 'anna'", done.err)
        done = self.next("--as", "anna", "--json")
        self.assertEqual((done.raw, self.unread("--as", "anna")), (b"", []))
        self.assertIn("nothing is unread by 'anna'", done.err)
        self.assertIn("nothing is unread by 'anna'", self.assertRan(self.cti("articles", "--new", "--as", "anna")).err)
        self.assertEqual(self.next("--as", "ben", "--json").json()["id"], self.best[0]["id"])

    def test_next_takes_a_selection_and_can_leave_no_mark(self):
        of_source = [a for a in self.best if a["source"] == "feedlab_002"]
        for _ in range(2):
            self.assertEqual(self.next("--source", "feedlab_002", "--keep-unread", "--json").json()["id"], of_source[0]["id"])
        page = self.next("--source", "feedlab_002").out
        self.assertTrue(page.startswith(of_source[0]["title"]))
        self.assertEqual(self.next("--source", "feedlab_002", "--json").json()["id"], of_source[1]["id"])

    def test_the_name_is_the_users_unless_another_is_given(self):
        self.next("--json")
        self.assertEqual(self.db.value("SELECT reader FROM cti.read_marks"), pwd.getpwuid(os.geteuid()).pw_name)
        self.assertRan(self.cti("next", "--json", env={"CTI_READER": "team"}))
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.read_marks WHERE reader = 'team'"), 1)
        for name in ("a\nb", "\x1b[31m", " ", "x" * 300):
            self.assertRefused(self.cti("next", "--as", name), 2, "--as")

    def test_a_terminal_reads_and_a_pipe_does_not(self):
        one, two, three = (a["id"] for a in self.exported[:3])
        self.assertRan(self.cti("show", one))
        self.assertEqual(len(self.unread()), len(self.exported))
        self.terminal(80, "show", one)
        self.terminal(80, "show", two, "--keep-unread")
        self.assertRan(self.cti("show", three, "--as", "anna"))
        self.assertEqual(self.unread(), [a["id"] for a in self.exported if a["id"] != one])
        self.assertEqual(self.unread("--as", "anna"), [a["id"] for a in self.exported if a["id"] != three])
        self.assertEqual([a["id"] for a in self.listed() if a["read_at"]], [one])

    def test_a_selection_is_marked_at_once_and_back(self):
        done = self.assertRan(self.cti("articles", "--source", "feedlab_001", "--mark", "read", "--as", "anna"))
        of_source = [a["id"] for a in self.exported if a["source"] == "feedlab_001"]
        self.assertEqual((done.raw, done.err), (b"", "cti: %d articles marked as read by 'anna'\n" % len(of_source)))
        self.assertEqual(set(self.unread("--as", "anna")) & set(of_source), set())
        self.assertIn("%d articles marked as unread" % len(of_source), self.assertRan(self.cti("articles", "--mark", "unread", "--as", "anna")).err)
        self.assertEqual(len(self.unread("--as", "anna")), len(self.exported))

    def test_who_may_not_write_may_still_read(self):
        user = "cti_test_poor_%d" % os.getpid()
        self.db.execute("CREATE ROLE %s LOGIN; GRANT USAGE ON SCHEMA public, cti TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA public, cti TO %s" % (user, user, user))
        self.addCleanup(self.db.execute, "DROP OWNED BY %s; DROP ROLE %s" % (user, user))
        done = self.assertRan(self.cti("show", self.exported[0]["id"], "--as", "anna", url=self.db.url(user=user)))
        self.assertIn("cti: warning: cannot note that it was read: ", done.err)
        self.assertTrue(done.out.startswith(self.exported[0]["title"]))


class Open(Reading):
    def setUp(self):
        super().setUp()
        self.db.execute("DELETE FROM cti.read_marks")
        folder = tempfile.TemporaryDirectory(prefix="cti-open-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.one = self.exported[0]

    def program(self, name, code=0):
        path = self.folder / name
        path.write_text("#!/bin/sh\nprintf '%%s\\n' \"$@\" >'%s/words'\nexit %d\n" % (self.folder, code))
        path.chmod(0o755)
        return str(path)

    def open(self, *args, **env):
        return self.cti("open", *args, env=env)

    def words(self):
        return (self.folder / "words").read_text().splitlines()

    def test_the_browser_gets_the_address_as_one_word(self):
        self.assertRan(self.open(self.one["id"], BROWSER=self.program("browser")))
        self.assertEqual(self.words(), [self.one["url"]])
        self.assertRan(self.open(self.one["id"], BROWSER="/nonexistent/a:%s --new  --url=%%s x" % self.program("browser")))
        self.assertEqual(self.words(), ["--new", "--url=" + self.one["url"], "x"])

    def test_without_browser_it_is_xdg_open(self):
        self.program("xdg-open")
        self.assertRan(self.open(self.one["id"], PATH="%s:%s" % (self.folder, os.environ["PATH"])))
        self.assertEqual(self.words(), [self.one["url"]])

    def test_no_shell_ever_reads_an_address(self):
        url = "http://x.example/$(touch%%20x);touch '%s/made'`id`&a=\"b\" | x" % self.folder
        self.change(url)
        self.assertRan(self.open(self.one["id"], BROWSER=self.program("browser")))
        word, = self.words()
        self.assertTrue(word.startswith("http://x.example/$(touch%"), word)
        self.assertNotRegex(word, r"[\s\"`<>]")
        self.assertFalse((self.folder / "made").exists())

    def change(self, url):
        self.db.execute("UPDATE public.articles SET canonical_url = '%s' WHERE id = %d" % (url.replace("'", "''"), self.one["id"]))
        self.addCleanup(self.db.execute, "UPDATE public.articles SET canonical_url = '%s' WHERE id = %d" % (self.one["url"], self.one["id"]))

    def test_only_addresses_of_the_web_are_opened(self):
        for url in ("javascript:alert(1)", "file:///etc/passwd", "ftp://x.example/", "--help", "http://", "http://user:pw@x.example/", "http://x.example/\n--y", ""):
            with self.subTest(url):
                self.change(url)
                self.assertRefused(self.open(self.one["id"], BROWSER=self.program("browser")), 1, "none of the web", "cti show %d" % self.one["id"])
                self.assertRefused(self.open(self.one["id"], "--print"), 1, "none of the web")
        self.assertFalse((self.folder / "words").exists())

    def test_print_writes_the_address_and_marks_nothing(self):
        self.assertEqual(self.assertRan(self.open(self.one["id"], "--print", BROWSER="/nonexistent/x")).out, self.one["url"] + "\n")
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.read_marks"), 0)
        self.assertRan(self.open(self.one["id"], "--as", "anna", BROWSER=self.program("browser")))
        self.assertEqual(self.db.value("SELECT reader FROM cti.read_marks"), "anna")

    def test_a_browser_that_is_not_there_or_fails_is_told(self):
        self.assertRefused(self.open(self.one["id"], BROWSER="/nonexistent/x"), 1, "there is no browser", "--print")
        self.assertRefused(self.open(self.one["id"], BROWSER=self.program("broken", 3)), 1, "ended with 3", "--print")
        self.assertRefused(self.open("4711"), 2, "there is no article 4711")
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.read_marks"), 0)
