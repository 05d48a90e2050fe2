"""Which entries of a feed are wanted, and keys of a config that do nothing."""
import json
import unittest

from harness import Case, Database, cti
from test_feeds import Site


def item(title, link, category="News", words=20):
    return ("<item><title>%s</title><link>http://127.0.0.1/%s</link><guid>%s</guid><category>%s</category>"
            "<description>%s</description></item>" % (title, link, link, category, ("word%s " % link) * words))


FEED = ("<rss version='2.0'><channel><title>t</title>%s</channel></rss>" % "".join((
    item("A webinar for all", "a"), item("Ransomware report", "b"), item("Preventing theft", "c"),
    item("Short one", "d", words=2), item("Results", "e", category="Press"), item("", "f")))).encode()


class Filters(Case):
    def cti(self, *args, **more):
        return cti(*args, url=self.db.url(), **more)

    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        self.site = Site({"/feed": (200, "application/rss+xml", FEED)})
        self.addCleanup(self.site.stop)
        self.assertRan(self.cti("init", "--config", "-", stdin=b'version: "1.0"\nsources: []\n'))

    def add(self, **config):
        return self.assertRan(self.cti("sources", "add", "one", "One", self.site.url + "/", "--rss-url", self.site.url + "/feed",
                                       *[x for k, v in config.items() for x in ("--set", "%s=%s" % (k, json.dumps(v)))]))

    def collect(self, *more):
        done = self.assertRan(self.cti("collect", "--source", "one", "--format", "json", *more)).json()
        titles = sorted(row["title"] for row in self.db.rows("SELECT title FROM articles"))
        return titles, done["sources"][0]["filtered"]

    def test_each_filter_names_its_reason(self):
        self.add(title_filter_keywords=["webinar"], min_word_count=5, filter={"exclude": {"categories": ["^press$"]}})
        titles, reasons = self.collect()
        self.assertEqual(titles, ["Preventing theft", "Ransomware report"])
        self.assertEqual(reasons, {"title_filter": 2, "min_word_count": 1, "category_filter": 1})
        shown = self.assertRan(self.cti("sources", "show", "one", "--dropped", "9")).out
        for reason in reasons:
            self.assertIn(reason, shown)

    def test_the_services_words_count_only_where_they_are_asked_for(self):
        self.add()
        test = self.assertRan(self.cti("sources", "test", "one", "--title-filter", "service", "--json")).json()
        self.assertEqual(test["filtered"], {"title_filter": 3})
        self.assertEqual(len(self.collect()[0]), 6)

    def test_include_keeps_what_it_finds(self):
        self.add(filter={"include": ["ransom"]})
        titles, reasons = self.collect()
        self.assertEqual((titles, reasons), (["Ransomware report"], {"include_filter": 5}))

    def test_keys_in_vain_are_told_by_add_edit_and_test(self):
        done = self.add(rss_onyl=True, use_playwright=True)
        self.assertIn("did you mean 'rss_only'?", done.err)
        self.assertIn("'use_playwright' has no effect", done.err)
        done = self.assertRan(self.cti("sources", "edit", "one", "--set", "fetch.timout=5"))
        self.assertIn("did you mean 'timeout'?", done.err)
        self.assertIn("rss_onyl", self.assertRan(self.cti("sources", "test", "one")).err)


if __name__ == "__main__":
    unittest.main()
