"""Pages by hand: inspect page, its streams, its options, and what hostile pages cost."""
import os
import pathlib
import resource
import tempfile

from harness import BINARY, Case, cti

NOWHERE = "postgresql://someone@127.0.0.1:1/nothing?connect_timeout=2"
REPORT = pathlib.Path(__file__).parent.parent / "data/pages/threat_report.html"


class Pages(Case):
    def inspect(self, *args, **kwargs):
        return cti("inspect", "page", *args, url=NOWHERE, **kwargs)

    def test_a_page_as_json(self):
        seen = self.assertRan(self.inspect("--json", "--url", "https://labs.example/x", str(REPORT))).json()
        self.assertEqual(seen["title"], "Lantern Fox moves to new loaders")
        self.assertEqual((seen["author"], seen["authors"]), ("Ada Meyer; Ben O'Hara", ["Ada Meyer", "Ben O'Hara"]))
        self.assertEqual((seen["published"], seen["date_source"]), ("2026-11-17T23:30:00-05:00", "json-ld"))
        self.assertEqual(seen["canonical_url"], "https://labs.example/blog/2026/11/lantern-fox/")
        self.assertIn("203[.]0[.]113[.]77", seen["text"])
        self.assertEqual(sorted(seen), sorted(["title", "author", "authors", "published", "modified", "canonical_url", "language", "site_name", "description", "text",
                                               "word_count", "method", "date_source", "encoding", "home_page", "sources", "warnings"]))

    def test_a_page_without_anything_is_null_rather_than_missing(self):
        seen = self.assertRan(self.inspect("--json", stdin=b"")).json()
        self.assertEqual((seen["title"], seen["author"], seen["authors"], seen["published"], seen["text"]), (None, None, [], None, ""))

    def test_explain_says_why(self):
        seen = self.assertRan(self.inspect("--json", "--explain", str(REPORT))).json()
        self.assertTrue(any(reason.startswith("comments: ") for reason in seen["reasons"]), seen["reasons"])

    def test_selectors_and_charset(self):
        page = "<h1>A</h1><p class=x>Grüße, und ein Satz, der lang genug ist.</p>".encode("latin-1")
        seen = self.assertRan(self.inspect("--json", "--charset", "latin1", "--body-selector", "p.x", "--title-selector", "h9[", "-", stdin=page)).json()
        self.assertEqual(seen["text"], "Grüße, und ein Satz, der lang genug ist.")
        self.assertIn("'h9['", seen["warnings"][0])
        self.assertRefused(self.inspect("--charset", "klingon", stdin=b""), 2, "'klingon' is no encoding")

    def test_hostile_pages_are_bounded(self):
        pages = {"nested": b"<div>" * 1000000, "formatting": b"".join(b"<p><b id=%d>" % i for i in range(5000)),
                 "attributes": b"<p " + b" ".join(b"a%d=1" % i for i in range(20000)) + b">x", "text": b"<p>" + b"word " * 10485760,
                 "nul": b"a\0" * 5000000, "titles": b"<title>" * 1000000}
        for name, page in pages.items():
            with self.subTest(name), tempfile.NamedTemporaryFile() as file:
                file.write(page)
                file.flush()
                child = os.fork()
                if child == 0:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
                    os.execv(BINARY, [BINARY, "inspect", "page", "--json", file.name])
                _, status, usage = os.wait4(child, 0)
                self.assertEqual(status, 0)
                # Sanitizers cost time and memory; the limits of the shipped build are in tests/bench/page.sh.
                self.assertLess(usage.ru_utime + usage.ru_stime, 30)
