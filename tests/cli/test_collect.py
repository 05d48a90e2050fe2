"""The main job on 40 sources of 50 entries, against the truth that the lab keeps of them."""
import csv
import io
import json
import re
import subprocess
import unittest

from harness import Database, LabCase, cti, draw, share_of_words_in_order

EXPORT_KEYS = ["id", "source_id", "source", "title", "url", "published_at", "authors", "tags", "summary", "content",
               "discovered_at", "word_count", "threat_hunting_score", "indicators"]


class WholeRun(LabCase):
    lab_options = dict(sources=40, entries=50)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.truth = cls.lab.truth()
        cls.first = cti("collect", "--format", "json", url=cls.db.url())
        cls.rows = {r["canonical_url"]: r for r in cls.db.rows(
            "SELECT a.*, s.identifier FROM public.articles a JOIN public.sources s ON s.id = a.source_id")}

    def test_collect_ends_well_and_counts_what_it_did(self):
        self.assertRan(self.first)
        report = self.first.json()
        totals = report["totals"]
        self.assertEqual((totals["sources"], totals["failed"], totals["entries"], totals["new"], totals["duplicate"],
                          totals["filtered"]), (40, 0, 2000, 2000, 0, 0), totals)
        self.assertEqual(len(report["sources"]), 40)
        self.assertFalse(report["dry_run"])
        for source in report["sources"]:
            self.assertEqual((source["method"], source["status"], source["http_status"], source["entries"], source["new"],
                              source["error"]), ("rss", "ok", 200, 50, 50, None), source)

    def test_every_article_is_there_once(self):
        self.assertEqual(len(self.truth), 2000)
        self.assertEqual(set(self.rows), set(self.truth))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 2000)

    def test_title_source_authors_tags_and_time_agree_with_the_truth(self):
        for url, expected in self.truth.items():
            row = self.rows[url]
            self.assertEqual(row["identifier"], expected["source"], url)
            self.assertEqual(row["title"], expected["title"], url)
            self.assertEqual(row["authors"], expected["authors"], url)
            self.assertEqual(set(row["tags"]), set(expected["tags"]), url)
            self.assertEqual(row["published_at"] + "Z", expected["date"], url)

    def test_text_agrees_word_for_word(self):
        for url, expected in self.truth.items():
            share = share_of_words_in_order(expected["text"], self.rows[url]["content"])
            self.assertGreaterEqual(share, 0.995, url)

    def test_blocks_stay_apart(self):
        # Structure is kept: what stands in two blocks of the page is never on one line.
        url, expected = next(iter(self.truth.items()))
        lines = [" ".join(l.split()) for l in self.rows[url]["content"].splitlines()]
        blocks = [b for b in expected["text"].splitlines() if len(b.split()) > 8]
        self.assertGreater(sum(b in lines for b in blocks), 0.9 * len(blocks), self.rows[url]["content"][:1500])

    def test_each_source_has_one_check_and_its_health(self):
        checks = self.db.rows("SELECT * FROM public.source_checks ORDER BY id LIMIT 40")
        self.assertEqual(len({c["source_id"] for c in checks}), 40)
        for check in checks:
            self.assertTrue(check["success"])
            self.assertEqual((check["method"], check["articles_found"], check["error_message"]), ("rss", 50, None), check)
            self.assertGreaterEqual(check["response_time"], 0)
            self.assertIsInstance(check["check_metadata"], dict)
        for source in self.db.rows("SELECT * FROM public.sources"):
            self.assertEqual((source["consecutive_failures"], source["total_articles"]), (0, 50), source)
            self.assertIsNotNone(source["last_check"])
            self.assertIsNotNone(source["last_success"])
            self.assertGreater(source["average_response_time"], 0)

    def test_every_hash_stands_in_content_hashes(self):
        self.assertEqual(self.db.value(
            "SELECT count(*) FROM public.articles a JOIN public.content_hashes h ON h.article_id = a.id"
            " AND h.content_hash = a.content_hash"), 2000)

    def test_a_second_collect_asks_nobody_because_nothing_is_due(self):
        self.lab.stats(reset=True)
        self.assertRan(self.cti("collect"))
        self.assertEqual(self.lab.stats()["requests"], 0)

    def test_a_forced_second_collect_is_answered_304_and_inserts_nothing(self):
        before = self.db.value("SELECT count(*) FROM public.source_checks")
        self.lab.stats(reset=True)
        again = self.assertRan(self.cti("collect", "--force", "--format", "json")).json()
        stats = self.lab.stats()
        self.assertEqual(stats["requests"], 40, stats)
        self.assertEqual(stats["status"], {"304": 40}, stats)
        self.assertEqual((again["totals"]["not_modified"], again["totals"]["new"]), (40, 0))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 2000)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks"), before + 40)

    # --- export --------------------------------------------------------------------------------------

    def test_export_json_holds_everything_newest_first(self):
        exported = self.assertRan(self.cti("export", "--format", "json")).json()
        self.assertEqual(len(exported), 2000)
        for article in exported:
            self.assertEqual(sorted(article), sorted(EXPORT_KEYS))
        times = [a["published_at"] for a in exported]
        self.assertEqual(times, sorted(times, reverse=True))
        for article in exported:
            expected = self.truth[article["url"]]
            self.assertEqual((article["title"], article["published_at"], article["source"], article["authors"]),
                             (expected["title"], expected["date"], expected["source"], expected["authors"]))
            self.assertEqual(article["content"], self.rows[article["url"]]["content"])

    def test_jq_reads_the_export(self):
        exported = self.assertRan(self.cti("export", "--format", "json"))
        counted = subprocess.run(["jq", "-e", "length"], input=exported.raw, capture_output=True, timeout=60)
        self.assertEqual((counted.returncode, counted.stdout.strip()), (0, b"2000"), counted.stderr)

    def test_export_ndjson_is_one_object_a_line(self):
        exported = self.assertRan(self.cti("export", "--format", "ndjson"))
        lines = exported.out.split("\n")
        self.assertEqual(lines.pop(), "")
        self.assertEqual([json.loads(l)["url"] for l in lines],
                         [a["url"] for a in self.cti("export", "--format", "json").json()])

    def test_export_csv_is_rfc_4180(self):
        exported = self.assertRan(self.cti("export", "--format", "csv"))
        self.assertIn(b"\r\n", exported.raw)
        table = list(csv.DictReader(io.StringIO(exported.out, newline="")))
        self.assertEqual(list(table[0]), ["id", "source_id", "title", "url", "published_at", "authors", "tags", "summary"])
        self.assertEqual(len(table), 2000)
        for row in table:
            expected = self.truth[row["url"]]
            self.assertEqual(row["title"].lstrip("'"), expected["title"])
            self.assertEqual(row["authors"], "; ".join(expected["authors"]))
            self.assertEqual(set(row["tags"].split("; ")), set(expected["tags"]))

    def test_export_narrows_by_source_days_and_times(self):
        one = self.lab.identifiers()[3]
        exported = self.assertRan(self.cti("export", "--format", "json", "--source", one)).json()
        self.assertEqual({a["source"] for a in exported}, {one})
        self.assertEqual(len(exported), 50)
        dates = sorted(a["date"] for a in self.truth.values())
        since, until = dates[500], dates[1500]
        exported = self.cti("export", "--format", "json", "--since", since, "--until", until).json()
        self.assertEqual(sorted(a["published_at"] for a in exported), [d for d in dates if since <= d < until])
        week = self.cti("export", "--format", "json", "--days", "7").json()
        self.assertTrue(0 < len(week) < 2000, len(week))
        self.assertEqual(len(self.cti("export", "--format", "json", "--limit", "7").json()), 7)

    def test_export_to_a_file_is_the_same_as_to_stdout(self):
        path = self.lab.yaml.parent / "out file.json"
        path.write_text("old")
        done = self.assertRan(self.cti("export", "--format", "json", "-o", path))
        self.assertEqual(done.raw, b"")
        self.assertEqual(path.read_bytes(), self.cti("export", "--format", "json").raw)
        self.assertEqual([p.name for p in path.parent.iterdir() if "out file" in p.name], ["out file.json"])

    def test_a_full_disk_is_exit_7(self):
        self.assertRefused(self.cti("export", "--format", "json", "-o", "/dev/full"), 7, "/dev/full")
        import harness
        with open("/dev/full", "wb") as full:
            done = subprocess.run([harness.BINARY, "export", "--format", "json"], stdout=full, stderr=subprocess.PIPE,
                                  env=harness.environment(self.db.url()), timeout=harness.TIMEOUT_S)
        self.assertEqual(done.returncode, 7, done.stderr)

    def test_a_closed_pipe_ends_quietly(self):
        import harness
        for how in ("json", "csv", "ndjson"):
            process = harness.start_cti("export", "--format", how, url=self.db.url(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertTrue(process.stdout.readline())
            process.stdout.close()
            err = process.stderr.read()
            process.stderr.close()
            process.wait(60)
            self.assertEqual(err, b"", how)

    def test_stats_counts_the_same(self):
        stats = self.assertRan(self.cti("stats", "--format", "json")).json()
        flat = json.dumps(stats)
        self.assertIn("2000", flat)
        self.assertIn("40", flat)
        self.assertRan(self.cti("stats"))

    def test_sources_list_tells_the_health(self):
        listed = self.assertRan(self.cti("sources", "list", "--format", "json")).json()
        self.assertEqual(len(listed), 40)
        for source in listed:
            self.assertEqual(set(source), {"id", "identifier", "name", "url", "rss_url", "active", "check_frequency", "last_check",
                                           "last_success", "next_check", "consecutive_failures", "total_articles",
                                           "average_response_time", "health"})
            self.assertEqual((source["health"], source["total_articles"]), ("ok", 50), source)
            self.assertRegex(source["last_check"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


class Selection(LabCase):
    """Which sources a collect takes."""

    def setUp(self):
        self.db.execute("UPDATE public.sources SET last_check = NULL, active = true; TRUNCATE public.source_checks, cti.source_state")
        self.lab.stats(reset=True)

    def collected(self, *args):
        report = self.assertRan(self.cti("collect", "--format", "json", *args)).json()
        return [s["identifier"] for s in report["sources"]]

    def test_only_named_sources_are_collected(self):
        names = self.lab.identifiers()
        self.assertEqual(sorted(self.collected("--source", names[1], "--source", names[4])), sorted([names[1], names[4]]))
        self.assertEqual(self.lab.stats()["requests"], 2)

    def test_an_inactive_source_is_left_out(self):
        names = self.lab.identifiers()
        self.assertRan(self.cti("sources", "disable", names[2]))
        self.assertNotIn(names[2], self.collected())
        self.assertRan(self.cti("sources", "enable", names[2]))
        self.assertEqual(self.collected(), [names[2]])

    def test_a_source_is_due_again_after_its_check_frequency(self):
        self.assertEqual(len(self.collected()), 6)
        self.assertEqual(self.collected(), [])
        name = self.lab.identifiers()[0]
        self.db.execute("UPDATE public.sources SET last_check = last_check - interval '3601 s' WHERE identifier = '%s'" % name)
        self.assertEqual(self.collected(), [name])

    def test_on_a_terminal_the_end_names_the_best_of_what_is_new(self):
        self.db.execute("TRUNCATE public.articles, cti.seen_entries, cti.indicators, cti.derived CASCADE")
        drawn = draw(100, "collect", url=self.db.url(), CTI_ALLOW_PRIVATE="1")
        best = re.search(r"Read one: cti show (\d+)", drawn)
        self.assertTrue(best, drawn)
        rows = self.assertRan(self.cti("export", "--order", "score", "--limit", "5", "--no-content")).json()
        self.assertEqual(int(best[1]), rows[0]["id"])
        for row in rows:
            self.assertIn("  %-6d %s" % (row["id"], row["title"][:30]), drawn)
        techniques = self.db.value("SELECT count(DISTINCT value) FROM cti.indicators WHERE type = 'attack_technique' AND verdict = ''")
        self.assertRegex(drawn, r"%d techniques?: T\d" % techniques)
        self.assertRegex(drawn, r"CVEs?: CVE-\d")
        self.assertNotIn("cti show", self.assertRan(self.cti("collect", "--force")).err)

    def test_a_run_that_is_done_stays_done_where_its_end_cannot_be_told(self):
        db = Database()
        self.addCleanup(db.drop)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=db.url()))
        db.execute("""
            DROP ROLE IF EXISTS test_blind;
            CREATE ROLE test_blind LOGIN;
            GRANT USAGE ON SCHEMA public, cti TO test_blind;
            GRANT ALL ON ALL TABLES IN SCHEMA public, cti TO test_blind;
            GRANT ALL ON ALL SEQUENCES IN SCHEMA public, cti TO test_blind;
            REVOKE SELECT ON cti.indicators FROM test_blind;""")
        self.addCleanup(db.execute, "DROP OWNED BY test_blind; DROP ROLE test_blind")
        drawn = draw(100, "collect", url=db.url(user="test_blind"), CTI_ALLOW_PRIVATE="1")  # asserts that it ends with 0
        self.assertGreater(db.value("SELECT count(*) FROM public.articles"), 0)
        self.assertNotIn("permission denied", drawn)
        self.assertNotIn("cti show", drawn)

    def test_a_backfill_shows_how_much_of_how_much_and_for_how_long(self):
        self.collected("--force")
        self.db.execute("INSERT INTO public.articles (source_id, canonical_url, title, published_at, content, content_hash) SELECT source_id, "
                        "canonical_url || '#' || n, title || n, published_at, content, md5(id || 'x' || n) FROM public.articles, generate_series(1, 20) n "
                        "WHERE id IN (SELECT max(id) FROM public.articles GROUP BY source_id)")
        self.addCleanup(self.db.execute, "DELETE FROM public.articles WHERE canonical_url LIKE '%#%'")
        drawn = draw(100, "intel", "backfill", "--again", "--batch", "1", url=self.db.url())
        for step in ("indicators", "words"):
            self.assertRegex(drawn, step + r": \d+/\d{3,} articles, \d+ s, \d+ articles/s")

    def test_failures_by_hand_neither_count_nor_put_off_what_was_planned(self):
        self.collected()
        name = self.lab.identifiers()[0]
        planned = "SELECT t.next_check_at FROM cti.source_state t JOIN public.sources s ON s.id = t.source_id WHERE s.identifier = '%s'" % name
        failures = "SELECT consecutive_failures FROM public.sources WHERE identifier = '%s'" % name
        before = self.db.value(planned)
        self.lab.control(source=0, fault="500")
        self.addCleanup(self.lab.control, source=0, fault="none")
        for _ in range(4):
            self.cti("collect", "--source", name)
        self.assertEqual((self.db.value(failures), self.db.value(planned)), (1, before))

    def test_a_new_revision_of_the_feeds_brings_only_the_new_entries(self):
        self.collected("--force")
        self.lab.control(rev=2)
        try:
            report = self.assertRan(self.cti("collect", "--force", "--format", "json")).json()
        finally:
            self.lab.control(rev=0)
        self.assertEqual(report["totals"]["new"], 12, report["totals"])
        # In each of the six feeds one of the known entries has another text now.
        self.assertEqual((report["totals"]["duplicate"], report["totals"]["updated"]), (54, 6), report["totals"])


class DryRun(LabCase):
    def test_a_role_that_may_only_read_can_make_a_dry_run(self):
        self.db.execute("""
            DROP ROLE IF EXISTS test_reader;
            CREATE ROLE test_reader LOGIN;
            GRANT USAGE ON SCHEMA public, cti TO test_reader;
            GRANT SELECT ON ALL TABLES IN SCHEMA public, cti TO test_reader;""")
        self.addCleanup(self.db.execute, "DROP OWNED BY test_reader; DROP ROLE test_reader")
        dry = self.assertRan(self.cti("collect", "--dry-run", "--format", "json", url=self.db.url(user="test_reader"))).json()
        self.assertTrue(dry["dry_run"])
        self.assertEqual((dry["totals"]["sources"], dry["totals"]["entries"], dry["totals"]["new"]), (6, 60, 60))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks"), 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.sources WHERE last_check IS NOT NULL"), 0)

    def test_a_dry_run_of_the_owner_writes_nothing(self):
        self.assertRan(self.cti("collect", "--dry-run"))
        self.assertEqual(self.db.value("SELECT count(*) FROM public.source_checks"), 0)
        self.assertEqual(self.db.value("SELECT count(*) FROM public.articles"), 0)


if __name__ == "__main__":
    unittest.main()
