"""What is in texts: inspect text, indicators at collection, intel backfill."""
import json
import pathlib
import tempfile

from harness import Case, LabCase, cti

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
REPORT = ("Loader X fetched hxxps[:]//evil[.]example[.]com/a.php from 198.41.0[.]4.\n"
          "Persistence: HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run. CVE-2026-1234, T1059.001, Odd Bear.\n").encode()


class InspectText(Case):
    def found(self, *args, text=REPORT):
        result = cti("inspect", "text", "--json", *args, "-", stdin=text, url=NOWHERE)
        self.assertRan(result)
        return result.json()

    def test_each_indicator_says_where_it_stood(self):
        found = self.found()
        by_type = {i["type"]: i for i in found["indicators"]}
        self.assertEqual(by_type["url"]["value"], "https://evil.example.com/a.php")
        self.assertEqual(by_type["url"]["original"], "hxxps[:]//evil[.]example[.]com/a.php")
        self.assertTrue(by_type["url"]["defanged"])
        self.assertEqual(by_type["cve"]["value"], "CVE-2026-1234")
        self.assertIsNone(by_type["cve"]["verdict"])
        for i in found["indicators"]:
            self.assertEqual(REPORT[i["start"]:i["end"]].decode(), i["original"])
            self.assertEqual(set(i), {"type", "value", "original", "start", "end", "defanged", "count", "verdict", "reading"})

    def test_for_people_it_is_a_table_and_explain_says_why(self):
        result = cti("inspect", "text", "--explain", stdin=b"version 1.2.3.4; 10.0.0.1 and evil.com", url=NOWHERE)
        self.assertRan(result)
        self.assertIn("ipv4\t10.0.0.1\t1\tprivate", result.out)
        self.assertRegex(result.out, r"1\.2\.3\.4\t8\ta version number")

    def test_names_and_warninglists_come_from_files(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "clusters").mkdir()
            (root / "clusters/actor.json").write_text(json.dumps({"type": "threat-actor", "values": [{"value": "APT0", "meta": {"synonyms": ["Odd Bear"]}}]}))
            (root / "hosts.json").write_text(json.dumps({"name": "x", "type": "hostname", "list": ["example.com"]}))
            found = self.found("--galaxy", root, "--warninglist", root / "hosts.json")["indicators"]
            self.assertIn(("threat_actor", "APT0", "Odd Bear"), [(i["type"], i["value"], i["original"]) for i in found])
            self.assertEqual([i["verdict"] for i in found if i["type"] == "domain"], ["benign"])
            (root / "hosts.json").write_text("[]")
            result = cti("inspect", "text", "--warninglist", root / "hosts.json", stdin=b"", url=NOWHERE)
            self.assertEqual(result.rc, 2, result)
            self.assertIn("cannot read", result.err)

    def test_nothing_in_gives_nothing_out(self):
        self.assertEqual(self.found(text=b"")["indicators"], [])
        self.assertEqual(cti("inspect", "text", stdin=b"nothing", url=NOWHERE).out, "")

    def test_the_site_itself_is_marked(self):
        found = self.found("--site", "www.example.com")["indicators"]
        self.assertEqual({i["verdict"] for i in found if i["type"] in ("url", "domain")}, {"own_site"})


class AtCollection(LabCase):
    lab_options = dict(sources=8, entries=20)
    TYPES = ("url", "email", "domain", "ipv4", "sha256", "md5", "cve", "attack_technique")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.truth = cls.lab.truth()
        cls.first = cti("collect", url=cls.db.url())

    def stored(self):
        found = {}
        for row in self.db.rows("SELECT a.canonical_url, i.type, i.value FROM cti.indicators i JOIN public.articles a ON a.id = i.article_id"):
            found.setdefault(row["canonical_url"], set()).add((row["type"], row["value"]))
        return found

    def test_every_indicator_of_the_truth_is_stored_and_no_other(self):
        self.assertRan(self.first)
        stored = self.stored()
        for url, article in self.truth.items():
            expected = {(t, v) for t in self.TYPES for v in article["indicators"][t]}
            self.assertEqual({(t, v) for t, v in stored.get(url, set()) if t in self.TYPES}, expected, url)

    def test_offsets_are_bytes_of_the_stored_text(self):
        self.assertEqual(self.db.value(
            "SELECT count(*) FROM cti.indicators i JOIN public.articles a ON a.id = i.article_id WHERE NOT i.in_title AND "
            "convert_from(substring(convert_to(a.content, 'UTF8') FROM i.start_offset + 1 FOR i.end_offset - i.start_offset), 'UTF8') <> i.original"), 0)

    def test_every_article_has_a_score_that_the_web_service_can_read(self):
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles WHERE json_typeof(article_metadata->'threat_hunting_score') <> 'number'"), 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles WHERE json_typeof(article_metadata->'perfect_keyword_matches') <> 'array'"), 0)
        self.assertGreater(self.db.value("SELECT count(*) FROM public.articles WHERE (article_metadata->>'threat_hunting_score')::float > 10"), 0)

    def test_backfill_gives_the_same_and_a_second_one_nothing(self):
        before = self.stored()
        self.assertIn("0 articles", cti("intel", "backfill", url=self.db.url()).err)
        self.db.execute("DELETE FROM cti.indicators; DELETE FROM cti.derived WHERE step = 'indicators'")
        done = cti("intel", "backfill", "--batch", "7", url=self.db.url())
        self.assertRan(done)
        self.assertIn("160 articles looked through", done.err)
        self.assertEqual(self.stored(), before)
        again = cti("intel", "backfill", "--again", url=self.db.url())
        self.assertIn("160 articles looked through", again.err)
        self.assertEqual(self.stored(), before)

    def test_backfill_of_one_step_makes_nothing_else_and_refuses_one_that_is_not_there(self):
        self.db.execute("DELETE FROM cti.derived WHERE step IN ('indicators', 'words')")
        done = self.assertRan(cti("intel", "backfill", "--step", "words", url=self.db.url()))
        self.assertIn("160 articles brought into the search index", done.err)
        self.assertNotIn("looked through", done.err)
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.derived WHERE step = 'indicators'"), 0)
        done = self.assertRan(cti("intel", "backfill", "--step", "simhash", "--step", "indicators", url=self.db.url()))
        self.assertIn("160 articles looked through", done.err)
        self.assertIn("0 articles brought among those that near-duplicates are looked for in", done.err)
        self.assertRefused(cti("intel", "backfill", "--step", "mood", url=self.db.url()), 2, "mood", "words")
