"""Pages at collection: teasers made whole, sources without a feed, robots.txt, what is put off and what is given up."""
import collections
import http.server
import json
import pathlib
import signal
import tempfile
import threading

from harness import Database, DatabaseCase, LabCase, serve_http, start_cti, wait_until

PAGES = {"CTI_NO_PAGES": "0"}


def share(expected, got):
    """How many of the expected words stand in the text, and how many of the text's words are expected; in any order."""
    a, b = collections.Counter(expected.split()), collections.Counter(got.split())
    same = sum((a & b).values())
    return same / max(1, sum(a.values())), same / max(1, sum(b.values()))


def tuples(db, sql):
    return [tuple(row.values()) for row in db.rows(sql)]


def column(db, sql):
    return [row[0] for row in tuples(db, sql)]


class Teasers(LabCase):
    """Feeds of summaries: their pages hold the text."""
    lab_options = dict(sources=6, entries=8, options=("--full", "0", "--delay", "0", "--rpm", "0"))

    def test_every_article_has_its_pages_text_and_no_page_is_asked_twice(self):
        self.lab.stats(reset=True)
        report = self.assertRan(self.cti("collect", "--format", "json", env=PAGES)).json()
        self.assertEqual((report["totals"]["new"], report["totals"]["pages"], report["totals"]["pages_failed"]), (48, 48, 0))
        kinds = self.lab.stats(reset=True)["kind"]
        self.assertEqual((kinds["feed"], kinds["robots"], kinds["page"]), (6, 6, 48))
        truth = self.lab.truth()
        for url, text, source in tuples(self.db, "SELECT canonical_url, content, article_metadata->>'content_source' FROM articles"):
            recall, precision = share(truth[url]["text"], text)
            self.assertEqual((source.split(":")[0], recall > .99, precision > .99), ("page", True, True), "%s: %.3f %.3f" % (url, recall, precision))
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.derived WHERE step = 'indicators'"), 48)
        self.assertRan(self.cti("collect", "--force", env=PAGES))
        self.assertEqual(self.lab.stats()["kind"].get("page", 0), 0)
        self.assertEqual(column(self.db, "SELECT DISTINCT method FROM source_checks"), ["rss"])

    def test_a_dry_run_asks_for_no_pages_and_a_test_tells_where_everything_comes_from(self):
        name = self.lab.identifiers()[1]
        self.lab.stats(reset=True)
        seen = self.assertRan(self.cti("sources", "test", name, "--all", "--json", env=PAGES)).json()
        self.assertEqual((seen["method"], len(seen["entries"]), seen["pages"]), ("rss", 8, 8))
        first = seen["entries"][0]
        self.assertEqual((first["outcome"], first["title_source"], first["date_source"], first["completeness"]), ("new", "feed", "published", 1))
        self.assertTrue(first["text_source"].startswith("page:"), first)
        text = self.assertRan(self.cti("sources", "test", name, "--all", env=PAGES))
        self.assertIn(first["title"], text.out)
        self.assertIn("nothing was stored", text.err)
        self.lab.stats(reset=True)
        self.assertRan(self.cti("collect", "--dry-run", "--force", env=PAGES))
        self.assertEqual(self.lab.stats()["kind"].get("page", 0), 0)


class Politely(LabCase):
    """What a site's robots.txt and a source's own settings ask for."""
    lab_options = dict(sources=2, entries=4, options=("--full", "0", "--delay", "0.5", "--rpm", "0", "--crawl-delay", "1"))

    def test_pauses_hold_between_pages_of_a_host(self):
        self.assertRan(self.cti("collect", env=PAGES))
        asked = collections.defaultdict(list)
        for line in self.lab.get("/__log").decode().splitlines():
            moment, _, target, *_ = line.split()
            if "/a/" in target:
                asked[target.split("/a/")[0]].append(float(moment))
        self.assertEqual({source: len(moments) for source, moments in asked.items()}, {"/s/0": 4, "/s/1": 4})
        for moments in asked.values():
            moments.sort()
            self.assertGreater(min(b - a for a, b in zip(moments, moments[1:])), 0.95)


