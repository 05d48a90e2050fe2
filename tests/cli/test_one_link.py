"""Feeds whose entries share one link."""
import unittest

from harness import Case, Database, cti
from test_feeds import Site


def report(number, title=None, text=None, guid=None, day=None):
    return ("<item><title>%s</title><link>http://127.0.0.1/status</link><guid isPermaLink='false'>%s</guid><description>%s</description>%s</item>"
            % (title or "Report %d" % number, guid or "g%d" % number, text or "Text of report %d about CVE-2026-%d." % (number, 1000 + number),
               "<pubDate>%d Nov 2026 10:00:00 GMT</pubDate>" % day if day else ""))


class OneLink(Case):
    """Status pages and release feeds: one link, many reports."""

    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        self.pages = {}
        self.site = Site(self.pages)
        self.addCleanup(self.site.stop)
        self.assertRan(cti("init", "--config", "-", stdin=b'version: "1.0"\nsources: []\n', url=self.db.url()))
        self.assertRan(cti("sources", "add", "one", "One", self.site.url + "/", "--rss-url", self.site.url + "/feed", url=self.db.url()))

    def collect(self, *items):
        feed = "<rss version='2.0'><channel><title>t</title>%s</channel></rss>" % "".join(items)
        self.pages["/feed"] = (200, "application/rss+xml", feed.encode())
        totals = self.assertRan(cti("collect", "--source", "one", "--format", "json", url=self.db.url())).json()["totals"]
        return totals["new"], totals["duplicate"], totals["updated"]

    def titles(self):
        return sorted(row["title"] for row in self.db.rows("SELECT title FROM articles"))

    def test_reports_under_one_link_are_all_stored_and_stay(self):
        items = [report(n) for n in range(4)]
        self.assertEqual(self.collect(*items), (4, 0, 0))
        self.assertEqual(self.collect(report(4), *items), (1, 4, 0))
        self.assertEqual(len(self.titles()), 5)

    def test_a_later_report_under_the_link_does_not_replace_the_first(self):
        self.assertEqual(self.collect(report(1))[0], 1)
        self.assertEqual(self.collect(report(2))[0], 1)
        self.assertEqual(self.titles(), ["Report 1", "Report 2"])

    def test_new_guids_for_the_same_texts_make_no_doubles(self):
        self.assertEqual(self.collect(report(1), report(2))[0], 2)
        self.assertEqual(self.collect(report(1, guid="x1"), report(2, guid="x2"))[0], 0)
        self.assertEqual(self.collect(report(1, guid="y1"))[0], 0)
        self.assertEqual(len(self.titles()), 2)

    def test_a_changed_text_of_one_report_is_still_an_update(self):
        self.collect(report(1), report(2))
        self.assertEqual(self.collect(report(1, text="What is known now about CVE-2026-1."), report(2)), (0, 1, 1))

    def test_a_post_that_was_written_anew_under_its_link_and_date_is_an_update(self):
        self.assertEqual(self.collect(report(1, day=2)), (1, 0, 0))
        self.assertEqual(self.collect(report(2, day=2)), (0, 0, 1))
        self.assertEqual(self.titles(), ["Report 2"])
        self.assertEqual(self.collect(report(3, day=3)), (1, 0, 0))
        self.assertEqual(self.titles(), ["Report 2", "Report 3"])

    def test_where_others_share_the_link_the_same_date_makes_no_update(self):
        self.assertEqual(self.collect(report(1, day=2)), (1, 0, 0))
        self.assertEqual(self.collect(report(2, day=2), report(3, day=2)), (2, 0, 0))
        self.assertEqual(self.titles(), ["Report 1", "Report 2", "Report 3"])

    def test_reports_of_one_title_with_texts_and_dates_of_their_own_are_all_stored(self):
        same = [report(n, title="Service notice", day=n) for n in (1, 2, 3)]
        self.assertEqual(self.collect(*same), (3, 0, 0))
        self.assertEqual(self.collect(report(9, day=9), *same), (1, 3, 0))


if __name__ == "__main__":
    unittest.main()
