"""Sources with a login: it is sent where it belongs, and shown and stored nowhere else."""
import base64
import pathlib
import tempfile
import unittest

from harness import Case, Database, cti
from test_feeds import Site

CANARY = "c4nary-pA55"
ENCODED = "c4nary%2DpA55"
EMPTY = b'version: "1.0"\nsources: []\n'
ITEM = ("<item><title>%s</title><link>/post/%s</link><guid isPermaLink='false'>%s</guid><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>"
        "<description>The whole text about %s.</description></item>")


class Guarded(Site):
    """A feed with two posts, for those who say who they are."""

    def __init__(self, wanted):
        self.pages = {}
        super().__init__(self.pages, wanted)
        rss = "<rss version='2.0'><channel><title>t</title>%s</channel></rss>" % "".join(ITEM % ((name,) * 4) for name in ("one", "two"))
        self.pages["/feed"] = (200, "application/rss+xml", rss.encode())
        for name in ("one", "two"):
            text = "<p>The whole text about %s.</p>" % name + "".join(
                "<p>Only the page says what was seen in case %d, and how the operators went on after that day.</p>" % n for n in range(40))
            self.pages["/post/" + name] = (200, "text/html", ("<html><head><title>%s</title></head><body><article><h1>%s</h1>%s</article></body></html>" % (name, name, text)).encode())


