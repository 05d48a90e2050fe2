"""Feeds by hand: inspect, sources discover, subscription lists in and out."""
import http.server
import pathlib
import tempfile
import threading
import unittest
import xml.etree.ElementTree as ElementTree

from harness import Case, Database, DatabaseCase, cti

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"  # none of the commands without a database may look for one
RSS = (b'<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>/</link><item><title>One</title><link>/1</link>'
       b"<pubDate>Thu, 19 Nov 2026 12:00:00 GMT</pubDate></item></channel></rss>")
ATOM = (b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title><entry><title>A</title><id>urn:a</id>'
        b"<updated>2026-11-20T00:00:00Z</updated></entry></feed>")


class Site:
    """path -> (status, content type, body, other headers), on a free port of loopback."""

    def __init__(self, pages, wanted=None):
        """wanted: headers, by their names in lower case, without which nobody gets anything."""
        site = self
        self.asked, self.told = [], []  # paths; and what came with each
        self.wanted = wanted or {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                given = {name.lower(): value for name, value in self.headers.items()}
                site.asked.append(self.path)
                site.told.append((self.path, given))
                is_known = all(given.get(name) == value for name, value in site.wanted.items())
                status, kind, body, *more = pages.get(self.path, (404, "text/plain", b"no")) if is_known else (401, "text/plain", b"who?")
                self.send_response(status)
                for name, value in [("Content-Type", kind), ("Content-Length", str(len(body))), *(more[0].items() if more else ())]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class SiteCase(Case):
    def site(self, pages):
        site = Site(pages)
        self.addCleanup(site.stop)
        return site

    def discover(self, url, *more):
        return cti("sources", "discover", url, "--format", "json", *more, url=NOWHERE)


class Discover(SiteCase):
    def test_the_announced_feeds_are_fetched_and_listed_best_first(self):
        page = (b'<html><head><base href="/blog/"><link href="atom.xml" type="application/atom+xml" rel="home ALTERNATE">'
                b'<link rel=alternate type="application/rss+xml" href=../rss><link rel=alternate type="application/rss+xml" href="/gone">'
                b'<link rel="alternate" hreflang="de" href="/de"></head><body><a href="/rss">RSS</a></body></html>')
        site = self.site({"/": (200, "text/html", page), "/blog/atom.xml": (200, "text/plain", ATOM), "/rss": (200, "text/xml", RSS % b"The \x1b[31mfeed")})
        done = self.assertRan(self.discover(site.url + "/"))
        self.assertEqual([(f["url"], f["format"], f["entries"], f["newest"]) for f in done.json()],
                         [(site.url + "/blog/atom.xml", "atom10", 1, "2026-11-20T00:00:00Z"), (site.url + "/rss", "rss20", 1, "2026-11-19T12:00:00Z")])
        self.assertIn("/gone': HTTP 404 (not found)", done.err)
        table = self.assertRan(cti("sources", "discover", site.url + "/", url=NOWHERE)).raw
        self.assertNotIn(b"\x1b", table)
        self.assertEqual(len(table.splitlines()), 3)

    def test_a_page_that_announces_none_is_searched_at_the_usual_places(self):
        site = self.site({"/news/": (200, "text/html", b"<html><body>news</body></html>"), "/news/feed.xml": (200, "text/xml", RSS % b"T")})
        self.assertEqual([f["url"] for f in self.assertRan(self.discover(site.url + "/news/")).json()], [site.url + "/news/feed.xml"])

    def test_a_feed_is_its_own_answer_after_redirects(self):
        site = self.site({"/old": (301, "text/html", b"", {"Location": "/new"}), "/new": (200, "text/html", ATOM)})
        self.assertEqual([f["url"] for f in self.assertRan(self.discover(site.url + "/old")).json()], [site.url + "/new"])
        self.assertEqual(site.asked, ["/old", "/new"])

    def test_no_feed_anywhere_is_exit_8_and_an_unreachable_page_exit_1(self):
        site = self.site({"/": (200, "text/html", b"<html><title>x</title></html>")})
        self.assertRefused(self.discover(site.url + "/"), 8, "found no feed at '%s/'" % site.url, "cti: hint: ")
        self.assertRefused(self.discover(site.url + "/none"), 1, "HTTP 404")
        self.assertRefused(cti("sources", "discover", site.url, env={"CTI_ALLOW_PRIVATE": "0"}, url=NOWHERE), 1, "refused to connect")
        self.assertRefused(cti("sources", "discover", "ftp://127.0.0.1/", url=NOWHERE), 2, "'ftp://127.0.0.1/' is no http or https address")


class Subscribe(SiteCase):
    def test_an_address_alone_becomes_a_source_with_the_feed_that_it_announces(self):
        db = Database()
        self.addCleanup(db.drop)
        self.assertRan(cti("init", url=db.url(), cwd="/"))
        page = b'<html><head><link rel=alternate type="application/rss+xml" href=/rss></head><body></body></html>'
        site = self.site({"/": (200, "text/html", page), "/rss": (200, "text/xml", RSS % b"Evil \x1b[31mNews")})
        done = self.assertRan(cti("sources", "add", site.url + "/", "--check-frequency", "30m", url=db.url()))
        row, = self.assertRan(cti("sources", "list", "--format", "json", url=db.url())).json()
        self.assertEqual((row["rss_url"], row["check_frequency"], row["active"]), (site.url + "/rss", 1800, True))
        self.assertRegex(row["identifier"], "^[a-z0-9_]+$")
        self.assertTrue(row["name"].startswith("Evil "), row)
        self.assertIn("1 entry, the newest of ", done.err)
        self.assertIn("cti collect --source " + row["identifier"], done.err)
        self.assertRefused(cti("sources", "add", site.url, url=db.url()), 2, "a source reads '%s/rss' already" % site.url)
        self.assertRefused(cti("sources", "add", site.url + "/none", url=db.url()), 1, "HTTP 404")
        self.assertRefused(cti("sources", "add", "only-an-id", url=db.url()), 2, "NAME is missing", "cti sources add URL")
        self.assertEqual(self.assertRan(cti("test", "--source", row["identifier"], url=db.url())).rc, 0)


class Inspect(SiteCase):
    def test_an_address_is_fetched_and_its_headers_count(self):
        body = '<rss version="2.0"><channel><title>Ж</title><item><link>x</link></item></channel></rss>'.encode("koi8-r")
        site = self.site({"/a/feed": (200, "text/xml; charset=koi8-r", body, {"Content-Location": "/b/real"})})
        seen = self.assertRan(cti("inspect", "feed", "--json", site.url + "/a/feed", url=NOWHERE)).json()
        self.assertEqual((seen["encoding"], seen["feed"]["title"], seen["entries"][0]["link"]), ("koi8-r", "Ж", site.url + "/b/x"))
        seen = self.assertRan(cti("inspect", "feed", "--json", "--url", "http://c.example/", site.url + "/a/feed", url=NOWHERE)).json()
        self.assertEqual(seen["entries"][0]["link"], "http://c.example/x")
        self.assertRefused(cti("inspect", "feed", site.url + "/none", url=NOWHERE), 1, "HTTP 404 (not found)")

    def test_a_page_says_what_it_announces(self):
        page = b'<html><link rel=feed href="/f.json"></html>'
        seen = self.assertRan(cti("inspect", "feed", "--json", "--url", "http://p.example/x/", "-", stdin=page, url=NOWHERE)).json()
        self.assertEqual((seen["format"], seen["feeds"], seen["entries"]), ("html", ["http://p.example/f.json"], []))


OPML = """<?xml version="1.0"?><opml version="1.1"><head><title>List</title></head><body>
<outline text="APT &amp; friends"><outline type="rss" text="Blog of A" xmlUrl="http://a.example/feed" htmlUrl="http://a.example/" x="y"/>
  <outline text="Blog of A" xmlUrl="HTTP://A2.example/feed/"/></outline>
<outline text="Ж" xmlUrl="feed://b.example/rss"/><outline text="ftp" xmlUrl="ftp://c.example/"/>
<outline text="again" xmlUrl="https://a2.example/feed"/><outline text="manual" xmlUrl="http://d.example/?a=1&b=2"/></body></opml>"""


class SubscriptionLists(DatabaseCase):
    def setUp(self):
        self.db.execute("DROP SCHEMA IF EXISTS cti CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "none.yaml").write_text("sources: []\n")
        self.assertRan(self.cti("init", "--config", self.folder / "none.yaml"))

    def sources(self):
        return {s["identifier"]: s for s in self.db.rows("SELECT identifier, name, url, rss_url, active, config FROM sources ORDER BY id")}

    def test_opml_becomes_sources_once(self):
        dry = self.assertRan(self.cti("sources", "import", "--dry-run", stdin=OPML.encode()))
        self.assertEqual(self.sources(), {})
        self.assertIn("blog_of_a_2", dry.out)
        done = self.assertRan(self.cti("sources", "import", stdin=OPML.encode()))
        self.assertIn("4 added, 0 changed, 0 unchanged", done.err)
        self.assertIn("'ftp' was left out", done.err)
        rows = self.sources()
        self.assertEqual(list(rows), ["blog_of_a", "blog_of_a_2", "b_example", "manual_2"])
        self.assertEqual(rows["blog_of_a"]["config"]["categories"], ["APT & friends"])
        self.assertEqual((rows["b_example"]["name"], rows["b_example"]["rss_url"], rows["b_example"]["url"]), ("Ж", "http://b.example/rss", "http://b.example/"))
        self.assertEqual(rows["manual_2"]["rss_url"], "http://d.example/?a=1&b=2")
        again = self.assertRan(self.cti("sources", "import", stdin=OPML.encode()))
        self.assertIn("0 added", again.err)
        self.assertEqual(self.sources(), rows)

    def test_what_is_exported_as_opml_is_read_by_others_and_comes_back(self):
        self.assertRan(self.cti("sources", "import", stdin=OPML.encode()))
        self.assertRan(self.cti("sources", "add", "nofeed", "No feed", "http://n.example/"))
        before = self.sources()
        done = self.assertRan(self.cti("sources", "export", "--format", "opml"))
        self.assertIn("1 source without a feed left out", done.err)
        found = {o.get("xmlUrl"): o.get("text") for o in ElementTree.fromstring(done.raw).iter("outline") if o.get("xmlUrl")}
        self.assertEqual(found, {s["rss_url"]: s["name"] for s in before.values() if s["rss_url"]})
        self.db.execute("DELETE FROM sources")
        self.assertRan(self.cti("sources", "import", "-", stdin=done.raw))
        del before["nofeed"]
        self.assertEqual(sorted(s["rss_url"] for s in self.sources().values()), sorted(s["rss_url"] for s in before.values()))
        self.assertEqual(self.sources()["blog_of_a"]["config"], before["blog_of_a"]["config"])

    def test_yaml_is_imported_as_init_reads_it(self):
        self.assertRan(self.cti("sources", "import", stdin=OPML.encode()))
        text = self.assertRan(self.cti("sources", "export")).raw
        before = self.db.rows("SELECT * FROM sources ORDER BY id")
        self.assertIn("4 unchanged", self.assertRan(self.cti("sources", "import", stdin=text)).err)
        self.assertEqual(self.db.rows("SELECT * FROM sources ORDER BY id"), before)
        self.assertIn("1 changed", self.assertRan(self.cti("sources", "import", stdin=text.replace("Ж".encode(), b"Renamed"))).err)
        self.assertEqual(self.sources()["b_example"]["name"], "Renamed")

    def test_what_is_no_list_changes_nothing(self):
        for text in (b"<html><body>no</body></html>", b"<opml", b"sources: [{id: x}]", b"\x00\xff"):
            with self.subTest(text):
                self.assertRefused(self.cti("sources", "import", stdin=text), 2, "cannot read '-'")
        self.assertRefused(self.cti("sources", "import", self.folder / "missing.opml"), 2, "No such file")
        self.assertEqual(self.sources(), {})


if __name__ == "__main__":
    unittest.main()
