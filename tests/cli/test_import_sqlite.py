"""A database of the former command-line tool comes in: SQLAlchemy's tables in an SQLite file, of which nothing is believed."""
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import tempfile
import unittest

from harness import BINARY, Database, DatabaseCase, compat_schemas, cti, environment, start_cti, wait_until

# As SQLAlchemy writes the models of 2025; `articles` are told by their columns, so that a test can leave some out.
SOURCES = """CREATE TABLE sources (id INTEGER NOT NULL, identifier VARCHAR(255) NOT NULL, name VARCHAR(500) NOT NULL, url TEXT NOT NULL, rss_url TEXT,
             tier INTEGER NOT NULL, weight FLOAT NOT NULL, check_frequency INTEGER NOT NULL, active BOOLEAN NOT NULL, config JSON NOT NULL, last_check DATETIME,
             PRIMARY KEY (id))"""
ARTICLE = {"id": "INTEGER NOT NULL PRIMARY KEY", "source_id": "INTEGER NOT NULL REFERENCES sources (id)", "canonical_url": "TEXT NOT NULL", "title": "TEXT NOT NULL",
           "published_at": "DATETIME NOT NULL", "modified_at": "DATETIME", "authors": "JSON NOT NULL", "tags": "JSON NOT NULL", "content": "TEXT NOT NULL",
           "content_hash": "VARCHAR(64) NOT NULL", "article_metadata": "JSON NOT NULL", "simhash": "NUMERIC(20, 0)", "simhash_bucket": "INTEGER",
           "discovered_at": "DATETIME NOT NULL", "processing_status": "VARCHAR(50) NOT NULL", "quality_score": "FLOAT", "word_count": "INTEGER",
           "created_at": "DATETIME NOT NULL", "updated_at": "DATETIME NOT NULL"}


def article(number, **more):
    return {"id": number, "source_id": 1, "canonical_url": "https://alpha.example/%d" % number, "title": "T%d" % number,
            "published_at": "2025-01-02 03:04:05.678900", "authors": '["Zoë", "B; c"]', "tags": "[]", "content": "Text %d of evil[.]example[.]com" % number,
            "content_hash": "%064d" % number, "article_metadata": '{"word_count": 3}', "discovered_at": "2025-01-03 00:00:00.000000", "processing_status": "processed",
            "created_at": "2025-01-03 00:00:00.000000", "updated_at": "2025-01-03 00:00:00.000000", **more}


