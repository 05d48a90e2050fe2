"""What an export wrote comes in again: into another database, and never twice. And a database of development that begins anew."""
import gzip
import json
import pathlib
import re
import signal
import subprocess
import tempfile

from harness import BINARY, Database, DatabaseCase, LabCase, compat_schemas, cti, environment, wait_until

COLUMNS = "source,title,url,published_at,authors,tags,summary,content"
# What is this database's own, and what is none of the article's.
OWN = ("id", "source_id", "discovered_at")


def line_of(number, **more):
    return json.dumps({"source": "a", "title": "T%d" % number, "url": "https://a.example/%d" % number, "published_at": "2026-03-08T07:30:00Z",
                       "content": "Text %d" % number, **more}) + "\n"


class ImportCase(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cti-import-")))

    def database(self, schema=None):
        db = Database()
        self.addCleanup(db.drop)
        if schema:
            db.load(schema)
        self.assertRan(cti("init", "--no-sources", url=db.url()))
        return db

    def exported(self, url, without=OWN):
        articles = self.assertRan(cti("export", url=url)).json()
        return sorted(({k: v for k, v in a.items() if k not in without} for a in articles), key=lambda a: a["url"])


class Collected(LabCase, ImportCase):
    lab_options = dict(sources=4, entries=12)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cti("collect", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def written(self, *args):
        path = self.folder / ("articles." + args[0])
        self.assertRan(self.cti("export", "--format", *args, "-o", path))
        return path

    def test_an_export_imported_and_exported_again_is_the_same(self):
        original = self.exported(self.db.url())
        self.assertGreater(len(original), 40)
        self.assertTrue(any(a["indicators"] for a in original))
        for args in (("ndjson",), ("json",), ("csv", "--fields", COLUMNS), ("csv", "--fields", COLUMNS, "--bom")):
            with self.subTest(args):
                path, db = self.written(*args), self.database()
                done = self.assertRan(cti("import", path, url=db.url()))
                self.assertIn("%d articles read, %d stored, 0 duplicates" % (len(original), len(original)), done.err)
                self.assertIn("made 4 sources, inactive: ", done.err)
                self.assertEqual(done.raw, b"")
                self.assertEqual(self.exported(db.url()), original)
                before = self.assertRan(cti("export", "--format", "ndjson", url=db.url())).raw
                self.assertIn("%d articles read, 0 stored, %d duplicates" % (len(original), len(original)), self.assertRan(cti("import", path, url=db.url())).err)
                self.assertEqual(self.assertRan(cti("export", "--format", "ndjson", url=db.url())).raw, before)

    def test_it_comes_into_the_tables_of_the_web_service(self):
        path = self.written("ndjson")
        original = self.exported(self.db.url(), (*OWN, "summary", "threat_hunting_score"))
        for year, schema in compat_schemas().items():
            with self.subTest(year):
                db = self.database(schema)
                self.assertRan(cti("import", path, url=db.url()))
                self.assertEqual(self.exported(db.url(), (*OWN, "summary", "threat_hunting_score")), original)
                self.assertEqual(db.value("SELECT count(*) FROM articles WHERE json_typeof(article_metadata -> 'threat_hunting_score') = 'number' "
                                          "AND json_typeof(article_metadata -> 'perfect_keyword_matches') = 'array' AND processing_status = 'pending'"), len(original))

    def test_a_collect_of_the_same_feeds_afterwards_finds_nothing_new(self):
        path, db = self.written("ndjson"), self.database()
        self.assertRan(cti("init", "--config", self.lab.yaml, url=db.url()))
        self.assertNotIn("made", self.assertRan(cti("import", path, url=db.url())).err)
        before = self.exported(db.url(), ())
        self.assertIn(" 0 new, ", self.assertRan(cti("collect", url=db.url())).err)
        self.assertIn(" 0 new, ", self.assertRan(cti("collect", "--force", url=db.url())).err)
        self.assertEqual(self.exported(db.url(), ()), before)

    def test_two_databases_are_joined_and_what_both_have_is_stored_once(self):
        db = self.database()
        half = self.folder / "half.json"
        self.assertRan(self.cti("export", "--source", self.lab.identifiers()[0], "-o", half))
        self.assertRan(cti("import", half, url=db.url()))
        done = self.assertRan(cti("import", self.written("ndjson"), url=db.url()))
        had = len(json.loads(half.read_text()))
        everything = self.exported(self.db.url())
        self.assertIn("%d articles read, %d stored, %d duplicates" % (len(everything), len(everything) - had, had), done.err)
        self.assertEqual(self.exported(db.url()), everything)

    def test_it_reads_what_is_compressed_and_what_comes_through_a_pipe(self):
        path, db = self.written("ndjson"), self.database()
        packed = gzip.compress(path.read_bytes())
        self.assertIn("0 duplicates", self.assertRan(cti("import", "--dry-run", "-", url=db.url(), stdin=packed)).err)
        cut = cti("import", "-", url=db.url(), stdin=packed[:len(packed) // 2])
        self.assertRefused(cut, 8, "it ends too early")
        self.assertRan(cti("import", "-", url=db.url(), stdin=path.read_bytes()))
        self.assertEqual(self.exported(db.url()), self.exported(self.db.url()))

    def test_an_import_that_was_killed_goes_on_when_it_is_called_again(self):
        path, db = self.written("ndjson"), self.database()
        wide = "".join(line_of(n, content="x %d " % n + "y" * 20000) for n in range(1000))
        process = subprocess.Popen([BINARY, "import", "-"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(db.url()))
        process.stdin.write(wide.encode())
        process.stdin.flush()
        wait_until(lambda: db.value("SELECT count(*) FROM articles") > 0, what="the first batch")
        process.kill()
        process.communicate()
        self.assertLess(db.value("SELECT count(*) FROM articles"), 1000)
        done = self.assertRan(cti("import", "-", url=db.url(), stdin=wide.encode() + path.read_bytes()))
        self.assertEqual(db.value("SELECT count(*) FROM articles"), 1000 + len(self.exported(self.db.url())), done)
        self.assertEqual(db.value("SELECT count(*) - count(DISTINCT canonical_url) FROM articles"), 0)
        self.assertEqual(db.value("SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM cti.derived d WHERE d.article_id = a.id AND d.step = 'words' AND d.version > 2)"), 0)


class AtTheSameTime(ImportCase):
    def test_imports_of_one_file_at_the_same_time_store_each_article_once(self):
        db, path = self.database(), self.folder / "articles.ndjson"
        path.write_text("".join(line_of(n, source="s%d" % (n % 50)) for n in range(500)))
        running = [subprocess.Popen([BINARY, "import", path], stderr=subprocess.PIPE, env=environment(db.url())) for _ in range(4)]
        told = [p.communicate()[1].decode() for p in running]
        self.assertEqual([p.returncode for p in running], [0] * 4, told)
        self.assertEqual(sum(int(re.search(r", (\d+) stored", t)[1]) for t in told), 500, told)
        self.assertEqual(db.value("SELECT count(*) FROM articles"), 500)
        self.assertEqual(db.value("SELECT count(*) FROM sources"), 50)
        self.assertEqual(db.value("SELECT sum(total_articles) FROM sources"), 500)


class Hostile(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cti("init", "--no-sources", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)

    def count(self):
        return self.db.value("SELECT count(*) FROM articles")

    def test_bad_lines_are_told_and_the_others_stored(self):
        done = self.cti("import", "-", "--format", "ndjson", stdin=("\x1b[2Jno\n" + line_of(1) + '{"title": 1}\n' + line_of(2, url="javascript:x")).encode())
        self.assertRefused(done, 8, "-: line 1: it is no valid JSON", "-: line 3: 'title' must be a text", "-: line 4: 'url' cannot be used",
                           "4 articles read, 1 stored, 0 duplicates, 3 refused", "3 articles of the file were refused")
        self.assertEqual(self.db.value("SELECT count(*) FROM articles WHERE title = 'T1'"), 1)

    def test_what_is_no_export_is_refused_before_anything_is_stored(self):
        before = self.count()
        for text in (b"\x7fELF\x02\x01", b"id,title,url\r\n1,a,b\r\n", b"sources:\n  - id: a\n", bytes(range(256)) * 300):
            self.assertRefused(self.cti("import", "-", stdin=text), 2, "the file is no export with texts")
        self.assertRefused(self.cti("import", self.folder), 2, "is a directory", "Name a file in that folder.")
        self.assertRefused(self.cti("import", "--source", "nosuch", "-", stdin=b""), 2, "unknown source 'nosuch'")
        self.assertEqual(self.count(), before)

    def test_lines_and_nesting_without_end_are_passed_over(self):
        def feed():
            yield b'{"title":"' + b"x" * (65 << 20) + b'"}\n'
            yield b'{"x":' + b"[" * (1 << 20) + b"\n"
            yield line_of(3).encode()
        done = self.cti("import", "-", stdin=b"".join(feed()))
        self.assertRefused(done, 8, "line 1: it is larger than 64 MiB", "line 2: it is no valid JSON", "3 articles read, 1 stored")

    def test_a_stop_is_clean(self):
        process = subprocess.Popen([BINARY, "import", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(self.db.url()))
        process.stdin.write("".join(line_of(n) for n in range(1000, 2100)).encode())
        process.stdin.flush()
        wait_until(lambda: self.db.value("SELECT count(*) FROM articles WHERE title = 'T1999'") == 1, what="the first batch")
        process.send_signal(signal.SIGTERM)
        err = process.communicate()[1].decode()
        self.assertEqual(process.returncode, 143, err)
        self.assertIn(" stored, ", err)


class Reset(ImportCase):
    def filled(self):
        db = self.database()
        self.assertRan(cti("import", "-", url=db.url(), stdin=line_of(1).encode()))
        return db

    def test_it_drops_what_cti_made_once_the_name_is_said(self):
        db = self.filled()
        self.assertRefused(cti("init", "--reset", "--no-sources", url=db.url()), 2, "say --confirm=%s" % db.name)
        self.assertRefused(cti("init", "--reset", "--no-sources", "--confirm", "cti", url=db.url()), 2, "--confirm names 'cti'")
        self.assertRefused(cti("init", "--no-sources", "--confirm", db.name, url=db.url()), 2, "--confirm goes with --reset only")
        dry = self.assertRan(cti("init", "--reset", "--no-sources", "--dry-run", url=db.url()))
        self.assertIn("would drop 1 source and 1 article", dry.err)
        self.assertEqual(db.value("SELECT count(*) FROM articles"), 1)
        done = self.assertRan(cti("init", "--reset", "--no-sources", "--confirm=" + db.name, url=db.url()))
        self.assertIn("dropped 1 source and 1 article", done.err)
        self.assertEqual(db.value("SELECT count(*) FROM articles"), 0)
        self.assertRan(cti("import", "-", url=db.url(), stdin=line_of(1).encode()))

    def test_it_names_who_is_at_work_and_what_is_not_cti_s(self):
        db = self.filled()
        with subprocess.Popen(["psql", "-X", "-q", "-d", db.name], stdin=subprocess.PIPE, text=True) as other:
            wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == 1, what="psql")
            self.assertRefused(cti("init", "--reset", "--no-sources", "--confirm", db.name, url=db.url()), 5, "somebody is at work in the database '%s': psql (" % db.name)
            other.stdin.close()
        wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == 0, what="psql's end")
        db.execute("CREATE TABLE notes (id int)")
        self.assertRefused(cti("init", "--reset", "--no-sources", "--confirm", db.name, url=db.url()), 6, "what cti did not make: the table ")
        for schema in compat_schemas().values():
            web = self.database(schema)
            self.assertRefused(cti("init", "--reset", "--no-sources", "--confirm", web.name, url=web.url()), 6, "tables that cti did not make")
