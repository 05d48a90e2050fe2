"""The same job on the web service's own tables, of both generations and of a damaged one."""
import unittest

from harness import Case, Database, Lab, compat_schemas, cti

# A restore as it was met: data there, keys and indexes gone.
STRIP = """
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND contype = 'f' LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
  END LOOP;
  FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u') LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
  END LOOP;
  FOR r IN SELECT indexrelid::regclass AS i FROM pg_index JOIN pg_class c ON c.oid = indrelid
           WHERE c.relnamespace = 'public'::regnamespace AND indisunique LOOP
    EXECUTE format('DROP INDEX %s', r.i);
  END LOOP;
END $$;
"""
COLUMNS = ("SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
           " WHERE table_schema = 'public' ORDER BY 1, ordinal_position")


class OnTheWebServicesTables(Case):
    @classmethod
    def setUpClass(cls):
        cls.schemas = compat_schemas()
        if not cls.schemas:
            raise unittest.SkipTest("no DDL of the web service is here")
        cls.lab = Lab(sources=40, entries=50).start()
        cls.addClassCleanup(cls.lab.stop)
        cls.truth = cls.lab.truth()

    def database(self, year, *more_sql):
        if year not in self.schemas:
            self.skipTest("no DDL of " + year)
        db = Database()
        self.addCleanup(db.drop)
        db.load(self.schemas[year])
        for sql in more_sql:
            db.execute(sql)
        return db

    def collect_twice(self, db, zone="UTC"):
        columns = db.rows(COLUMNS)
        self.assertRan(cti("init", "--config", self.lab.yaml, url=db.url()))
        self.assertRan(cti("collect", url=db.url()))
        self.lab.stats(reset=True)
        self.assertRan(cti("collect", "--force", url=db.url()))
        self.assertEqual(self.lab.stats()["status"], {"304": 40})
        self.assertEqual(db.rows(COLUMNS), columns, "the web service's tables are not ours to change")
        self.assert_rows(db, zone)
        self.assert_backfill_changes_nothing(db)

    def assert_backfill_changes_nothing(self, db):
        """Looking through everything again, keys of people and models in the rows."""
        db.execute("UPDATE public.articles SET article_metadata = (article_metadata::jsonb || '{\"training_category\": \"chosen\","
                   " \"threat_hunting_score\": 12.5, \"ml_hunt_score\": 7}')::json WHERE id % 50 = 0")
        rows = "SELECT md5(string_agg(a::text, '|' ORDER BY id)) FROM public.articles a"
        found = "SELECT md5(string_agg(i::text, '|' ORDER BY article_id, position)) FROM cti.indicators i"
        before = db.value(rows), db.value(found)
        self.assertIn("2000 articles looked through", self.assertRan(cti("intel", "backfill", "--again", url=db.url())).err)
        self.assertEqual((db.value(rows), db.value(found)), before)

    def assert_rows(self, db, zone):
        rows = db.rows("SELECT *, json_typeof(authors) ta, json_typeof(tags) tt, json_typeof(article_metadata) tm,"
                       " simhash::text AS simhash_text, to_char(published_at AT TIME ZONE '%s' AT TIME ZONE 'UTC',"
                       " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS published_utc FROM public.articles" % zone)
        self.assertEqual(len(rows), 2000)
        self.assertEqual(len({r["canonical_url"] for r in rows}), 2000)
        for row in rows:
            expected = self.truth[row["canonical_url"]]
            self.assertEqual((row["title"], row["published_utc"]), (expected["title"], expected["date"]))
            self.assertEqual((row["ta"], row["tt"], row["tm"]), ("array", "array", "object"))
            self.assertTrue(all(isinstance(x, str) for x in row["authors"] + row["tags"]), row)
            self.assertRegex(row["content_hash"], "^[0-9a-f]{64}$")
            self.assertEqual(row["processing_status"], "pending")
            self.assertTrue(0 <= int(row["simhash_text"]) < 2 ** 64)
            self.assertIsInstance(row["simhash_bucket"], int)
            self.assertIsInstance(row["word_count"], int)
            self.assertTrue(row["content"] and row["created_at"] and row["updated_at"] and row["discovered_at"])
            metadata = row["article_metadata"]
            score = metadata["threat_hunting_score"]
            self.assertTrue(isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 100)
            keys = ["perfect_keyword_matches", "good_keyword_matches", "lolbas_matches"]
            for key in keys + (["intelligence_matches", "negative_matches"] if "archived" in row else []):
                self.assertTrue(isinstance(metadata[key], list) and all(isinstance(word, str) for word in metadata[key]), key)
        self.assertEqual(db.value("SELECT count(*) FROM public.source_checks WHERE success"), 80)
        self.assertEqual(db.value("SELECT count(DISTINCT content_hash) FROM public.content_hashes"), 2000)
        self.assertEqual(db.value(
            "SELECT count(*) FROM public.sources s WHERE total_articles ="
            " (SELECT count(*) FROM public.articles a WHERE a.source_id = s.id)"), 40)

    def test_2025(self):
        db = self.database("2025")
        self.collect_twice(db)
        for source in db.rows("SELECT * FROM public.sources"):
            self.assertTrue(1 <= source["tier"] <= 3 and 0 <= source["success_rate"] <= 1 and source["check_frequency"] >= 60, source)
            config = source["config"]
            self.assertIsInstance(config["allow"], list)
            self.assertIsInstance(config["post_url_regex"], list)
            self.assertIsInstance(config.get("discovery", {}), dict)
            self.assertIsInstance(config.get("extract", {}), dict)

    def test_2026(self):
        db = self.database("2026")
        self.collect_twice(db)
        row = db.rows("SELECT bool_and(archived = false) a, bool_and(embedding IS NULL) e FROM public.articles")[0]
        self.assertEqual(row, {"a": True, "e": True})
        for source in db.rows("SELECT * FROM public.sources"):
            self.assertNotIn("config", source["config"], "written flat")
            self.assertIsInstance(source["lookback_days"], int)

    def test_2026_without_keys_unique_indexes_and_foreign_keys(self):
        self.collect_twice(self.database("2026", STRIP))

    def test_2026_on_a_server_that_lives_in_new_york(self):
        # The web service of 2026 stores the wall-clock time of its container.
        db = self.database("2026")
        db.execute("ALTER DATABASE %s SET timezone = 'America/New_York'" % db.name)
        self.collect_twice(db, "America/New_York")
        exported = self.assertRan(cti("export", "--format", "json", url=db.url())).json()
        self.assertEqual({a["url"]: a["published_at"] for a in exported}, {u: a["date"] for u, a in self.truth.items()})

    def test_an_unknown_required_column_gets_a_neutral_value(self):
        db = self.database("2026", "ALTER TABLE sources ADD COLUMN healing_exhausted boolean NOT NULL,"
                                   " ADD COLUMN healing_attempts integer NOT NULL;"
                                   " ALTER TABLE articles ADD COLUMN reviewed_by text NOT NULL")
        self.assertRan(cti("init", "--config", self.lab.yaml, url=db.url()))
        self.assertRan(cti("collect", "--source", self.lab.identifiers()[0], url=db.url()))
        self.assertEqual(db.rows("SELECT DISTINCT healing_exhausted, healing_attempts FROM sources"),
                         [{"healing_exhausted": False, "healing_attempts": 0}])
        self.assertEqual(db.rows("SELECT DISTINCT reviewed_by FROM articles"), [{"reviewed_by": ""}])

    def test_internal_sources_are_left_alone(self):
        db = self.database("2026", """
            INSERT INTO sources (identifier, name, url, check_frequency, lookback_days, active, config, consecutive_failures,
                                 total_articles, average_response_time, created_at, updated_at)
            VALUES ('manual', 'Manual', 'manual://scraped', 3600, 180, false, '{}', 0, 0, 0, now(), now()),
                   ('eval_articles', 'Evaluation', 'eval://articles', 3600, 180, false, '{}', 0, 0, 0, now(), now());""")
        before = db.rows("SELECT * FROM sources ORDER BY id")
        self.assertRan(cti("init", "--prune", "--config", self.lab.yaml, url=db.url()))
        self.assertRan(cti("collect", "--force", "--dry-run", url=db.url()))
        self.assertEqual(db.rows("SELECT * FROM sources WHERE id <= 2 ORDER BY id"), before)

    def test_a_second_collector_that_stored_the_same_text_is_not_doubled(self):
        # The scheduled worker of the web service hashes the body only and knows nothing of content_hashes.
        db = self.database("2026")
        self.assertRan(cti("init", "--config", self.lab.yaml, url=db.url()))
        one = self.lab.identifiers()[0]
        self.assertRan(cti("collect", "--source", one, url=db.url()))
        db.execute("UPDATE articles SET canonical_url = canonical_url || '?moved=1'; DELETE FROM content_hashes; TRUNCATE cti.source_state")
        again = self.assertRan(cti("collect", "--source", one, "--format", "json", url=db.url())).json()
        self.assertEqual((again["totals"]["new"], again["totals"]["duplicate"]), (0, 50), again["totals"])


if __name__ == "__main__":
    unittest.main()