class Site(http.server.BaseHTTPRequestHandler):
    """A site without a feed. `answers`: path -> (status, type, body); `asked`: what was asked for."""
    answers, asked = {}, collections.Counter()

    def do_GET(self):  # noqa: N802, the library's name
        path = self.path
        type(self).asked[path] += 1
        status, kind, body = self.answers.get(path, (404, "text/html", "nothing here"))
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except BrokenPipeError:
            pass  # the program was stopped meanwhile

    def log_message(self, *_):
        pass


def article(title, day=10, words=400):
    return 200, "text/html", """<html><head><title>%s</title><meta property="article:published_time" content="2026-11-%02dT08:00:00Z">
<meta name="author" content="Ada Meyer"></head><body><nav><a href="/">Home</a></nav><article><h1>%s</h1><p>%s</p>
<pre>203[.]0[.]113[.]7\nevil[.]example[.]net</pre></article><footer>All rights</footer></body></html>""" % (
        title, day, title, " ".join("The loader of %s writes its config to disk." % title for _ in range(words // 9)))


class OneSite(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.db = Database()  # each test its own
        self.addCleanup(self.db.drop)
        self.site = type("OwnSite", (Site,), {"answers": {}, "asked": collections.Counter()})
        self.server = serve_http(self, self.site)
        self.base = "http://127.0.0.1:%d" % self.server.server_port
        self.assertRan(self.cti("init", "--config", self.empty_config()))

    def empty_config(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "none.yaml"
        path.write_text("version: '1.0'\nsources: []\n")
        return path

    def add(self, name, **config):
        options = [x for key, value in config.items() for x in ("--set", "%s=%s" % (key, json.dumps(value)))]
        self.assertRan(self.cti("sources", "add", name, name.title(), self.base + "/", *options))

    def collect(self, name, code=0):
        return self.assertRan(self.cti("collect", "--source", name, "--format", "json", env=PAGES), code).json()["sources"][0]

    def titles(self, name):
        return column(self.db, "SELECT a.title FROM articles a JOIN sources s ON s.id = a.source_id WHERE s.identifier = '%s' ORDER BY a.published_at" % name)

    def posts(self, *titles):
        for i, title in enumerate(titles):
            self.site.answers["/blog/%s" % title.lower().replace(" ", "-")] = article(title, 10 + i)
        return "".join('<li><a href="/blog/%s">%s</a></li>' % (t.lower().replace(" ", "-"), t) for t in reversed(titles))

    def test_the_front_page_is_enough_and_is_no_article(self):
        self.site.answers["/"] = 200, "text/html", "<ul>%s</ul>" % self.posts("The first loader of all", "The second loader we saw", "A third loader in detail")
        self.add("front")
        done = self.collect("front")
        self.assertEqual((done["method"], done["entries"], done["new"]), ("basic_scraping", 3, 3))
        self.assertEqual(self.titles("front"), ["The first loader of all", "The second loader we saw", "A third loader in detail"])
        row = tuples(self.db, "SELECT authors, date(published_at), content FROM articles ORDER BY published_at LIMIT 1")[0]
        self.assertEqual((row[0], str(row[1])), (["Ada Meyer"], "2026-11-10"))
        self.assertIn("203[.]0[.]113[.]7\nevil[.]example[.]net", row[2])
        self.site.asked.clear()
        self.assertEqual(self.collect("front")["duplicate"], 3)
        self.assertEqual(set(self.site.asked), {"/"})

    def test_a_listing_is_followed_and_filtered(self):
        one, two = self.posts("Old thing seen", "Older thing seen"), self.posts("New thing seen", "Newer thing seen")
        self.site.answers["/list"] = 200, "text/html", "<div>%s</div><a class=next href='/list?p=2'>more</a>" % two
        self.site.answers["/list?p=2"] = 200, "text/html", "<div>%s<li><a href='/jobs/x'>Job of the month</a></li></div>" % one
        self.add("listed", **{"post_url_regex": ["^http://127\\.0\\.0\\.1:\\d+/blog/.*"], "allow": ["127.0.0.1"],
                              "discovery": {"strategies": [{"listing": {"urls": [self.base + "/list"], "post_link_selector": "li a", "next_selector": "a.next"}}]}})
        done = self.collect("listed")
        self.assertEqual((done["new"], done["filtered"]), (4, {"url_regex": 1}))
        self.assertEqual(self.site.asked["/jobs/x"], 0)

    def test_a_sitemap_index_is_read_and_only_so_many_pages_at_once(self):
        self.posts("Site map one", "Site map two", "Site map three")
        day = lambda name, date: "<url><loc>%s/blog/%s</loc><lastmod>2026-11-%02d</lastmod></url>" % (self.base, name, date)
        self.site.answers["/sitemap.xml"] = 200, "application/xml", "<sitemapindex><sitemap><loc>%s/posts.xml</loc></sitemap></sitemapindex>" % self.base
        self.site.answers["/posts.xml"] = 200, "application/xml", "<urlset>%s%s%s<url><loc>%s/</loc></url></urlset>" % (
            day("site-map-one", 10), day("site-map-three", 12), day("site-map-two", 11), self.base)
        self.add("mapped", **{"fetch.max_pages": 2, "discovery": {"strategies": [{"sitemap": {"urls": ["/sitemap.xml"]}}]}})
        done = self.collect("mapped")
        self.assertEqual((done["new"], done["filtered"]), (2, {"home_page": 1, "page_missing": 1}))
        self.assertEqual(self.titles("mapped"), ["Site map two", "Site map three"])
        self.assertEqual(self.collect("mapped")["new"], 1)
        self.assertEqual(self.titles("mapped"), ["Site map one", "Site map two", "Site map three"])
        self.assertEqual({self.site.asked["/blog/site-map-" + n] for n in ("one", "two", "three")}, {1})

    def test_a_broken_selector_is_reported_and_left_out(self):
        self.site.answers["/"] = 200, "text/html", "<ul>%s</ul>" % self.posts("Broken loader one", "Broken loader two", "Broken loader three")
        self.add("broken", **{"extract": {"body_selectors": ["p[", "article"], "title_selectors": ["h1"]}, "post_url_regex": ["(?!x)y", "^http"]})
        self.assertEqual(self.collect("broken")["new"], 3)
        warnings = self.db.rows("SELECT check_metadata FROM source_checks")[0]["check_metadata"]["warnings"]
        self.assertEqual(len(warnings), 2, warnings)
        self.assertIn("'(?!x)y'", warnings[0])
        self.assertIn("'p['", warnings[1])

    def test_wordpress_gives_the_whole_text_without_pages(self):
        text = "<p>%s</p>" % ("A long report about a loader. " * 120)
        posts = [{"link": self.base + "/blog/wp-%d" % i, "title": {"rendered": "Post &#8220;%d&#8221;" % i}, "date_gmt": "2026-11-1%dT07:00:00" % i,
                  "content": {"rendered": text + str(i)}} for i in range(3)]
        self.site.answers["/wp-json/wp/v2/posts"] = 200, "application/json", json.dumps(posts)
        self.add("press", **{"wp_json": {"endpoints": [self.base + "/wp-json/wp/v2/posts"]}})
        self.assertEqual(self.collect("press")["new"], 3)
        self.assertEqual(self.titles("press")[0], "Post “0”")
        self.assertEqual(sum(n for path, n in self.site.asked.items() if path.startswith("/blog")), 0)

    def test_robots_txt_is_obeyed_and_kept(self):
        self.site.answers["/robots.txt"] = 200, "text/plain", "User-agent: *\nDisallow: /blog/secret\n"
        self.site.answers["/"] = 200, "text/html", "<ul>%s</ul>" % self.posts("Open loader one", "Open loader two", "Secret loader three")
        self.add("polite")
        done = self.collect("polite")
        self.assertEqual((done["new"], done["filtered"]), (2, {"robots": 1}))
        self.assertEqual(self.site.asked["/blog/secret-loader-three"], 0)
        self.assertEqual(self.collect("polite")["filtered"], {"robots": 1})
        self.assertEqual(self.site.asked["/robots.txt"], 1, "robots.txt is kept for a day")

    def test_pages_that_fail_are_tried_again_and_those_that_are_gone_are_not(self):
        self.site.answers["/"] = 200, "text/html", "<ul>%s</ul>" % self.posts("Good loader one", "Lost loader two", "Late loader three")
        del self.site.answers["/blog/lost-loader-two"]
        late = self.site.answers["/blog/late-loader-three"]
        self.site.answers["/blog/late-loader-three"] = 503, "text/html", "later"
        self.add("unsteady")
        done = self.collect("unsteady")
        self.assertEqual((done["new"], done["filtered"]), (1, {"page_failed": 1, "page_missing": 1}))
        self.site.answers["/blog/late-loader-three"] = late
        self.site.asked.clear()
        self.assertEqual(self.collect("unsteady")["new"], 1)
        self.assertEqual(dict(self.site.asked), {"/": 1, "/blog/late-loader-three": 1})

    def test_a_teaser_whose_page_fails_is_stored_and_made_whole_later(self):
        self.posts("Teaser of a loader")
        whole = self.site.answers["/blog/teaser-of-a-loader"]
        self.site.answers["/blog/teaser-of-a-loader"] = 503, "text/html", "later"
        self.site.answers["/feed"] = 200, "application/rss+xml", (
            "<rss version='2.0'><channel><title>T</title><item><title>Teaser of a loader</title><link>%s/blog/teaser-of-a-loader</link>"
            "<description>The loader of teaser writes its config to disk, read more</description></item></channel></rss>" % self.base)
        self.assertRan(self.cti("sources", "add", "teaser", "Teaser", self.base + "/", "--rss-url", self.base + "/feed"))
        done = self.collect("teaser")
        self.assertEqual((done["method"], done["new"], done["filtered"]), ("rss", 1, {}))
        self.assertLess(self.db.value("SELECT length(content) FROM articles"), 100)
        self.site.answers["/blog/teaser-of-a-loader"] = whole
        self.assertEqual(self.collect("teaser")["updated"], 1)
        content, metadata = tuples(self.db, "SELECT content, article_metadata FROM articles")[0]
        self.assertIn("evil[.]example[.]net", content)
        self.assertEqual((metadata["content_source"].split(":")[0], metadata["date_source"]), ("page", "page:article:published_time"))
        self.assertEqual(self.db.value("SELECT count(*) FROM cti.indicators WHERE value = 'evil.example.net'"), 1)
        self.site.asked.clear()
        self.assertEqual(self.collect("teaser")["status"], "not_modified")
        self.assertEqual(set(self.site.asked), {"/feed"})

    def test_a_page_without_posts_is_a_failure_that_says_so(self):
        self.site.answers["/"] = 200, "text/html", "<p>Under construction</p>"
        self.add("empty")
        done = self.assertRan(self.cti("collect", "--source", "empty", env=PAGES), 1)
        self.assertIn("no posts can be recognised", done.err)
        self.assertRefused(self.cti("sources", "test", "empty", env=PAGES), 8, "no posts can be recognised")

    def test_a_stop_keeps_what_has_come(self):
        self.site.answers["/"] = 200, "text/html", "<ul>%s</ul>" % self.posts("Quick loader one", "Quick loader two", "Slow loader three")
        hang, order = threading.Event(), self.site.do_GET

        def do_GET(handler):  # noqa: N802
            if "slow" in handler.path:
                hang.wait(60)
            order(handler)
        self.site.do_GET = do_GET
        self.addCleanup(hang.set)
        self.add("stopped")
        run = start_cti("collect", "--source", "stopped", url=self.db.url(), env=PAGES)
        wait_until(lambda: self.site.asked["/blog/quick-loader-one"] and self.site.asked["/blog/quick-loader-two"], what="the quick pages")
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(60), 143)
        self.assertLessEqual(len(self.titles("stopped")), 2)
        hang.set()
        self.collect("stopped")
        self.assertEqual(len(self.titles("stopped")), 3)
