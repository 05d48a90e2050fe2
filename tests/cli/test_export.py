"""Exports beyond the plain ones: what they hold, where they go, and that nothing is lost or doubled."""
import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile

import harness
from harness import LabCase, cti, draw
from wire import Wire

csv.field_size_limit(10_000_000)
NASTY = ["say \"yes\"", "two\nlines\r\nand\rmore", "\x01\x1b[31m", "\u202edesrever", "\U0001f98a", "]]>", "</script><script>alert(1)</script>",
         "=1+1", "+1", "-1", "@x", "\tx", "[/usr/bin]", "'x", "\\", ";,|", "{{7*7}}", "\u2028\u2029", "a" * 5_000_000]


class Export(LabCase):
    lab_options = dict(sources=5, entries=20)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collected = cti("collect", url=cls.db.url())
        cls.truth = cls.lab.truth()
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="cti-export-")))

    def export(self, *args, **more):
        return self.assertRan(self.cti("export", *args, **more))

    def add_article(self, n, title="late", content="text"):
        """As the web service writes one. Returns its id."""
        return int(self.db.execute("""
            INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata, discovered_at, processing_status, word_count, created_at, updated_at)
            SELECT id, 'https://late.example/%d', $t$%s$t$, now(), '[]', '[]', $t$%s$t$, md5('%d') || md5('%d'), '{}', now(), 'pending', 0, now(), now()
            FROM public.sources ORDER BY id LIMIT 1 RETURNING id""" % (n, title, content, n, n)))

    def remove_added(self):
        self.db.execute("DELETE FROM public.articles WHERE canonical_url LIKE 'https://late.example/%'")

    def test_a_terminal_gets_nothing_that_it_would_obey(self):
        self.addCleanup(self.remove_added)
        self.add_article(77, title="a\x1b[31mred\x07 \u202eleft")
        for args in (["--format", "csv"], ["--format", "ndjson"], ["--format", "markdown"]):
            drawn = draw(200, "export", "--order", "newest", "--limit", "1", *args, url=self.db.url())
            for raw in "\x1b\x07\u202e":
                self.assertNotIn(raw, drawn, args)
            self.assertIn("red", drawn)
        self.assertIn("\x1b[31mred\x07 \u202eleft", self.export("--order", "newest", "--limit", "1", "--format", "csv").raw.decode())  # a file gets what is there

    # --- what is in it -------------------------------------------------------------------------------

    def test_articles_carry_their_indicators(self):
        for article in self.export("--marked").json():
            expected = self.truth[article["url"]]["indicators"]
            for kind in ("ipv4", "domain", "sha256", "cve"):
                got = {i["value"] for i in article["indicators"] if i["type"] == kind}
                self.assertEqual(got, set(expected[kind]), article["url"])
            for i in article["indicators"]:
                self.assertEqual(list(i), ["type", "value", "original", "start", "end", "in_title", "defanged", "count", "verdict"])
                if not i["in_title"]:
                    self.assertEqual(article["content"].encode()[i["start"]:i["end"]].decode(), i["original"])

    def test_fields_are_those_asked_for_in_their_order(self):
        for article in self.export("--fields", "title,id,word_count").json():
            self.assertEqual(list(article), ["title", "id", "word_count"])
        rows = list(csv.reader(io.StringIO(self.export("--format", "csv", "--fields", "url,threat_hunting_score").out, newline="")))
        self.assertEqual(rows[0], ["url", "threat_hunting_score"])
        self.assertEqual({r[0] for r in rows[1:]}, set(self.truth))
        self.assertRefused(self.cti("export", "--fields", "titel"), 2, "Did you mean 'title'?")
        for article in self.export("--no-content").json():
            self.assertIsNone(article["content"])
            self.assertEqual(len(article), 14)

    def test_indicators_by_themselves(self):
        lines = [json.loads(l) for l in self.export("--of", "indicators", "--format", "ndjson").out.splitlines()]
        articles = {a["id"]: a for a in self.export().json()}
        self.assertEqual(sorted((l["article_id"], l["type"], l["value"]) for l in lines),
                         sorted((a["id"], i["type"], i["value"]) for a in articles.values() for i in a["indicators"]))
        self.assertTrue(all(l["sentence"] and l["verdict"] is None for l in lines))
        self.assertEqual(len(self.export("--of", "indicators").json()), len(lines))
        only = self.export("--of", "indicators", "--type", "ipv4,cve", "--format", "csv").out
        self.assertEqual({r["type"] for r in csv.DictReader(io.StringIO(only, newline=""))}, {"ipv4", "cve"})
        marked = self.export("--of", "indicators", "--marked").json()
        self.assertGreaterEqual(len(marked), len(lines))
        self.assertEqual(len([m for m in marked if m["verdict"] is None]), len(lines))
        self.assertRefused(self.cti("export", "--type", "ipv5"), 2, "Did you mean 'ipv")
        self.assertRefused(self.cti("export", "--of", "indicators", "--fields", "id"), 2, "unknown field 'id'")

    def test_selection_is_the_same_for_all(self):
        everything = self.export().json()
        self.assertEqual([a["id"] for a in self.export("--order", "oldest").json()], [a["id"] for a in everything][::-1])
        tagged = [a["id"] for a in everything if any(t.lower() == "apt" for t in a["tags"])]
        self.assertEqual([a["id"] for a in self.export("--tag", "APT").json()], tagged)
        self.assertTrue(tagged)
        scored = [a["id"] for a in everything if (a["threat_hunting_score"] or 0) >= 50]
        self.assertEqual([a["id"] for a in self.export("--min-score", "50").json()], scored)
        self.assertEqual([a["id"] for a in self.export("--min-score", "50", "--limit", "2").json()], scored[:2])
        self.assertEqual(self.export("--by", "discovered", "--days", "1").json(), everything)
        self.assertEqual(self.export("--by", "discovered", "--until", "1d").json(), [])

    def test_byte_order_mark_and_formulas(self):
        self.assertTrue(self.export("--format", "csv", "--bom").raw.startswith(b"\xef\xbb\xbfid,"))
        self.assertTrue(self.export("--format", "csv").raw.startswith(b"id,"))

    def test_whatever_an_article_holds_comes_back_from_its_reader(self):
        ids = [self.add_article(1000 + n, title="n%d " % n + text[:400].replace("\x00", ""), content=text) for n, text in enumerate(NASTY)]
        try:
            chosen = "\n".join(map(str, ids)).encode()
            by_id = {a["id"]: a for a in self.export("--ids", "-", stdin=chosen).json()}
            lines = {a["id"]: a for a in map(json.loads, self.export("--format", "ndjson", "--ids", "-", stdin=chosen).raw.split(b"\n")[:-1])}
            rows = list(csv.DictReader(io.StringIO(self.export("--format", "csv", "--csv-raw", "--fields", "id,content", "--ids", "-", stdin=chosen).out, newline="")))
            cells = {int(r["id"]): r["content"] for r in rows}
            for article_id, text in zip(ids, NASTY):
                self.assertEqual(by_id[article_id]["content"], text)
                self.assertEqual(lines[article_id]["content"], text)
                self.assertEqual(cells[article_id], text)
        finally:
            self.remove_added()

    def test_the_same_selection_gives_the_same_bytes_whatever_the_locale_and_zone(self):
        for args in (["--format", "json"], ["--format", "csv"], ["--of", "indicators", "--format", "ndjson"], ["--gzip"], ["--zstd"]):
            first = self.export(*args, env={"LC_ALL": "C", "TZ": "UTC"}).raw
            for env in ({"LC_ALL": "C.UTF-8", "TZ": "America/St_Johns"}, {"LC_ALL": "de_DE.UTF-8", "PGTZ": "Asia/Tokyo", "TZ": "Asia/Kathmandu"}):
                self.assertEqual(self.export(*args, env=env).raw, first, args)

    # --- where it goes -------------------------------------------------------------------------------

    def test_compressed_by_option_and_by_name(self):
        plain = self.export().raw
        self.assertEqual(gzip.decompress(self.export("--gzip").raw), plain)
        path = self.folder / "all.json.gz"
        self.export("-o", path)
        self.assertEqual(gzip.decompress(path.read_bytes()), plain)
        path = self.folder / "all.json.zst"
        self.export("-o", path)
        unpacked = subprocess.run(["zstd", "-dc", path], capture_output=True, timeout=60)
        self.assertEqual((unpacked.returncode, unpacked.stdout), (0, plain))
        self.assertRefused(self.cti("export", "--gzip", "--zstd"), 2, "--zstd")

    def test_the_end_of_a_name_is_the_format_where_none_is_given(self):
        for name, given in (("o.csv", "csv"), ("o.ndjson.gz", "ndjson"), ("o.jsonl", "ndjson"), ("O.JSONL", "ndjson"), ("o.md", "markdown"), ("o.txt", "json"), ("o", "json")):
            plain, named = self.folder / name, self.folder / ("given-" + name)
            self.export("-o", plain)
            self.export("--format", given, "-o", named)
            if given != "markdown":  # It tells when it was made.
                self.assertEqual(plain.read_bytes(), named.read_bytes(), name)
        self.assertTrue((self.folder / "o.md").read_text().startswith("#"))
        self.export("--format", "json", "-o", self.folder / "o.csv")
        self.assertTrue((self.folder / "o.csv").read_text().startswith("["))

    def test_an_ending_that_is_nearly_that_of_a_format_is_refused(self):
        for name, meant in (("o.cvs", "csv"), ("o.CVS.gz", "csv"), ("o.jsn", "json"), ("o.htm", "html")):
            done = self.cti("export", "-o", self.folder / name)
            self.assertRefused(done, 2, "no format has files with the ending of", "Did you mean '.%s'?" % meant)
            self.assertFalse((self.folder / name).exists())
        for name in ("o.log", "o.text", "o.yaml", "o.2026-11-30", "o.d/o", "o.x"):  # These tell nothing of a format.
            (self.folder / name).parent.mkdir(exist_ok=True)
            self.export("-o", self.folder / name)
            self.assertTrue((self.folder / name).read_text().startswith("["), name)
        self.export("--format", "json", "-o", self.folder / "o.cvs")

    def test_a_file_for_each_article(self):
        folder = self.folder / "each"
        self.export("--output-dir", folder)
        names = sorted(p.name for p in folder.iterdir())
        self.assertEqual(len(names), 100)
        for name in names:
            self.assertRegex(name, r"^\d{4}-\d\d-\d\d-[a-z0-9-]+-\d+\.json$")
            self.assertEqual(len(json.loads((folder / name).read_text())), 1)
        before = {p.name: (p.read_bytes()) for p in folder.iterdir()}
        self.export("--output-dir", folder)
        self.assertEqual({p.name: p.read_bytes() for p in folder.iterdir()}, before)
        self.assertRefused(self.cti("export", "--output-dir", folder, "-o", "x"), 2, "exclude each other")
        self.assertRefused(self.cti("export", "--output-dir", folder / names[0] / "x"), 7, "cannot make the folder")

    def test_titles_are_no_paths(self):
        one = self.add_article(1, title="../../../etc/passwd\\..\\x: <y>|?*")
        try:
            folder = self.folder / "safe"
            self.export("--output-dir", folder, "--ids", "-", stdin=str(one).encode())
            self.assertRegex([p.name for p in folder.iterdir()][0], r"^\d{4}-\d\d-\d\d-feedlab-000-etc-passwd-x-y-\d+\.json$")
        finally:
            self.remove_added()

    def test_what_cannot_be_written_leaves_the_old_file(self):
        path = self.folder / "old.json"
        path.write_text("old")
        for args, code in ((["--format", "nonsense"], 2), (["--query", "(x"], 2), (["--source", "nobody"], 2)):
            self.assertRefused(self.cti("export", "-o", path, *args), code)
        self.assertEqual(path.read_text(), "old")
        self.assertRefused(self.cti("export", "-o", self.folder / "none" / "x.json"), 7, "no such file or directory")
        for name in ("/dev/full", "/dev/full.gz"):
            if os.path.exists(name):
                self.assertRefused(self.cti("export", "-o", name), 7, "no space left")
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".")], [])

    def url_of(self, wire):
        return "postgresql://%s@127.0.0.1:%d/%s" % (os.environ["PGUSER"], wire.port, self.db.name)

    def old_file(self, name):
        """A file alone in its folder."""
        path = self.folder / name / "old.json"
        path.parent.mkdir()
        path.write_text("old")
        return path

    @contextlib.contextmanager
    def blocked_export(self, *args, url=None, **more):
        """An export that has begun, and waits for the articles."""
        waits = "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'public.articles'::regclass AND granted = %s AND mode = '%s'"
        with subprocess.Popen(["psql", "-qX", "-d", self.db.url()], stdin=subprocess.PIPE) as holder:
            try:
                holder.stdin.write(b"BEGIN; LOCK TABLE public.articles;\n")
                holder.stdin.flush()
                harness.wait_until(lambda: self.db.value(waits % (True, "AccessExclusiveLock")), what="the lock")
                process = harness.start_cti("export", *args, url=url or self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
                harness.wait_until(lambda: self.db.value(waits % (False, "AccessShareLock")), what="the export")
                yield process
            finally:
                holder.stdin.close()

    def test_an_export_that_is_killed_leaves_the_old_file_and_nothing_else(self):
        path = self.old_file("dies")
        with self.blocked_export("-o", path) as process:
            process.kill()
            self.assertEqual(process.communicate(timeout=harness.TIMEOUT_S), (b"", b""))
        self.assertEqual([(p.name, p.read_text()) for p in path.parent.iterdir()], [("old.json", "old")])

    def test_a_database_that_goes_away_leaves_the_old_file(self):
        wire = Wire().open()
        path = self.old_file("cut")
        with self.blocked_export("--new-since-last", "cut", "-o", path, url=self.url_of(wire), env={"PGSSLMODE": "disable"}) as process:
            wire.cut()
            err = process.communicate(timeout=harness.TIMEOUT_S)[1].decode()
        self.assertEqual(process.returncode, 4, err)
        self.assertEqual(self.db.rows("SELECT * FROM cti.export_cursors WHERE name = 'cut'"), [])
        self.assertEqual([(p.name, p.read_text()) for p in path.parent.iterdir()], [("old.json", "old")])

    def test_a_database_that_goes_away_while_it_answers_does_not_move_the_cursor(self):
        wire = Wire().open()
        process = harness.start_cti("export", "--new-since-last", "gone", url=self.url_of(wire), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    env={"PGSSLMODE": "disable"})
        process.stdout.read(1)
        wire.cut()
        err = process.communicate(timeout=harness.TIMEOUT_S)[1].decode()
        if process.returncode == 0:
            self.skipTest("all was read before the connection was cut")
        self.assertEqual(process.returncode, 4, err)
        self.assertEqual(self.db.rows("SELECT * FROM cti.export_cursors WHERE name = 'gone'"), [])

    def test_another_database_may_be_read(self):
        copy = harness.Database()
        self.addCleanup(copy.drop)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=copy.url()))
        self.assertEqual(self.export("--read-database-url", copy.url()).json(), [])
        self.assertEqual(self.export(env={"CTI_READ_DATABASE_URL": copy.url()}).json(), [])

    # --- only what is new ----------------------------------------------------------------------------

    def new(self, name, *args, **more):
        return [a["id"] for a in self.export("--new-since-last", name, "--no-content", *args, **more).json()]

    def test_each_article_is_exported_once(self):
        try:
            first = self.new("once")
            self.assertEqual(len(first), 100)
            self.assertEqual(self.new("once"), [])
            late = [self.add_article(n) for n in range(2000, 2005)]
            self.assertEqual(sorted(self.new("once")), late)
            self.assertEqual(self.new("once"), [])
            # Another transaction ends later, with a number from before.
            gap = self.add_article(2010)
            beyond = self.add_article(2011)
            self.db.execute("UPDATE public.articles SET archived = true WHERE id = %d" % gap) if self.has_archived() else None
            self.assertEqual(self.new("once"), [beyond] if self.has_archived() else sorted([gap, beyond], reverse=True))
            if self.has_archived():
                self.db.execute("UPDATE public.articles SET archived = false WHERE id = %d" % gap)
                self.assertEqual(self.new("once"), [gap])
            self.assertEqual(len(self.new("another")), 107)
        finally:
            self.remove_added()

    def has_archived(self):
        return bool(self.db.rows("SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'articles' AND column_name = 'archived'"))

    def test_old_articles_are_remembered_by_their_number_alone(self):
        self.db.execute("UPDATE public.articles SET discovered_at = discovered_at - interval '2 hours'")
        try:
            self.assertEqual(len(self.new("old")), 100)
            cursor = self.db.rows("SELECT last_id, beyond, exported FROM cti.export_cursors WHERE name = 'old'")[0]
            self.assertEqual(cursor, {"last_id": self.db.value("SELECT max(id) FROM public.articles"), "beyond": [], "exported": 100})
            self.assertEqual(self.new("old"), [])
        finally:
            self.db.execute("UPDATE public.articles SET discovered_at = discovered_at + interval '2 hours'")

    def test_a_failed_export_moves_nothing(self):
        self.assertRefused(self.cti("export", "--new-since-last", "full", "-o", "/dev/full"), 7)
        self.assertEqual(len(self.new("full")), 100)
        process = harness.start_cti("export", "--new-since-last", "pipe", url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        process.wait(harness.TIMEOUT_S)
        self.assertEqual(len(self.new("pipe")), 100)

    def test_killed_at_any_moment_each_article_still_comes_once(self):
        random.seed(7)
        path, got, kills = self.folder / "killed" / "new.ndjson", [], 0
        path.parent.mkdir()
        try:
            for n in range(25):
                self.add_article(3000 + n)
                process = harness.start_cti("export", "--new-since-last", "killed", "--no-content", "--format", "ndjson", "-o", path,
                                            url=self.db.url(), stderr=subprocess.DEVNULL)
                try:
                    process.wait(random.uniform(0.01, 0.6))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                process.wait(30)
                if path.exists():  # The consumer takes what is there.
                    got += [json.loads(l)["id"] for l in path.read_text().splitlines()]
                    path.unlink()
            self.export("--new-since-last", "killed", "--no-content", "--format", "ndjson", "-o", path)
            got += [json.loads(l)["id"] for l in path.read_text().splitlines()]
            self.assertEqual(sorted(got), [r["id"] for r in self.db.rows("SELECT id FROM public.articles ORDER BY id")])
            self.assertGreater(kills, 0)
        finally:
            self.remove_added()

    def test_what_does_not_go_with_a_cursor_is_refused(self):
        for args in (["--limit", "5"], ["--ids", "-"], ["--order", "score"]):
            self.assertRefused(self.cti("export", "--new-since-last", "x", *args, stdin=b""), 2, "Leave out")
