"""init and sources: YAML in, rows out, and what is wrong with a file."""
import csv
import io
import json
import pathlib
import tempfile
import unittest

from harness import Database, DatabaseCase, ROOT, cti

TWO = """version: "1.0"
sources:
  - id: alpha
    name: Alpha Research
    url: http://127.0.0.1/alpha
    rss_url: http://127.0.0.1/alpha/feed
    check_frequency: 1800
  - id: beta
    name: "Beta: 日本語"
    url: http://127.0.0.1/beta
    active: false
    config:
      min_content_length: 1000
"""


class FileCase(DatabaseCase):
    """A database and a folder for each test."""

    @classmethod
    def setUpClass(cls):
        cls.ready = Database()
        cls.addClassCleanup(cls.ready.drop)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "two.yaml"
            path.write_text(TWO)
            cls.init = cti("init", "--config", path, url=cls.ready.url())

    def setUp(self):
        self.assertRan(self.init)
        self.db = Database(template=self.ready.name)
        self.addCleanup(self.db.drop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, text, name="sources.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def sources(self):
        return {s["identifier"]: s for s in self.db.rows("SELECT * FROM public.sources ORDER BY id")}


class Init(FileCase):
    def test_the_rows_are_what_the_file_says(self):
        rows = self.sources()
        self.assertEqual(list(rows), ["alpha", "beta"])
        self.assertEqual((rows["alpha"]["name"], rows["alpha"]["rss_url"], rows["alpha"]["check_frequency"], rows["alpha"]["active"]),
                         ("Alpha Research", "http://127.0.0.1/alpha/feed", 1800, True))
        self.assertEqual((rows["beta"]["name"], rows["beta"]["rss_url"], rows["beta"]["active"],
                          rows["beta"]["config"]["min_content_length"]), ("Beta: 日本語", None, False, 1000))

    def test_a_second_init_changes_nothing(self):
        before = self.db.rows("SELECT * FROM sources ORDER BY id")
        self.assertRan(self.cti("init", "--config", self.file(TWO)))
        self.assertEqual(self.db.rows("SELECT * FROM sources ORDER BY id"), before)

    def test_dry_run_shows_the_difference_and_writes_nothing(self):
        before = self.db.rows("SELECT * FROM sources ORDER BY id")
        text = TWO.replace("Alpha Research", "Alpha Renamed").replace("id: beta", "id: gamma")
        done = self.assertRan(self.cti("init", "--dry-run", "--config", self.file(text)))
        for word in ("alpha", "Alpha Renamed", "gamma"):
            self.assertIn(word, done.out + done.err)
        self.assertEqual(self.db.rows("SELECT * FROM sources ORDER BY id"), before)

    def test_prune_disables_and_never_deletes(self):
        text = TWO.replace("id: alpha", "id: gamma")
        self.assertRan(self.cti("init", "--config", self.file(text)))
        self.assertTrue(self.sources()["alpha"]["active"])
        self.assertRan(self.cti("init", "--prune", "--config", self.file(text)))
        self.assertFalse(self.sources()["alpha"]["active"])
        self.assertEqual(set(self.sources()), {"alpha", "beta", "gamma"})

    def test_a_folder_is_read_file_by_file(self):
        one, two = TWO.split("  - id: beta")
        self.file(one.replace("alpha", "north"), "1.yaml")
        self.file("sources:\n  - id: beta_south" + two, "2.yaml")
        self.assertRan(self.cti("init", "--config", self.folder))
        self.assertTrue({"north", "beta_south"} <= set(self.sources()))

    def test_a_file_from_stdin_or_the_environment(self):
        path = self.file(TWO.replace("alpha", "from_env"))
        self.assertRan(self.cti("init", env={"SOURCES_CONFIG": str(path)}))
        self.assertIn("from_env", self.sources())

    def test_an_unknown_key_warns_with_its_line(self):
        path = self.file(TWO.replace("check_frequency", "check_freqency"))
        done = self.assertRan(self.cti("init", "--config", path))
        self.assertIn("cti: warning: ", done.err)
        self.assertIn("check_freqency", done.err)
        self.assertIn("line 7", done.err)

    def test_duplicate_ids_keep_the_first_and_say_so(self):
        path = self.file(TWO + "  - {id: alpha, name: Second, url: 'http://127.0.0.1/'}\n")
        done = self.cti("init", "--config", path)
        self.assertIn("alpha", done.err)
        self.assertRegex(done.err, "line 1[4-5]")
        self.assertEqual(self.sources()["alpha"]["name"], "Alpha Research")

    def test_broken_files_are_exit_2_and_change_nothing(self):
        before = self.db.rows("SELECT * FROM sources ORDER BY id")
        for name, text, fragments in [
                ("indentation", TWO.replace("    name: Alpha", "   name: Alpha"), ["line"]),
                ("tab", TWO.replace("    name: Alpha", "\tname: Alpha"), ["line 4"]),
                ("no url", TWO.replace("    url: http://127.0.0.1/alpha\n", ""), ["line 3", "url"]),
                ("no name", TWO.replace("    name: Alpha Research\n", ""), ["line 3", "name"]),
                ("no id", TWO.replace("id: alpha", "ident: alpha"), ["line", "id"]),
                ("frequency", TWO.replace("1800", "often"), ["line 7", "check_frequency"]),
                ("scheme", TWO.replace("http://127.0.0.1/alpha\n", "file:///etc/passwd\n"), ["line 5", "url"]),
                ("list", "sources: 7\n", ["sources"]),
                ("nothing", "", []),
                ("binary", "\x01\x02\x7f" * 30, [])]:
            with self.subTest(name):
                path = self.file(text)
                self.assertRefused(self.cti("init", "--config", path), 2, str(path), *fragments)
                self.assertEqual(self.db.rows("SELECT * FROM sources ORDER BY id"), before)

    def test_a_file_that_is_not_there_is_exit_2(self):
        self.assertRefused(self.cti("init", "--config", self.folder / "none.yaml"), 2, "none.yaml")

    def test_the_bundled_file_loads(self):
        self.assertRan(self.cti("init", "--config", ROOT / "config/sources.yaml"))
        rows = [s for s in self.sources().values() if s["identifier"] not in ("alpha", "beta")]
        self.assertGreaterEqual(len(rows), 35)
        for row in rows:
            self.assertRegex(row["url"], "^https://")
            self.assertGreaterEqual(row["check_frequency"], 900)

    def test_validate_feeds_never_clears_an_address(self):
        self.cti("init", "--validate-feeds", "--config", self.file(TWO))  # nobody answers on these addresses
        self.assertEqual(self.sources()["alpha"]["rss_url"], "http://127.0.0.1/alpha/feed")


class Sources(FileCase):
    def test_list_filters_and_forms(self):
        everything = self.assertRan(self.cti("sources", "list", "--format", "json")).json()
        self.assertEqual([s["identifier"] for s in everything], ["alpha", "beta"])
        self.assertEqual([s["health"] for s in everything], ["never", "disabled"])
        active = self.assertRan(self.cti("sources", "list", "--active", "--format", "json")).json()
        self.assertEqual([s["identifier"] for s in active], ["alpha"])
        table = self.assertRan(self.cti("sources", "list")).out
        self.assertIn("\t", table)
        self.assertIn("Beta: 日本語", table)

    def test_list_tells_what_fails_in_every_form(self):
        self.db.execute("UPDATE public.sources SET consecutive_failures = 3, last_check = now() WHERE identifier = 'alpha'; INSERT INTO "
                        "public.source_checks (source_id, check_time, success, method, articles_found, error_message) "
                        "SELECT id, now(), false, 'rss', 0, 'HTTP 404, \"gone\"' FROM public.sources WHERE identifier = 'alpha'")
        failing = self.assertRan(self.cti("sources", "list", "--failing", "--format", "ndjson")).out.splitlines()
        self.assertEqual([(s["identifier"], s["last_error"]) for s in map(json.loads, failing)], [("alpha", 'HTTP 404, "gone"')])
        rows = list(csv.DictReader(io.StringIO(self.assertRan(self.cti("sources", "list", "--format", "csv")).out, newline="")))
        self.assertEqual([(r["identifier"], r["health"], r["last_error"]) for r in rows], [("alpha", "failing", 'HTTP 404, "gone"'), ("beta", "disabled", "")])
        self.assertIn("LAST ERROR", self.assertRan(self.cti("sources", "list")).out.splitlines()[0])
        self.db.execute("UPDATE public.sources SET total_articles = 9 WHERE identifier = 'beta'")
        names = [s["identifier"] for s in self.assertRan(self.cti("sources", "list", "--sort", "articles", "--format", "json")).json()]
        self.assertEqual(names, ["beta", "alpha"])

    def test_what_is_no_key_of_the_config_is_refused_with_what_does_it(self):
        for setting, hint in (("active=true", "cti sources enable"), ('rss_url="http://127.0.0.1/x"', "--rss-url"), ('name="X"', "--name")):
            self.assertRefused(self.cti("sources", "edit", "alpha", "--set", setting), 2, "is no key of a source's config", hint)
        self.assertNotIn("active", self.sources()["alpha"]["config"])

    def test_a_changed_address_is_due_at_once(self):
        self.db.execute("UPDATE public.sources SET last_check = now() WHERE identifier = 'alpha'; INSERT INTO cti.source_state (source_id, feed_url, "
                        "frequency_s, checked_at, next_check_at) SELECT id, rss_url, check_frequency, now(), now() + interval '20 h' "
                        "FROM public.sources WHERE identifier = 'alpha'")
        planned = lambda: self.assertRan(self.cti("sources", "show", "alpha", "--format", "json")).json()["next_check"]
        soon = self.db.value("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '5 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS')")
        self.assertGreater(planned(), soon)
        self.assertRan(self.cti("sources", "edit", "alpha", "--rss-url", "http://127.0.0.1/elsewhere"))
        self.assertLess(planned(), soon)

    def test_an_empty_database_says_what_to_do_first(self):
        self.db.execute("DELETE FROM public.source_checks; DELETE FROM public.sources")
        for words in (["sources", "list"], ["collect"]):
            self.assertIn("There are no sources yet: 'cti init'", self.assertRan(self.cti(*words)).err)

    def test_show(self):
        shown = self.assertRan(self.cti("sources", "show", "alpha")).out
        self.assertIn("http://127.0.0.1/alpha/feed", shown)

    def test_add_edit_disable_enable(self):
        self.assertRan(self.cti("sources", "add", "delta", "Delta's \"blog\"; --", "http://127.0.0.1/d", "--rss-url", "http://127.0.0.1/d.xml"))
        row = self.sources()["delta"]
        self.assertEqual((row["name"], row["url"], row["rss_url"], row["active"]),
                         ("Delta's \"blog\"; --", "http://127.0.0.1/d", "http://127.0.0.1/d.xml", True))
        self.assertRan(self.cti("sources", "edit", "delta", "--name", "Delta"))
        self.assertEqual((self.sources()["delta"]["name"], self.sources()["delta"]["url"]), ("Delta", "http://127.0.0.1/d"))
        self.assertRan(self.cti("sources", "disable", "delta"))
        self.assertFalse(self.sources()["delta"]["active"])
        self.assertRan(self.cti("sources", "enable", "delta"))
        self.assertTrue(self.sources()["delta"]["active"])

    def test_add_refuses_what_the_web_service_could_not_show(self):
        before = self.sources()
        self.assertRefused(self.cti("sources", "add", "alpha", "Again", "http://127.0.0.1/"), 2, "alpha")
        self.assertRefused(self.cti("sources", "add", "a b", "Space", "http://127.0.0.1/"), 2, "a b")
        self.assertRefused(self.cti("sources", "add", "ftp", "Ftp", "ftp://127.0.0.1/"), 2, "ftp://127.0.0.1/")
        self.assertEqual(self.sources(), before)

    def test_remove_asks_unless_yes(self):
        self.db.execute("""INSERT INTO articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash,
            article_metadata, processing_status, discovered_at, created_at, updated_at)
            SELECT id, 'http://127.0.0.1/1', 'T', now(), '[]', '[]', 'text', repeat('a', 64), '{}', 'pending', now(), now(), now()
            FROM sources WHERE identifier = 'alpha'""")
        refused = self.cti("sources", "remove", "alpha")
        self.assertEqual(refused.rc, 2, refused)
        self.assertIn("1 article", refused.err)
        self.assertIn("--yes", refused.err)
        self.assertIn("alpha", self.sources())
        removed = self.assertRan(self.cti("sources", "remove", "alpha", "--yes"))
        self.assertIn("1 article", removed.err + removed.out)
        self.assertNotIn("alpha", self.sources())
        self.assertEqual(self.db.value("SELECT count(*) FROM articles"), 0)

    def test_what_is_exported_loads_again(self):
        exported = self.assertRan(self.cti("sources", "export"))
        path = self.folder / "exported.yaml"
        path.write_bytes(exported.raw)
        before = self.db.rows("SELECT * FROM sources ORDER BY id")
        self.assertRan(self.cti("init", "--config", path))
        self.assertEqual(self.db.rows("SELECT * FROM sources ORDER BY id"), before)

    def test_diff_tells_what_differs(self):
        same = self.assertRan(self.cti("sources", "diff", "--config", self.file(TWO)))
        self.assertNotIn("alpha", same.out)
        other = self.cti("sources", "diff", "--config", self.file(TWO.replace("Alpha Research", "Alpha Renamed")))
        self.assertIn("alpha", other.out)
        self.assertIn("Alpha Renamed", other.out)


if __name__ == "__main__":
    unittest.main()
