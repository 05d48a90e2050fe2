"""Reading what was collected: `articles`."""
import fcntl
import os
import pty
import struct
import subprocess
import termios

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
            self.assertEqual(list(article), ["id", "source_id", "source", "title", "url", "published_at", "threat_hunting_score", "indicators"])
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
        self.assertEqual(lines[0].split("\t"), ["ID", "PUBLISHED", "SCORE", "SOURCE", "TITLE", "URL", "INDICATORS"])
        self.assertEqual(len(lines), 1 + len(self.articles))
        self.assertEqual({len(l.split("\t")) for l in lines}, {7})
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
