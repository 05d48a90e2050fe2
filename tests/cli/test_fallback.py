"""Feeds that have nothing to say: the source's pages are read in their place, and nothing is doubled."""
import unittest

from harness import Case, Database, cti
from test_feeds import Site

RSS = "<rss version='2.0'><channel><title>t</title>%s</channel></rss>"
ENV = {"CTI_NO_PAGES": "0"}


def item(name, body):
    return ("<item><title>About %s</title><link>/blog/%s</link><guid isPermaLink='false'>g-%s</guid><description>%s</description>"
            "<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item>" % (name, name, name, body))


class Fallback(Case):
    NAMES = ["third-new-loader", "second-new-loader", "first-new-loader"]

    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        self.pages = {}
        self.site = Site(self.pages)
        self.addCleanup(self.site.stop)
        links = "".join("<li><a href='/blog/%s'>A post about %s</a></li>" % (name, name) for name in self.NAMES)
        self.pages["/"] = (200, "text/html", ("<html><body><ul>%s</ul></body></html>" % links).encode())
        for name in self.NAMES:
            text = "<p>The whole text about %s.</p>" % name + "".join(
                "<p>Only the page says what was seen in case %d, and how the operators went on after that day.</p>" % n for n in range(40))
            self.pages["/blog/" + name] = (200, "text/html", ("<html><head><title>About %s</title></head><body><article><h1>About %s</h1>%s</article></body></html>" % (name, name, text)).encode())
        self.assertRan(cti("init", "--config", "-", stdin=b'version: "1.0"\nsources: []\n', url=self.db.url()))
        self.assertRan(cti("sources", "add", "one", "One", self.site.url + "/", "--rss-url", self.site.url + "/feed", url=self.db.url()))

    def feed(self, *items):
        self.pages["/feed"] = (200, "application/rss+xml", (RSS % "".join(items)).encode())

    def collect(self):
        self.site.asked.clear()
        return cti("collect", "--source", "one", "--format", "json", url=self.db.url(), env=ENV).json()["totals"]

    def addresses(self):
        return sorted(row["u"].removeprefix(self.site.url) for row in self.db.rows("SELECT canonical_url AS u FROM articles"))

    def shown(self):
        return self.assertRan(cti("sources", "show", "one", "--format", "json", url=self.db.url())).json()["fallback"]

    def test_an_empty_feed_is_replaced_by_its_pages_and_comes_back(self):
        self.feed(item("first-new-loader", "The whole text about first-new-loader."))
        self.assertEqual(self.collect()["new"], 1)
        self.feed()
        for _ in range(2):
            self.assertEqual(self.collect()["new"], 0)
            self.assertIsNone(self.shown())
        totals = self.collect()
        self.assertEqual((totals["new"], totals["failed"]), (2, 0))
        self.assertEqual(self.addresses(), sorted("/blog/" + name for name in self.NAMES))
        self.assertEqual(self.shown(), "its pages are read instead of the feed: the feed holds no entries, 3 times in a row")
        self.assertIn("its pages are read instead of the feed", self.assertRan(cti("sources", "show", "one", url=self.db.url())).out)
        self.assertEqual(sorted(self.site.asked), ["/", "/blog/second-new-loader", "/blog/third-new-loader", "/feed"])
        totals = self.collect()
        self.assertEqual((totals["new"], totals["updated"], totals["duplicate"]), (0, 0, 3))
        self.assertEqual(self.db.value("SELECT method FROM source_checks ORDER BY id DESC LIMIT 1"), "basic_scraping")

        self.feed(*(item(name, "The whole text about %s." % name) for name in self.NAMES))
        totals = self.collect()
        self.assertEqual((totals["new"], totals["updated"], totals["duplicate"]), (0, 0, 3))
        self.assertIsNone(self.shown())
        self.assertEqual(len(self.addresses()), 3)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles WHERE content LIKE '%Only the page%'"), 3)
        self.assertEqual(self.site.asked, ["/feed"])
        self.assertEqual(self.collect()["duplicate"], 0)

    def test_a_feed_that_is_gone_disables_no_source_whose_pages_can_be_read(self):
        self.pages["/feed"] = (410, "text/plain", b"gone")
        self.assertEqual([self.collect()["failed"] for _ in range(5)], [1, 1, 0, 0, 0])
        self.assertEqual(len(self.addresses()), 3)
        self.assertEqual(self.db.value("SELECT active FROM sources"), True)
        self.assertIn("HTTP 410 (gone), 5 times in a row", self.shown())

    def test_a_site_that_says_nothing_at_all_is_a_failure_as_before(self):
        self.pages.clear()
        self.assertEqual([self.collect()["failed"] for _ in range(4)], [1] * 4)
        self.assertEqual(sorted(self.site.asked), ["/", "/feed", "/robots.txt", "/sitemap.xml"])

    def test_a_sitemap_that_robots_txt_names_is_read_where_the_front_page_shows_no_posts(self):
        self.pages["/"] = (200, "text/html", b"<html><body>Hello</body></html>")
        self.pages["/feed"] = (200, "text/html", b"<html><body>Hello</body></html>")
        self.pages["/robots.txt"] = (200, "text/plain", ("Sitemap: %s/map.xml\n" % self.site.url).encode())
        self.pages["/map.xml"] = (200, "text/xml", ("<urlset>%s</urlset>" % "".join("<url><loc>%s/blog/%s</loc></url>" % (self.site.url, name) for name in self.NAMES)).encode())
        self.assertEqual([self.collect()["new"] for _ in range(4)], [0, 0, 3, 0])
        self.assertIn("this is a web page, not a feed", self.shown())

    def test_articles_of_a_web_source_are_not_doubled_by_a_feed_that_it_gets_later(self):
        self.assertRan(cti("sources", "edit", "one", "--rss-url", "", url=self.db.url()))
        self.assertEqual(self.collect()["new"], 3)
        self.feed(*(item(name, "The whole text about %s." % name) for name in self.NAMES))
        self.assertRan(cti("sources", "edit", "one", "--rss-url", self.site.url + "/feed", url=self.db.url()))
        self.assertEqual(self.collect()["new"], 0)
        self.assertEqual(len(self.addresses()), 3)


if __name__ == "__main__":
    unittest.main()
