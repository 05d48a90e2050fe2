"""Finding articles: `search`, and `export --query`."""
import json
import pathlib
import re
import tempfile

from harness import LabCase, cti, draw

WORD = re.compile(r"[^\W_]+")


def words(text):
    return [w.lower() for w in WORD.findall(text)]


def holds(text, *phrase):
    found = words(text)
    return any(tuple(found[i:i + len(phrase)]) == phrase for i in range(len(found)))


class Search(LabCase):
    lab_options = dict(sources=6, entries=25)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collected = cti("collect", url=cls.db.url())
        cls.articles = {a["id"]: a for a in cti("export", url=cls.db.url()).json()}

    def found(self, *args):
        return self.assertRan(self.cti("search", "--format", "json", "--limit", "1000", *args)).json()

    def ids(self, *args):
        return {a["id"] for a in self.found(*args)}

    def wanted(self, test):
        """The ids of what Python finds by itself."""
        return {i for i, a in self.articles.items() if test(a["title"] + " . " + a["content"], a)}

    def check(self, query, test, empty=False):
        wanted = self.wanted(test)
        self.assertEqual(self.ids(query), wanted, query)
        if not empty:
            self.assertTrue(0 < len(wanted) < len(self.articles), "%s says nothing" % query)

    def test_collect_keeps_the_index_up(self):
        """What a run stored enters the index at its end, or at the beginning of the next one."""
        self.assertRan(self.collected)
        everything = self.ids("loader")
        self.db.execute("DELETE FROM cti.word_blocks; DELETE FROM cti.word_segments; UPDATE cti.derived SET version = 0 WHERE step = 'words'")
        self.assertEqual(self.unindexed(), len(self.articles))
        self.assertEqual(self.ids("loader"), everything)
        self.assertRan(self.cti("collect", "--index", "now"))
        self.assertEqual(self.unindexed(), 0)
        self.db.execute("UPDATE cti.derived SET version = 0 WHERE step = 'words' AND article_id = %d" % min(everything))
        self.assertEqual(self.unindexed(), 1)
        self.assertRan(self.cti("collect"))
        self.assertEqual(self.unindexed(), 0)
        self.assertEqual(self.ids("loader"), everything)

    def unindexed(self):
        return self.db.value("SELECT count(*) FROM public.articles a WHERE NOT EXISTS (SELECT 1 FROM cti.derived d WHERE d.article_id = a.id AND d.step = 'words' AND d.version > 2)")

    def test_words_phrases_and_operators(self):
        self.check("loader", lambda t, a: holds(t, "loader"))
        self.check("LOADER bitcoin", lambda t, a: holds(t, "loader") and holds(t, "bitcoin"))
        self.check("loader OR bitcoin", lambda t, a: holds(t, "loader") or holds(t, "bitcoin"))
        self.check("loader NOT bitcoin", lambda t, a: holds(t, "loader") and not holds(t, "bitcoin"))
        self.check("loader -bitcoin", lambda t, a: holds(t, "loader") and not holds(t, "bitcoin"))
        self.check("(loader OR bitcoin) AND phishing", lambda t, a: (holds(t, "loader") or holds(t, "bitcoin")) and holds(t, "phishing"))
        self.check('"initial access"', lambda t, a: holds(t, "initial", "access"))
        self.check("ransom*", lambda t, a: any(w.startswith("ransom") for w in words(t)))
        self.check("nowhereatall", lambda t, a: False, empty=True)

    def test_what_punctuation_joins_is_a_phrase(self):
        for article in list(self.articles.values())[:20]:
            for indicator in article["indicators"][:5]:
                if indicator["type"] in ("domain", "ipv4", "cve", "sha256", "filename") and indicator["original"] == indicator["value"]:
                    self.assertIn(article["id"], self.ids('"%s"' % indicator["value"]), indicator)

    def test_wildcards_inside(self):
        self.check("*.exe", lambda t, a: re.search(r"\S*\.exe\b", t, re.I))
        self.check("lo?der", lambda t, a: re.search(r"\blo\Sder\b", t, re.I))

    def test_fields(self):
        title = next(iter(self.articles.values()))["title"]
        word = max(words(title), key=len)
        self.check("title:" + word, lambda t, a: holds(a["title"], word))
        self.check("source:feedlab_001", lambda t, a: a["source"] == "feedlab_001")
        self.check("source:feedlab_00?", lambda t, a: True, empty=True)
        self.check("tag:apt", lambda t, a: any(x.lower() == "apt" for x in a["tags"]))
        self.check("score>60", lambda t, a: a["threat_hunting_score"] > 60)
        self.check("score<=60 loader", lambda t, a: a["threat_hunting_score"] <= 60 and holds(t, "loader"))
        middle = sorted(a["published_at"] for a in self.articles.values())[len(self.articles) // 2]
        self.check("after:" + middle, lambda t, a: a["published_at"] >= middle)
        self.check("NOT after:" + middle, lambda t, a: a["published_at"] < middle)

    def test_a_technique_is_found_with_its_parts(self):
        found = {}
        for article in self.articles.values():
            for indicator in article["indicators"]:
                if indicator["type"] == "attack_technique":
                    found.setdefault(indicator["value"].split(".")[0], {}).setdefault(indicator["value"], set()).add(article["id"])
        whole = next(name for name, parts in found.items() if any("." in value for value in parts))
        self.assertEqual(self.ids("technique:" + whole), set().union(*found[whole].values()))
        part = next(value for value in found[whole] if "." in value)
        self.assertEqual(self.ids("technique:" + part.lower()), found[whole][part])

    def test_a_pipe_gets_all_that_is_found(self):
        everything = self.assertRan(self.cti("search", "--days", "100000", "--format", "ids")).out.split()
        self.assertEqual(len(everything), len(self.articles))
        self.assertGreater(len(everything), 50)
        lines = self.assertRan(self.cti("search", "--days", "100000", "--format", "ndjson")).out.splitlines()
        self.assertEqual([str(json.loads(line)["id"]) for line in lines], everything)
        shown = draw(120, "search", "--days", "100000", url=self.db.url(), NO_COLOR="1")
        self.assertIn("the first 50; there are more, see --limit", shown)

    def test_a_cve_may_be_given_by_its_number(self):
        cve = next(i["value"] for a in self.articles.values() for i in a["indicators"] if i["type"] == "cve")
        self.assertEqual(self.ids("cve:" + cve[4:]), self.ids("cve:" + cve))

    def test_a_field_that_there_is_not_is_an_error_with_a_suggestion(self):
        self.assertRefused(self.cti("search", "titel:x"), 2, "did you mean 'title'?")
        self.assertRefused(self.cti("search", "score >60"), 2, "score>60")

    def test_indicators_are_found_as_they_are_written_and_as_they_are_meant(self):
        values = {}
        for article in self.articles.values():
            for indicator in article["indicators"]:
                values.setdefault((indicator["type"], indicator["value"]), set()).add(article["id"])
        for kind in ("domain", "ipv4", "cve", "sha256", "attack_technique"):
            (_, value), ids = next((k, v) for k, v in values.items() if k[0] == kind)
            self.assertEqual(self.ids("indicator:" + value), ids, value)
            self.assertEqual(self.ids("%s:%s" % (kind, value)), ids, value)
            self.assertEqual(self.ids("%s:%s" % (kind, value.swapcase())), ids, value)
        domain = next(v for k, v in values if k == "domain")
        self.assertEqual(self.ids("domain:" + domain.replace(".", "[.]")), values["domain", domain])
        self.assertEqual(self.ids("cve:*"), set().union(*(v for k, v in values.items() if k[0] == "cve")))

    def test_an_article_that_is_not_in_the_index_yet_is_found_as_well(self):
        everything = self.ids("loader")
        one = min(everything)
        self.assertRan(self.cti("intel", "backfill"))
        self.db.execute("DELETE FROM cti.derived WHERE article_id = %d" % one)
        self.assertEqual(self.ids("loader"), everything)
        self.assertEqual(self.ids("NOT loader"), set(self.articles) - everything)
        done = self.assertRan(self.cti("intel", "backfill"))
        self.assertIn("1 article brought into the search index", done.err)
        self.assertEqual(self.unindexed(), 0)

    def test_backfill_reads_the_words_of_a_changed_text_again(self):
        self.assertRan(self.cti("intel", "backfill"))
        # As after an hour, from when on nothing but the backfill looks for changes that others made.
        self.db.execute("INSERT INTO cti.progress (task, version, done_to) SELECT 'search_index', 3, max(id) FROM public.articles "
                        "ON CONFLICT (task) DO UPDATE SET done_to = excluded.done_to")
        one = min(self.articles)
        self.db.execute("UPDATE public.articles SET content = content || ' zyxwvut', content_hash = repeat('a', 64) WHERE id = %d" % one)
        self.assertEqual(self.ids("zyxwvut"), set())
        self.assertRan(self.cti("intel", "backfill"))
        self.assertEqual(self.ids("zyxwvut"), {one})
        self.db.execute("UPDATE public.articles SET content = replace(content, ' zyxwvut', ''), content_hash = repeat('b', 64) WHERE id = %d" % one)
        self.assertRan(self.cti("intel", "backfill"))
        self.assertEqual(self.ids("zyxwvut"), set())

    def test_selection_narrows_and_orders(self):
        everything = self.found("the")
        self.assertEqual([a["published_at"] for a in everything], sorted((a["published_at"] for a in everything), reverse=True))
        scores = [a["threat_hunting_score"] for a in self.found("the", "--order", "score")]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual({a["source"] for a in self.found("the", "--source", "feedlab_002")}, {"feedlab_002"})
        limited = self.assertRan(self.cti("search", "the", "--limit", "3", "--format", "json"))
        self.assertEqual(limited.json(), everything[:3])
        self.assertIn("the first 3; there are more", limited.err)

    def test_the_literal_line_and_the_shape_of_its_answer(self):
        found = self.assertRan(self.cti("search", "--query", "loader", "--days", "30", "--limit", "50", "--format", "json")).json()
        for article in found:
            self.assertEqual(list(article), ["id", "source_id", "source", "title", "url", "published_at", "threat_hunting_score", "snippet"])
            self.assertRegex(article["snippet"].lower() + article["title"].lower(), "loader")

    def test_ids_are_what_export_takes(self):
        ids = self.assertRan(self.cti("search", "loader", "--format", "ids", "--limit", "1000"))
        exported = self.assertRan(self.cti("export", "--ids", "-", stdin=ids.raw)).json()
        self.assertEqual({a["id"] for a in exported}, self.wanted(lambda t, a: holds(t, "loader")))
        self.assertEqual(exported, self.assertRan(self.cti("export", "--query", "loader")).json())
        self.assertRefused(self.cti("export", "--ids", "-", stdin=b"12\nx\n"), 2, "'x' is no id")
        self.assertEqual(self.assertRan(self.cti("export", "--ids", "-", stdin=b"")).json(), [])

    def test_into_a_pipe_lines_of_tabs(self):
        lines = self.assertRan(self.cti("search", "loader", "--limit", "2")).out.splitlines()
        self.assertEqual(lines[0].split("\t"), ["ID", "PUBLISHED", "SCORE", "SOURCE", "TITLE", "URL", "SNIPPET"])
        self.assertEqual([len(l.split("\t")) for l in lines], [7, 7, 7])

    def test_an_invalid_query_says_where(self):
        for query, fragments in {"(loader": ("'(' is never closed", "character 1 "), "a AND": ("missing at the end", "character 6 "),
                                 "score>x": ("number",), "source:feedlab_01": ("Did you mean 'feedlab_001'?",), "...": ("holds no word",)}.items():
            self.assertRefused(self.cti("search", query), 2, *fragments)
            self.assertRefused(self.cti("export", "--query", query), 2, *fragments)
        self.assertRefused(self.cti("search"), 2, "nothing to look for")

    def test_a_word_that_begins_with_a_dash_is_explained_and_read_behind_two(self):
        for words, typed in ((["-emotet"], "-emotet"), (["foo", "-emotet"], "-emotet"), (["foo", "-qakbot"], "-qakbot"), (["-vidar", "foo"], "-vidar")):
            refused = self.cti("search", *words)
            self.assertRefused(refused, 2, "unknown option '%s'" % typed)
            self.assertIn("NOT %s" % typed[1:], refused.err)
            self.assertIn("cti search -- %s" % typed, refused.err)
        self.assertRefused(self.cti("search", "foo", "--emotet"), 2, "unknown option '--emotet'")
        wanted = self.wanted(lambda t, a: holds(t, "loader") and not holds(t, "bitcoin"))
        self.assertTrue(wanted)
        for words in (["--", "loader", "-bitcoin"], ["loader", "--", "-bitcoin"], ["--", "-bitcoin", "loader"], ["loader", "NOT", "bitcoin"]):
            self.assertEqual(self.ids(*words), wanted, words)

    def test_no_query_reaches_the_database_but_as_a_value(self):
        tables = self.db.value("SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname IN ('public', 'cti')")
        for query in ("';--", "x'); DROP TABLE articles;--", "\\", "tag:'||(select 1)||'", "source:%", "indicator:a'b", "'a' <-> 'b':*", "$1 $2 {} %s",
                      "title:\"'; DELETE FROM sources\"", "?*';--*", "[*](x"):
            result = self.cti("search", query, "--format", "json")
            self.assertIn(result.rc, (0, 2), result)
            self.assertIsHarmless(result)
        self.assertEqual(self.db.value("SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname IN ('public', 'cti')"), tables)
        self.assertEqual(self.ids("source:%*"), set())

    def test_web_compat_reads_a_query_as_the_web_service_does(self):
        def found(*args):
            return {a["id"] for a in self.found(*args, "--web-compat")}
        def text(a):
            return (a["title"] + " " + a["content"]).lower()
        self.assertEqual(found("loader bitcoin"), {i for i, a in self.articles.items() if "loader" in text(a) or "bitcoin" in text(a)})
        self.assertEqual(found("oade NOT bitcoin"), {i for i, a in self.articles.items() if "oade" in text(a) and "bitcoin" not in text(a)})
        exported = self.cti("export", "--query", "loader AND bitcoin", "--web-compat", "--no-content").json()
        self.assertEqual({a["id"] for a in exported}, {i for i, a in self.articles.items() if "loader" in text(a) and "bitcoin" in text(a)})

    def test_articles_that_nothing_can_be_made_of_end_no_search(self):
        self.db.execute("""
            INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata, discovered_at, processing_status, word_count, created_at, updated_at)
            SELECT id, 'https://odd.example/' || n, 'Odd ' || n, now(), '[]', tags, content, md5(n::text) || md5(n::text), metadata, now(), 'pending', 0, now(), now()
            FROM (SELECT id FROM public.sources ORDER BY id LIMIT 1) AS s,
                 (VALUES (1, '["\\u0000", "odd tag"]'::json, 'oddity', '{"threat_hunting_score": 71, "x": "\\u0000"}'::json),
                         (2, '"odd tag"', 'oddity', '{"threat_hunting_score": "72.5"}'),
                         (3, '["ODD tag"]', (SELECT string_agg(md5(i::text), ' ') FROM generate_series(1, 60000) AS i) || ' oddity', '[]')) AS v (n, tags, content, metadata)""")
        try:
            self.assertRan(self.cti("intel", "backfill"))
            self.assertEqual({a["title"] for a in self.found("title:odd")}, {"Odd 1", "Odd 2", "Odd 3"})
            self.assertEqual({a["title"] for a in self.found("title:odd score>70")}, {"Odd 1", "Odd 2"})
            self.assertEqual({a["title"] for a in self.found('tag:"odd tag" title:odd')} - {"Odd 2"}, {"Odd 1", "Odd 3"})
            self.assertLessEqual({"Odd 1", "Odd 2"}, {a["title"] for a in self.found("oddity")})
        finally:
            self.db.execute("DELETE FROM public.articles WHERE canonical_url LIKE 'https://odd.example/%'")

    def test_the_name_of_a_host_is_found_as_it_is_written_and_as_it_is_sent(self):
        self.db.execute("""
            INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata, discovered_at, processing_status, word_count, created_at, updated_at)
            SELECT id, 'https://names.example/', 'Names', now(), '[]', '[]', 'It asked bücher-böse.com, and took the mutex "Глобал.Один".', repeat('cd', 32), '{}', now(), 'pending', 0, now(), now()
            FROM public.sources ORDER BY id LIMIT 1""")
        try:
            self.assertRan(self.cti("intel", "backfill"))
            for query in ("domain:bücher-böse.com", "indicator:BÜCHER-böse[.]com", "domain:xn--bcher-bse-67a3d.com", 'mutex:"Глобал.Один"'):
                self.assertEqual([a["title"] for a in self.found(query)], ["Names"], query)
        finally:
            self.db.execute("DELETE FROM public.articles WHERE canonical_url = 'https://names.example/'")

    def test_without_words_a_selection_lists_the_newest(self):
        for args in (["--source", "feedlab_001"], ["--days", "3"], ["--min-score", "50", "--order", "score"], ["--ids", "3,1,2"]):
            with self.subTest(" ".join(args)):
                exported = self.assertRan(self.cti("export", *args)).json()
                self.assertEqual([a["id"] for a in self.found(*args)], [a["id"] for a in exported])
                self.assertTrue(0 < len(exported) < len(self.articles))
        first = self.found("--source", "feedlab_001")[0]
        self.assertEqual(first["snippet"].split()[:5], self.articles[first["id"]]["content"].split()[:5])
        for args in ([], ["--limit", "3"], ["--order", "score"]):
            self.assertRefused(self.cti("search", *args), 2, "nothing to look for", "cti articles")

    def test_ids_may_be_given_themselves(self):
        self.assertEqual([a["id"] for a in self.assertRan(self.cti("export", "--ids", "2")).json()], [2])
        self.assertEqual({a["id"] for a in self.assertRan(self.cti("export", "--ids", "2, 4,4711")).json()}, {2, 4})
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "2").write_text("3\n")
            self.assertEqual([a["id"] for a in self.assertRan(self.cti("export", "--ids", "./2", cwd=folder)).json()], [3])
            self.assertEqual([a["id"] for a in self.assertRan(self.cti("export", "--ids", "2", cwd=folder)).json()], [2])
        self.assertRefused(self.cti("export", "--ids", "99999999999"), 2, "is no id of an article")
        self.assertRefused(self.cti("export", "--ids", "2x"), 2, "2x")
