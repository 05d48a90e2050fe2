"""Articles that somebody has deleted, and what goes with a source."""
import os
import pty
import subprocess
import unittest

from harness import BINARY, Case, Database, cti, environment
from test_feeds import Site

EMPTY = b'version: "1.0"\nsources: []\n'


def report(number, link=None, guid=None, text=None):
    return ("<item><title>Report %d</title><link>http://127.0.0.1/%s</link><guid isPermaLink='false'>%s</guid><description>%s</description></item>"
            % (number, link or "posts/%d" % number, guid or "g%d" % number, text or "What report %d has to say about CVE-2026-%d." % (number, 1000 + number)))


class DeletedCase(Case):
    def cti(self, *args, **more):
        return cti(*args, url=self.db.url(), **more)

    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        self.pages = {}
        self.site = Site(self.pages)
        self.addCleanup(self.site.stop)
        self.assertRan(self.cti("init", "--config", "-", stdin=EMPTY))
        self.add("one")

    def add(self, source):
        self.assertRan(self.cti("sources", "add", source, source, self.site.url + "/", "--rss-url", "%s/%s" % (self.site.url, source)))

    def publish(self, source, *items):
        feed = "<rss version='2.0'><channel><title>t</title>%s</channel></rss>" % "".join(items)
        self.pages["/" + source] = (200, "application/rss+xml", feed.encode(), {"ETag": '"%d"' % len(feed)})

    def collect(self, source, *more):
        """New, duplicate, and what was left out by reason."""
        done = self.assertRan(self.cti("collect", "--source", source, "--format", "json", *more)).json()
        return done["totals"]["new"], done["totals"]["duplicate"], done["sources"][0]["filtered"]

    def delete(self, number):
        """As the web service does."""
        article = self.db.value("SELECT id FROM articles WHERE title = 'Report %d'" % number)
        self.db.execute("DELETE FROM content_hashes WHERE article_id = %d; DELETE FROM articles WHERE id = %d" % (article, article))

    def titles(self):
        return sorted(row["title"] for row in self.db.rows("SELECT title FROM articles"))


class Deleted(DeletedCase):
    def setUp(self):
        super().setUp()
        self.publish("one", report(1), report(2))
        self.assertEqual(self.collect("one")[0], 2)
        self.delete(1)

    def test_it_does_not_come_back_and_is_counted(self):
        for text in ("as it was", "changed", "changed again"):
            self.publish("one", report(1), report(2), report(3, text="Report 3 is " + text))
            self.assertEqual(self.collect("one")[2], {"deleted": 1})
        self.publish("one", report(2), report(3), report(1))
        self.assertEqual(self.titles(), ["Report 2", "Report 3"])
        summary = self.assertRan(self.cti("collect", "--source", "one"))
        self.assertIn("1 filtered (1 deleted)", summary.err)
        shown = self.assertRan(self.cti("sources", "show", "one", "--dropped", "9")).out
        self.assertRegex(shown, "deleted.*Report 1|Report 1.*deleted")
        tested = self.assertRan(self.cti("sources", "test", "one", "--json")).json()
        self.assertEqual(tested["filtered"], {"deleted": 1})

    def test_it_does_not_come_back_with_another_text_guid_or_address(self):
        for changed in (report(1, text="What is known by now."), report(1, guid="x"), report(1, link="moved/1", guid="y"),
                        report(1, link="posts/1?utm_source=rss", guid="z")):
            self.publish("one", changed, report(2))
            self.assertEqual(self.collect("one"), (0, 1, {"deleted": 1}), changed)
        self.assertEqual(self.titles(), ["Report 2"])

    def test_it_does_not_come_back_by_way_of_another_source(self):
        self.add("two")
        self.publish("two", report(1, guid="other"), report(4))
        self.assertEqual(self.collect("two"), (1, 0, {"deleted": 1}))
        self.add("three")
        self.publish("three", report(1, guid="third", link="elsewhere"))
        self.assertEqual(self.collect("three"), (0, 0, {"deleted": 1}))
        self.assertEqual(self.titles(), ["Report 2", "Report 4"])

    def test_it_comes_back_where_that_is_asked_for_and_stays(self):
        self.assertEqual(self.collect("one")[0], 0)  # an unchanged feed
        self.assertEqual(self.collect("one", "--restore-deleted", "--dry-run"), (1, 1, {}))
        self.assertEqual(self.collect("one", "--restore-deleted"), (1, 1, {}))
        self.publish("one", report(1), report(2), report(3))
        self.assertEqual(self.collect("one"), (1, 2, {}))
        self.assertEqual(self.titles(), ["Report 1", "Report 2", "Report 3"])

    def test_one_that_a_backup_brings_back_is_known(self):
        self.publish("one", report(2), report(1))
        self.assertEqual(self.collect("one"), (0, 1, {"deleted": 1}))
        gone = self.db.value("SELECT article_id FROM cti.seen_entries WHERE label = 'Report 1'")
        self.db.execute("""INSERT INTO articles
            SELECT (jsonb_populate_record(a, jsonb_build_object('id', %d, 'title', 'Report 1', 'canonical_url', 'http://127.0.0.1/posts/1',
                                                                'content_hash', repeat('a', 64)))).* FROM articles a""" % gone)
        self.publish("one", report(1), report(2))
        self.assertEqual(self.collect("one"), (0, 2, {}))

    def test_a_source_that_is_removed_and_added_again_has_all_of_them(self):
        self.assertRan(self.cti("sources", "remove", "one", "--yes"))
        self.add("one")
        self.assertEqual(self.collect("one"), (2, 0, {}))