class SqliteCase(DatabaseCase):
    """Each test has a database of its own, made of one that is ready."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ready = cls.db
        done = cti("init", "--no-sources", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def setUp(self):
        super().setUp()
        self.db = Database(template=self.ready.name)
        self.addCleanup(self.db.drop)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cti-sqlite-")))

    def make(self, articles, name="old.db", columns=ARTICLE, sources=True, before=()):
        path = self.folder / name
        connection = sqlite3.connect(path)
        for statement in before:
            connection.execute(statement)
        if sources:
            connection.execute(SOURCES)
            connection.execute("INSERT INTO sources VALUES (1, 'alpha', 'Alpha Labs', 'https://alpha.example/blog', 'https://alpha.example/feed', 1, 1.0, 3600, 1, '{}', NULL)")
        connection.execute("CREATE TABLE articles (%s)" % ", ".join(" ".join(c) for c in columns.items()))
        for row in articles:
            row = {k: v for k, v in row.items() if k in columns}
            connection.execute("INSERT INTO articles (%s) VALUES (%s)" % (", ".join(row), ", ".join("?" * len(row))), list(row.values()))
        connection.commit()
        self.addCleanup(connection.close)
        self.connection = connection
        return path

    def imported(self, path, *args):
        return self.cti("import", "--sqlite", path, *args)

    def titles(self):
        return [row["title"] for row in self.db.rows("SELECT title FROM articles ORDER BY title")]


class Good(SqliteCase):
    def test_all_articles_come_in_once_and_are_counted(self):
        path = self.make(map(article, range(1, 41)))
        before = path.read_bytes()
        dry = self.assertRan(self.imported(path, "--dry-run"))
        self.assertIn("would make 1 source, inactive: alpha", dry.err)
        self.assertIn("nothing written: 40 articles read, 40 would be stored, 0 duplicates", dry.err)
        self.assertEqual(self.titles(), [])
        self.assertIn("40 articles read, 40 stored, 0 duplicates", self.assertRan(self.imported(path)).err)
        self.assertIn("40 articles read, 0 stored, 40 duplicates", self.assertRan(self.imported(path)).err)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 40)
        self.assertEqual((path.read_bytes(), os.listdir(self.folder)), (before, ["old.db"]))

    def test_what_the_tables_said_is_what_an_export_says(self):
        self.assertRan(self.imported(self.make([article(1), article(2, authors="[]", tags='["apt", "x"]', content="Ünï\x00 \U0001f600", published_at="2025-03-04 00:00:00")])))
        one, two = sorted(self.assertRan(self.cti("export")).json(), key=lambda a: a["title"])
        self.assertEqual((one["url"], one["published_at"], one["authors"], one["tags"]), ("https://alpha.example/1", "2025-01-02T03:04:05Z", ["Zoë", "B; c"], []))
        self.assertEqual([i["value"] for i in one["indicators"]], ["evil.example.com"])
        self.assertEqual((two["content"], two["tags"], two["published_at"]), ("Ünï \U0001f600", ["apt", "x"], "2025-03-04T00:00:00Z"))
        # Microseconds, and no zone: UTC.
        self.assertEqual(self.db.value("SELECT max(published_at::text) FROM articles WHERE title = 'T1'"), "2025-01-02 03:04:05.6789")
        self.assertEqual(self.db.value("SELECT article_metadata::jsonb -> 'import' ->> 'discovered_at' FROM articles WHERE title = 'T1'"), "2025-01-03T00:00:00Z")

    def test_a_source_that_is_made_keeps_its_name_and_addresses_and_one_that_is_there_stays(self):
        path = self.make([article(1)])
        self.assertRan(self.imported(path))
        row = "SELECT name || ' ' || url || ' ' || rss_url || ' ' || active FROM sources WHERE identifier = 'alpha'"
        self.assertEqual(self.db.value(row), "Alpha Labs https://alpha.example/blog https://alpha.example/feed false")
        self.db.execute("UPDATE sources SET name = 'Mine', rss_url = 'https://b.example/'")
        self.connection.execute("INSERT INTO articles SELECT 2, 1, 'https://alpha.example/2', 'T2', published_at, NULL, authors, tags, 'Other', 'x', '{}', NULL, NULL, "
                                "discovered_at, 'pending', NULL, NULL, created_at, updated_at FROM articles")
        self.connection.commit()
        self.assertIn("1 stored, 1 duplicate", self.assertRan(self.imported(path)).err)
        self.assertEqual(self.db.value(row), "Mine https://alpha.example/blog https://b.example/ false")

    def test_it_comes_into_the_tables_of_both_web_services(self):
        path = self.make(map(article, range(1, 6)))
        for year, schema in compat_schemas().items():
            with self.subTest(year):
                db = Database()
                self.addCleanup(db.drop)
                db.load(schema)
                self.assertRan(cti("init", "--no-sources", url=db.url()))
                self.assertIn("5 articles read, 5 stored", self.assertRan(cti("import", "--sqlite", path, url=db.url())).err)
                self.assertEqual(db.value("SELECT count(*) FROM articles WHERE json_typeof(authors) = 'array'"), 5)

    def test_the_rows_that_the_web_service_wrote_come_in(self):
        rows = pathlib.Path(os.environ.get("CTI_COMPAT_DIR", "/nonexistent")) / "rows"
        if not rows.is_dir():
            self.skipTest("the web service's example rows do not lie beside the checkout")
        def cells(row):
            return {k: json.dumps(v) if isinstance(v, (list, dict)) else v.replace("T", " ") if isinstance(v, str) and k.endswith("_at") else v for k, v in row.items()}
        articles = [cells(a) for a in json.loads((rows / "web-2025-articles.json").read_text())]
        sources = [cells(s) for s in json.loads((rows / "web-2025-sources.json").read_text())]
        # They are examples, not a whole database.
        sources += [{**sources[0], "id": i, "identifier": "other_%d" % i} for i in {a["source_id"] for a in articles} - {s["id"] for s in sources}]
        path = self.make(articles)
        self.connection.execute("DELETE FROM sources")
        for s in sources:
            self.connection.execute("INSERT INTO sources (id, identifier, name, url, rss_url, tier, weight, check_frequency, active, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                    [s[k] for k in ("id", "identifier", "name", "url", "rss_url", "tier", "weight", "check_frequency", "active", "config")])
        self.connection.commit()
        self.assertIn("%d articles read, %d stored, 0 duplicates" % (len(articles), len(articles)), self.assertRan(self.imported(path)).err)
        named = {s["id"]: s["identifier"] for s in sources}
        self.assertEqual({a["url"]: a["source"] for a in self.assertRan(self.cti("export")).json()}, {a["canonical_url"]: named[a["source_id"]] for a in articles})


class OtherGenerations(SqliteCase):
    def test_an_address_a_title_and_a_text_are_enough(self):
        path = self.make([article(1)], columns={c: "TEXT" for c in ("canonical_url", "title", "content")}, sources=False)
        self.assertRefused(self.imported(path), 8, "row 1: it names no source", "1 article read, 0 stored, 0 duplicates, 1 refused")
        self.db.execute("INSERT INTO sources (identifier, name, url, check_frequency, lookback_days, active, config, consecutive_failures, total_articles, "
                        "average_response_time, created_at, updated_at) VALUES ('mine', 'Mine', 'https://m.example/', 3600, 180, false, '{}', 0, 0, 0, now(), now())")
        self.assertRan(self.imported(path, "--source", "mine"))
        self.assertIn("0 stored, 1 duplicate", self.assertRan(self.imported(path, "--source", "mine")).err)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles WHERE published_at > now() - interval '1 day' AND authors::text = '[]'"), 1)

    def test_times_that_are_missing_are_taken_from_those_that_are_there(self):
        columns = {**ARTICLE, "published_at": "DATETIME", "discovered_at": "DATETIME"}
        self.assertRan(self.imported(self.make([article(1, published_at=None), article(2, published_at=None, discovered_at=None, created_at="2024-05-06 07:08:09")], columns=columns)))
        self.assertEqual([str(r["published_at"])[:19].replace("T", " ") for r in self.db.rows("SELECT published_at FROM articles ORDER BY title")], ["2025-01-03 00:00:00", "2024-05-06 07:08:09"])

    def test_a_table_that_is_no_articles_is_told(self):
        for columns, why in (({"canonical_url": "TEXT", "title": "TEXT"}, "no column 'content'"), ({"content": "TEXT", "title": "TEXT"}, "no column 'canonical_url'")):
            self.assertRefused(self.imported(self.make([], name=why + ".db", columns=columns)), 2, why, "cti: hint: The former tool keeps articles")
        empty = sqlite3.connect(self.folder / "empty.db")
        empty.execute("CREATE TABLE x (y)")
        empty.close()
        self.assertRefused(self.imported(self.folder / "empty.db"), 2, "no table 'articles'")

    def test_texts_in_utf16_are_read(self):
        self.assertRan(self.imported(self.make([article(1, title="Ünïcode \U0001f600")], before=["PRAGMA encoding = 'UTF-16le'"])))
        self.assertEqual(self.titles(), ["Ünïcode \U0001f600"])


class Hostile(SqliteCase):
    def test_rows_that_are_no_articles_are_told_and_the_others_stored(self):
        path = self.make([article(1, canonical_url="javascript:x"), article(2, title=""), article(3, authors="no list"), article(4, tags="[1]"), article(5, authors="[" * 5000),
                          article(6, published_at="yesterday"), article(7, content=b"\x80\x81"), article(8, source_id=99), article(9)])
        self.connection.execute("INSERT INTO articles SELECT 10, 1, 'https://alpha.example/10', CAST(X'41FF42' AS TEXT), published_at, NULL, authors, tags, 'Other', 'y', '{}', NULL, "
                                "NULL, discovered_at, 'pending', NULL, NULL, created_at, updated_at FROM articles WHERE id = 9")
        self.connection.commit()
        done = self.imported(path)
        self.assertRefused(done, 8, "row 1: 'url' cannot be used", "row 2: 'title' is empty", "row 3: 'authors' must be a list of texts", "row 4: 'tags' must be", "row 5: 'authors' must be",
                           "row 6: 'published_at' is no moment", "row 7: 'content' must be a text", "row 8: it names no source", "row 10: 'title' is no valid UTF-8",
                           "10 articles read, 1 stored, 0 duplicates, 9 refused")
        self.assertEqual(self.titles(), ["T9"])

    def test_a_cell_beyond_the_limit_is_refused_and_costs_no_memory(self):
        path = self.make([article(1), article(3)])
        self.connection.execute("INSERT INTO articles SELECT 2, 1, 'https://alpha.example/2', 'T2', published_at, NULL, authors, tags, CAST(zeroblob(100000000) AS TEXT), 'x', '{}', NULL, "
                                "NULL, discovered_at, 'pending', NULL, NULL, created_at, updated_at FROM articles WHERE id = 1")
        self.connection.commit()
        # A child's figure begins with what its parent held, so a small process starts it.
        measure = "import resource, subprocess, sys; rc = subprocess.call(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(rc)"
        done = subprocess.run(["python3", "-c", measure, BINARY, "import", "--sqlite", path], capture_output=True, text=True, env=environment(self.db.url()))
        self.assertEqual(done.returncode, 8, done)
        self.assertIn("row 2: it is larger than 64 MiB", done.stderr)
        self.assertIn("3 articles read, 2 stored", done.stderr)
        self.assertEqual(self.titles(), ["T1", "T3"])
        if b"__asan" not in pathlib.Path(BINARY).read_bytes():
            self.assertLess(int(done.stdout), 80_000, "KiB")

    def test_views_triggers_virtual_tables_and_generated_columns_run_nothing(self):
        path = self.make([article(1)])
        c = self.connection
        c.execute("CREATE TRIGGER bad AFTER INSERT ON articles BEGIN SELECT load_extension('/x'); END")
        c.execute("CREATE VIEW v AS SELECT * FROM articles")
        c.execute("ALTER TABLE articles ADD COLUMN summary TEXT GENERATED ALWAYS AS (hex(zeroblob(500000000))) VIRTUAL")
        c.commit()
        self.assertRan(self.imported(path))
        self.assertEqual(self.titles(), ["T1"])
        for name, make in (("view", "CREATE VIEW articles AS SELECT 1 AS id, 'https://v.example/' AS canonical_url, 'V' AS title, 'V' AS content"),
                           ("endless", "CREATE VIEW articles AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r) SELECT id, id AS canonical_url, id AS title, id AS content FROM r"),
                           ("virtual", "CREATE VIRTUAL TABLE articles USING fts5(canonical_url, title, content)"),
                           ("unnumbered", "CREATE TABLE articles (canonical_url TEXT PRIMARY KEY, title TEXT, content TEXT) WITHOUT ROWID")):
            with self.subTest(name):
                other = sqlite3.connect(self.folder / (name + ".db"))
                other.execute(make)
                other.close()
                self.assertRefused(self.imported(self.folder / (name + ".db")), 2, "no table 'articles' with rows")
        self.assertEqual(self.titles(), ["T1"])

    def test_columns_that_are_called_like_row_numbers_hide_no_rows(self):
        path = self.make([article(n, rowid=5) for n in (1, 2)], columns={**ARTICLE, "rowid": "INTEGER"})
        self.assertIn("2 stored", self.assertRan(self.imported(path)).err)

    def test_what_is_no_database_is_refused(self):
        for name, data in (("text", b"id,title\n"), ("short", b"SQLite format 3\0"), ("nothing", b""), ("noise", random.Random(1).randbytes(8192))):
            (self.folder / name).write_bytes(data)
            self.assertRefused(self.imported(self.folder / name), 2, "it is no SQLite database")
        (self.folder / "head").write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(8192))
        done = self.imported(self.folder / "head")
        self.assertRefused(done, done.rc, "cannot read")
        self.assertIn(done.rc, (2, 8))
        os.mkfifo(self.folder / "pipe")
        self.assertRefused(self.imported(self.folder / "pipe"), 2, "it is no file")
        self.assertRefused(self.imported(self.folder), 2, "it is no file")
        self.assertRefused(self.imported(self.folder / "missing"), 2, "No such file")
        self.assertRefused(self.cti("import"), 2, "FILE is missing")
        self.assertRefused(self.cti("import", "x", "--sqlite", "y"), 2, "give FILE or --sqlite, not both")
        self.assertRefused(self.cti("import", self.make([article(1)])), 2, "it is an SQLite database", "--sqlite")

    def test_damaged_pages_end_nothing_but_what_stands_there(self):
        """Whatever is wrong: it ends soon, with an exit code that tells, and what is stored was there like that."""
        rows = [article(n, content="Text %d " % n + "w" * 300 * (n % 7)) for n in range(1, 301)]
        whole = self.make(rows).read_bytes()
        self.connection.close()
        random_ = random.Random(int(os.environ.get("CTI_SEED", "1")))
        codes = set()
        for number in range(int(os.environ.get("CTI_SQLITE_DAMAGES", "40"))):
            data = bytearray(whole)
            kind = number % 3
            if kind == 0:
                del data[random_.randrange(100, len(data)):]
            for _ in range(0 if kind == 0 else 1 if kind == 1 else 200):
                data[random_.randrange(16, len(data))] = random_.randrange(256)
            path = self.folder / "damaged.db"
            path.write_bytes(data)
            done = self.imported(path, "--dry-run")
            self.assertIn(done.rc, (0, 2, 8), (number, done))
            self.assertIsHarmless(done)
            codes.add(done.rc)
            if counts := re.search(r"(\d+) articles? read, (\d+) would be stored, (\d+) duplicates?(?:, (\d+) refused)?", done.err):
                read, stored, twice, refused = (int(n or 0) for n in counts.groups())
                self.assertEqual(read, stored + twice + refused, done)
                self.assertLessEqual(read, 301)
        self.assertIn(8, codes)

    def test_pages_that_lead_in_a_circle_are_left(self):
        path = self.make([article(n, content="Text %d " % n + "w" * 1000) for n in range(1, 301)])
        root = self.connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'articles'").fetchone()[0]
        size = self.connection.execute("PRAGMA page_size").fetchone()[0]
        self.connection.close()
        data = bytearray(path.read_bytes())
        page = (root - 1) * size
        self.assertEqual(data[page], 5, "an interior page")
        cells = int.from_bytes(data[page + 3:page + 5], "big")
        first = int.from_bytes(data[page + 12:page + 14], "big")
        for cell in range(1, cells):  # all lead to the first leaf
            at = page + int.from_bytes(data[page + 12 + 2 * cell:page + 14 + 2 * cell], "big")
            data[at:at + 4] = data[page + first:page + first + 4]
        path.write_bytes(data)
        done = self.imported(path)
        self.assertRefused(done, 8, "the database is damaged behind this one")
        self.assertGreater(self.db.value("SELECT count(*) FROM articles"), 0)


class Journals(SqliteCase):
    def copied(self, suffixes, name="copy.db"):
        for suffix in suffixes:
            # By another process: to close the file in this one would give up SQLite's locks on it.
            subprocess.run(["cp", str(self.folder / "old.db") + suffix, str(self.folder / name) + suffix], check=True)
        return self.folder / name

    def test_a_write_ahead_log_is_read_with_its_file_and_a_database_without_one_leaves_nothing(self):
        self.make([article(1)], before=["PRAGMA journal_mode = WAL"])
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.execute("UPDATE articles SET title = 'In the log'")
        self.connection.commit()
        self.assertIn("1 stored", self.assertRan(self.imported(self.copied(("", "-wal")))).err)
        self.assertEqual(self.titles(), ["In the log"])
        self.connection.close()
        alone = self.copied(("",), "alone.db")
        self.assertIn("1 duplicate", self.assertRan(self.imported(alone)).err)
        self.assertEqual([p.name for p in self.folder.glob("alone*")], ["alone.db"])

    def test_a_write_that_was_not_ended_is_told_with_what_to_do(self):
        self.make([article(n, content="Text %d " % n + "x" * 5000) for n in range(1, 100)])
        self.connection.execute("PRAGMA cache_size = 1")
        self.connection.execute("UPDATE articles SET content = content || 'y'")
        path = self.copied(("", "-journal"))
        self.assertRefused(self.imported(path), 2, "something was being written to it", "copy.db-journal' lies beside it", "cti: hint: Stop what writes it", ".backup")
        self.assertRefused(self.imported(self.folder / "old.db"), 2, "another program is writing to it")
        self.connection.rollback()
        self.assertEqual(self.titles(), [])
        # What the hint says.
        subprocess.run(["python3", "-c", "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b)", path, self.folder / "whole.db"], check=True)
        self.assertIn("99 stored", self.assertRan(self.imported(self.folder / "whole.db")).err)


class Ends(SqliteCase):
    def many(self):
        return self.make([article(n, content="x %d " % n + "y" * 20000) for n in range(1, 1001)])

    def end(self, path, number):
        process = start_cti("import", "--sqlite", path, url=self.db.url(), stderr=subprocess.PIPE)
        wait_until(lambda: self.db.value("SELECT count(*) FROM articles") > 0, what="the first batch")
        process.send_signal(number)
        return process.communicate()[1], process.returncode

    def test_what_was_killed_goes_on_when_it_is_called_again(self):
        path = self.many()
        self.end(path, signal.SIGKILL)
        had = self.db.value("SELECT count(*) FROM articles")
        self.assertLess(had, 1000)
        self.assertIn("1000 articles read, ", self.assertRan(self.imported(path)).err)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 1000)
        self.assertEqual(self.db.value("SELECT count(*) - count(DISTINCT canonical_url) FROM articles"), 0)

    def test_a_stop_is_clean(self):
        err, code = self.end(self.many(), signal.SIGTERM)
        self.assertEqual(code, 143, err)
        stored = self.db.value("SELECT count(*) FROM articles")
        self.assertIn(b" %d stored, " % stored, err)
        self.assertLess(stored, 1000)


class Lazily(SqliteCase):
    def test_no_other_command_loads_the_library(self):
        def loaded(*args):
            done = self.cti(*args, env={"LD_DEBUG": "files"})
            return "libsqlite3.so" in done.err
        self.assertFalse(loaded("version"))
        self.assertFalse(loaded("import", "--dry-run", "/dev/null"))
        self.assertTrue(loaded("import", "--dry-run", "--sqlite", self.make([article(1)])))


if __name__ == "__main__":
    unittest.main()