def basic(user, password):
    return {"authorization": "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()}


class LoginCase(Case):
    def setUp(self):
        self.db = Database()
        self.addCleanup(self.db.drop)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.said = []

    def site(self, wanted):
        site = Guarded(wanted)
        self.addCleanup(site.stop)
        return site

    def secrets(self, text, mode=0o600):
        path = pathlib.Path(self.folder.name, "secrets.yaml")
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def init(self, lines):
        text = 'version: "1.0"\nsources:\n  - id: guarded\n    name: Guarded\n' + "".join("    %s\n" % line for line in lines)
        return self.say("init", "--config", "-", stdin=text.encode())

    def say(self, *args, **more):
        done = cti(*args, url=self.db.url(), **{**more, "env": {"CTI_NO_PAGES": "0", **more.get("env", {})}})
        self.said.append((args, done.out + done.err))
        return done

    def collect(self, *more, **how):
        done = self.say("collect", "-vv", "--source", "guarded", "--format", "json", *more, **how)
        return done, done.json()["totals"]

    def show_everything(self, **more):
        """Every display there is."""
        folder = self.folder.name
        self.collect(**more)
        for args in (["sources", "list"], ["sources", "list", "--format", "json"], ["sources", "show", "guarded"], ["doctor"],
                     ["sources", "show", "guarded", "--format", "json"], ["sources", "export"], ["sources", "export", "--format", "opml"],
                     ["sources", "test", "guarded", "--all"], ["sources", "test", "guarded", "--format", "json"], ["stats"],
                     ["export", "--format", "stix"], ["export", "--format", "json"], ["export", "--format", "opml"],
                     ["collect", "--source", "guarded", "--metrics-file", folder + "/m"], ["search", "whole"],
                     ["--log-format", "json", "-vv", "collect", "--source", "guarded"]):
            self.say(*args, **more)
        self.said.append((["metrics"], pathlib.Path(folder, "m").read_text()))

    def tables(self, but):
        """What every table holds, but for these columns of public.sources."""
        names = [row["name"] for row in self.db.rows(
            "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables"
            " WHERE table_schema IN ('public', 'cti') AND table_type = 'BASE TABLE'")]
        rows = "to_jsonb(t) - '%s'::text[]" % "{%s}" % ",".join(but)
        return {row["name"]: row["text"] for row in self.db.rows(" UNION ALL ".join(
            "SELECT '%s' AS name, coalesce(string_agg((%s)::text, ' '), '') AS text FROM %s t" % (name, rows if name == "public.sources" else "to_jsonb(t)", name)
            for name in names))}

    def assertNothingIsTold(self, but=()):
        for args, text in self.said:
            for secret in (CANARY, ENCODED):
                self.assertNotIn(secret, text, args)
        for name, text in self.tables(but).items():
            for secret in (CANARY, ENCODED):
                self.assertNotIn(secret, text, name)


class Addresses(LoginCase):
    """user:password@ in the address of a feed or a site."""

    ROW = ("rss_url", "url")

    def test_a_login_in_an_address_is_sent_and_shown_nowhere(self):
        site = self.site(basic("an@lyst", CANARY))
        address = "http://an%%40lyst:%s@127.0.0.1:%d" % (ENCODED, site.port)
        lines = ["url: %s/" % site.url, "rss_url: %s/feed" % address]
        self.assertIn("line 6: source 'guarded': 'rss_url' holds a login", self.assertRan(self.init(lines)).err)
        self.assertEqual(self.collect()[1]["new"], 2)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles WHERE content LIKE '%Only the page%'"), 2)
        self.show_everything()
        self.say("sources", "diff", "--config", "-", stdin=("version: '1.0'\nsources:\n  - {id: guarded, name: G, url: '%s/', rss_url: '%s2/feed'}\n" % (site.url, address)).encode())
        self.assertNothingIsTold(but=self.ROW)
        self.assertIn(site.url + "/feed", self.say("sources", "show", "guarded").out)

    def test_a_row_of_the_web_service_with_a_login_works_and_is_not_due_for_ever(self):
        site = self.site(basic("u", CANARY))
        self.assertRan(self.init(["url: %s/" % site.url, "rss_url: %s/feed" % site.url]))
        self.db.execute("UPDATE sources SET rss_url = 'http://u:%s@127.0.0.1:%d/feed'" % (ENCODED, site.port))
        self.assertEqual(self.collect()[1]["failed"], 0)
        asked = len(site.told)
        self.assertRan(self.say("collect"))
        self.assertEqual(len(site.told), asked)
        self.show_everything()
        self.assertNothingIsTold(but=self.ROW)

    def test_what_is_exported_and_brought_back_leaves_the_login_of_the_row(self):
        site = self.site(basic("u", CANARY))
        self.assertRan(self.init(["url: %s/" % site.url, "rss_url: http://u:%s@127.0.0.1:%d/feed" % (ENCODED, site.port)]))
        exported = self.assertRan(self.say("sources", "export")).raw
        done = self.assertRan(self.say("init", "--config", "-", stdin=exported))
        self.assertIn("1 unchanged", done.err)
        edited = self.assertRan(self.say("sources", "edit", "guarded", "--rss-url", site.url + "/feed?all"))
        self.assertIn("feed?all", edited.err)
        site.pages["/feed?all"] = site.pages["/feed"]
        self.assertEqual(self.collect()[1]["failed"], 0)
        self.assertRan(self.say("sources", "edit", "guarded", "--rss-url", "http://localhost:%d/feed" % site.port))
        self.assertNotIn(ENCODED, self.db.value("SELECT rss_url FROM sources"))

    def test_a_new_login_is_a_change_that_is_told_without_it(self):
        site = self.site(basic("u", CANARY))
        self.assertRan(self.init(["url: %s/" % site.url, "rss_url: http://u:old@127.0.0.1:%d/feed" % site.port]))
        self.assertEqual(self.collect()[1]["failed"], 1)
        done = self.assertRan(self.say("sources", "edit", "guarded", "--rss-url", "http://u:%s@127.0.0.1:%d/feed" % (ENCODED, site.port)))
        self.assertIn("rss_url (login): '***' is now '***'", done.err)
        self.assertEqual(self.collect()[1]["failed"], 0)
        self.assertNothingIsTold(but=self.ROW)

    def test_a_feed_that_moves_for_good_takes_the_login_along_inside_its_origin(self):
        site = self.site(basic("u", CANARY))
        site.pages["/old"] = (301, "text/plain", b"", {"Location": "/feed"})
        self.assertRan(self.init(["url: %s/" % site.url, "rss_url: http://u:%s@127.0.0.1:%d/old" % (ENCODED, site.port)]))
        for _ in range(4):
            self.assertEqual(self.collect()[1]["failed"], 0)
        self.assertEqual(self.db.value("SELECT rss_url FROM sources"), "http://u:%s@127.0.0.1:%d/feed" % (ENCODED, site.port))
        self.assertNothingIsTold(but=self.ROW)

    def test_nobody_else_is_told(self):
        site, other = self.site(basic("u", CANARY)), self.site({})
        site.pages["/moved"] = (302, "text/plain", b"", {"Location": other.url + "/feed"})
        self.assertRan(self.init(["url: %s/" % other.url, "rss_url: http://u:%s@127.0.0.1:%d/moved" % (ENCODED, site.port)]))
        self.assertEqual(self.collect()[1]["new"], 2)
        self.assertGreater(len(other.told), 2)
        for path, headers in other.told:
            self.assertNotIn("authorization", headers, path)

    def test_inspect_discover_and_validation_send_a_login_and_show_none(self):
        site = self.site(basic("u", CANARY))
        address = "http://u:%s@127.0.0.1:%d" % (ENCODED, site.port)
        self.assertRan(self.say("inspect", "feed", address + "/feed"))
        self.assertEqual(self.say("inspect", "feed", address + "/none").rc, 1)
        site.pages["/"] = (200, "text/html", b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>")
        self.assertIn(site.url + "/feed", self.assertRan(self.say("sources", "discover", address)).out)
        done = self.assertRan(self.init(["url: %s/" % site.url, "rss_url: %s/feed" % address]))
        done = self.assertRan(self.say("init", "--validate-feeds", "--config", "-", stdin=b'version: "1.0"\nsources:\n  - {id: guarded, name: G, url: "%s/", rss_url: "%s/feed"}\n' % (site.url.encode(), address.encode())))
        self.assertNotIn("401", done.err)
        self.assertNothingIsTold(but=self.ROW)

    def test_addresses_that_are_refused_are_told_without_their_password(self):
        for address in ("ftp://u:%s@127.0.0.1/", "http://u:%s/@127.0.0.1/feed", "http://u:%s@127.0.0.1/a b"):
            self.assertRefused(self.init(["url: http://127.0.0.1/", "rss_url: '%s'" % (address % CANARY)]), 2)
        self.assertRan(self.say("init", "--config", "-", stdin=EMPTY))
        opml = "<opml version='2.0'><body><outline text='x' xmlUrl='http://u:%s@127.0.0.1/feed'/><outline text='y' xmlUrl='ftp://u:%s@127.0.0.1/'/></body></opml>" % (ENCODED, ENCODED)
        self.assertRan(self.say("sources", "import", "-", stdin=opml.encode()))
        self.assertRan(self.say("sources", "import", "-", stdin=opml.encode()))
        self.assertRan(self.say("sources", "add", "other", "Other", "http://u:%s@127.0.0.1/" % ENCODED))
        self.assertNothingIsTold(but=self.ROW)


class SecretFile(LoginCase):
    """fetch.auth names an entry of a file that the database never sees."""

    LINES = ["config: {fetch: {auth: portal}}"]

    def begin(self, site):
        self.assertRan(self.init(["url: %s/" % site.url, "rss_url: %s/feed" % site.url, *self.LINES]))

    def test_a_login_of_the_file_is_sent_and_stored_and_shown_nowhere(self):
        site = self.site(basic("analyst", CANARY))
        self.begin(site)
        path = self.secrets("portal: {url: '%s', user: analyst, password: %s}\n" % (site.url, CANARY))
        env = {"CTI_SECRETS_FILE": path}
        self.assertEqual(self.collect(env=env)[1]["new"], 2)
        self.assertEqual(self.db.value("SELECT count(*) FROM articles WHERE content LIKE '%Only the page%'"), 2)
        self.show_everything(env=env)
        self.assertNothingIsTold()

    def test_tokens_and_headers_come_from_it_too(self):
        site = self.site({"authorization": "Bearer " + CANARY})
        self.begin(site)
        path = self.secrets("portal: {url: '%s', token: %s}\n" % (site.url, CANARY))
        self.assertEqual(self.collect("--secrets-file", path)[1]["failed"], 0)
        site.wanted = {"x-api-key": CANARY}
        path = self.secrets("portal: {url: '%s', headers: {X-Api-Key: %s}}\n" % (site.url, CANARY))
        self.assertEqual(self.collect("--secrets-file", path)[1]["failed"], 0)
        self.assertNothingIsTold()

    def test_it_goes_to_the_addresses_that_its_entry_names_whatever_the_row_says(self):
        site, other = self.site({}), self.site({})
        self.begin(site)
        path = self.secrets("portal: {url: '%s', user: u, password: %s}\n" % (site.url, CANARY))
        self.db.execute("UPDATE sources SET rss_url = '%s/feed'" % other.url)
        self.assertEqual(self.collect("--secrets-file", path)[1]["failed"], 0)
        self.assertTrue(other.told)
        for path, headers in other.told:
            self.assertNotIn("authorization", headers, path)

    def test_a_missing_file_or_entry_fails_the_source_and_says_which(self):
        site = self.site({})
        self.begin(site)
        done, totals = self.collect()
        self.assertEqual(totals["failed"], 1)
        self.assertIn("its fetch.auth names 'portal', and no file of secrets is given", done.err)
        done, totals = self.collect("--secrets-file", self.secrets("other: {url: 'http://a.example', token: x}\n"))
        self.assertIn("which '%s' does not hold" % pathlib.Path(self.folder.name, "secrets.yaml"), done.err)
        self.assertEqual(site.told, [])

    def test_a_file_that_others_may_read_or_that_is_broken_is_refused(self):
        self.begin(self.site({}))
        entry = "portal: {url: 'http://a.example', user: u, password: %s}\n" % CANARY
        self.assertRefused(self.say("collect", "--secrets-file", self.secrets(entry, 0o644)), 2, "everybody on this machine", "chmod o-rwx")
        self.assertRan(self.say("collect", "--secrets-file", self.secrets(entry, 0o640)))
        self.assertRefused(self.say("collect", "--secrets-file", self.secrets("\n" + entry.replace("user", "usr"))), 2, "line 2: 'portal': knows")
        self.assertRefused(self.say("collect", "--secrets-file", "/nowhere/secrets"), 2, "cannot read '/nowhere/secrets'")
        self.assertNothingIsTold()

    def test_a_secret_in_the_config_is_refused_with_its_line_and_not_repeated(self):
        for config in ("{fetch: {auth: {user: u, password: %s}}}", "{fetch: {headers: {X-Key: %s}}}"):
            self.assertRefused(self.init(["url: http://a.example/", "config: " + config % CANARY]), 2, "line 6: source 'guarded': 'fetch' must")
        self.assertRan(self.say("init", "--config", "-", stdin=EMPTY))
        self.assertRefused(self.say("sources", "add", "a", "A", "http://a.example/", "--set", "fetch.headers={\"X-Key\":\"%s\"}" % CANARY), 2, "fetch")
        self.assertNothingIsTold()


if __name__ == "__main__":
    unittest.main()