class RemovedSource(DeletedCase):
    def setUp(self):
        super().setUp()
        self.publish("one", report(1), report(2))
        self.collect("one")
        self.db.execute("""CREATE TABLE public.sigma_rule_queue (id serial PRIMARY KEY, article_id integer);
            CREATE TABLE public.verdicts (annotation integer REFERENCES article_annotations);
            INSERT INTO article_annotations (article_id, annotation_type, selected_text, start_position, end_position, confidence_score,
                                             used_for_training, created_at, updated_at)
            SELECT id, 'huntable', 'x', n, n, 0, false, now(), now() FROM articles, generate_series(1, 2) AS n""")

    def test_what_was_a_duplicate_of_its_articles_is_stored_by_the_other_source(self):
        self.add("two")
        self.publish("two", report(1, guid="other"))
        self.assertEqual(self.collect("two"), (0, 1, {}))
        self.assertRan(self.cti("sources", "remove", "one", "--yes", "--with", "article_annotations"))
        self.publish("two", report(1, guid="other"), report(5))
        self.assertEqual(self.collect("two"), (2, 0, {}))

    def test_what_others_made_of_its_articles_is_named_and_kept_until_it_is_named_back(self):
        self.db.execute("INSERT INTO verdicts SELECT min(id) FROM article_annotations")
        for args in ([], ["--yes"], ["--yes", "--with", "verdicts"]):
            refused = self.cti("sources", "remove", "one", *args)
            self.assertRefused(refused, 2, "2 articles, 1 check, 4 rows of article_annotations and 1 row of verdicts")
            self.assertIn("--yes --with article_annotations", refused.err)
            self.assertEqual(self.titles(), ["Report 1", "Report 2"])
        done = self.assertRan(self.cti("sources", "remove", "one", "--yes", "--with", "public.verdicts", "--with", "article_annotations,sigma_rule_queue"))
        self.assertIn("removed source 'one' with its 2 articles, 1 check, 4 rows of article_annotations and 1 row of verdicts", done.err)
        self.assertEqual(self.db.value("SELECT (SELECT count(*) FROM article_annotations) + (SELECT count(*) FROM verdicts)"), 0)

    def on_a_terminal(self, answer, *more):
        """What is said to somebody who types the answer."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BINARY, "sources", "remove", "one", *more], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(self.db.url()))
        os.close(theirs)
        self.addCleanup(os.close, ours)
        os.write(ours, answer + b"\n")
        said = process.communicate(timeout=60)[1].decode()
        return said, process.returncode

    def test_on_a_terminal_the_name_is_asked_for(self):
        for answer in (b"y", b"", b"two"):
            said, code = self.on_a_terminal(answer, *(["--yes"] if answer == b"y" else []))
            self.assertEqual(code, 1, said)
            self.assertIn("4 rows of article_annotations", said)
            self.assertIn("type its name, one,", said)
            self.assertIn("nothing was removed", said)
            self.assertEqual(len(self.titles()), 2)
        said, code = self.on_a_terminal(b" one")
        self.assertEqual(code, 0, said)
        self.assertIn("removed source 'one'", said)
        self.assertEqual(self.titles(), [])


if __name__ == "__main__":
    unittest.main()
