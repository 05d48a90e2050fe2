"""What other programs and people read: export --format ecs, zeek, list, atom, markdown and html."""
import base64
import hashlib
import html.parser
import ipaddress
import json
import re
import subprocess
import xml.etree.ElementTree as ET

from harness import LabCase, cti

FORMATS = ("ecs", "zeek", "list", "atom", "markdown", "html")
ATOM = "{http://www.w3.org/2005/Atom}"
EVIL = "evil-of-the-test.example"
TITLE = ('A "nasty" <b>title</b> ]]> & </script><script>alert(1)</script> [x](http://%s/) \u202egnp.exe \U0001F98A `=1+1` | www.%s'
         % (EVIL, EVIL))
SUMMARY = "- first\r\n# second\n\n<img src=x onerror=alert(1)> [/usr/bin] 1. http://%s/a me@%s" % (EVIL, EVIL)
CONTENT = "\U0001F98A ]]> <&>\r\n\t\u202e'\"" + "x" * 5_000_000
NASTY = (("url", "http://%s/a?b=<script>&c=\"d\"" % EVIL), ("domain", EVIL), ("mutex", "tab\tand\nline"), ("user_agent", "back\\slash `tick` | pipe"),
         ("ipv4", "8.8.4.4"), ("ip_port", "8.8.4.4:443"), ("cidr", "45.11.2.0/24"), ("asn", "AS64496"), ("filename", "=cmd|x.exe"),
         ("registry_key", "HKEY_LOCAL_MACHINE\\Software\\X"), ("attack_technique", "T1059.001"), ("cve", "CVE-2026-1234"), ("malware", "<i>Bad</i>"))
# Fields of ECS 8.11 that are written, with the type that its field reference gives them.
KEYWORD, DATE, LONG, IP, LIST = "keyword", "date", "long", "ip", "list of keywords"
ECS = {
    "@timestamp": DATE, "ecs.version": KEYWORD, "message": KEYWORD, "tags": LIST,
    "event.kind": KEYWORD, "event.category": LIST, "event.type": LIST, "event.module": KEYWORD, "event.dataset": KEYWORD, "event.id": KEYWORD,
    "event.created": DATE, "event.reference": KEYWORD,
    "threat.indicator.type": KEYWORD, "threat.indicator.name": KEYWORD, "threat.indicator.ip": IP, "threat.indicator.port": LONG,
    "threat.indicator.url.full": KEYWORD, "threat.indicator.url.original": KEYWORD, "threat.indicator.url.scheme": KEYWORD,
    "threat.indicator.url.domain": KEYWORD, "threat.indicator.url.port": LONG, "threat.indicator.url.path": KEYWORD,
    "threat.indicator.url.query": KEYWORD, "threat.indicator.url.fragment": KEYWORD, "threat.indicator.email.address": KEYWORD,
    "threat.indicator.file.hash.md5": KEYWORD, "threat.indicator.file.hash.sha1": KEYWORD, "threat.indicator.file.hash.sha256": KEYWORD,
    "threat.indicator.file.hash.sha512": KEYWORD, "threat.indicator.file.name": KEYWORD, "threat.indicator.file.path": KEYWORD,
    "threat.indicator.as.number": LONG, "threat.indicator.registry.hive": KEYWORD, "threat.indicator.registry.key": KEYWORD,
    "threat.indicator.registry.path": KEYWORD, "threat.indicator.mac": KEYWORD, "threat.indicator.description": KEYWORD,
    "threat.indicator.first_seen": DATE, "threat.indicator.last_seen": DATE, "threat.indicator.provider": KEYWORD,
    "threat.indicator.reference": KEYWORD, "threat.feed.name": KEYWORD, "threat.framework": KEYWORD, "threat.technique.id": LIST,
    "threat.technique.subtechnique.id": LIST, "threat.tactic.id": LIST, "threat.software.id": KEYWORD, "threat.software.name": KEYWORD,
    "threat.software.type": KEYWORD, "threat.group.id": KEYWORD, "threat.group.name": KEYWORD, "vulnerability.id": KEYWORD,
    "vulnerability.enumeration": KEYWORD, "user_agent.original": KEYWORD, "rule.name": KEYWORD,
    "cti.type": KEYWORD, "cti.reading": KEYWORD, "cti.verdict": KEYWORD, "cti.count": LONG, "cti.article_id": LONG, "cti.score": "float",
}
ECS_TYPES = {"autonomous-system", "artifact", "directory", "domain-name", "email-addr", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
             "port", "process", "software", "url", "user-account", "windows-registry-key", "x509-certificate"}


def is_of(kind, value):
    if kind == LIST:
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if kind == LONG:
        return type(value) is int
    if kind == "float":
        return type(value) in (int, float)
    if not isinstance(value, str):
        return False
    if kind == DATE:
        return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None
    if kind == IP:
        return bool(ipaddress.ip_address(value))
    return True


def flatten(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, path + (key,))
    else:
        yield ".".join(path), value


class Page(html.parser.HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.links, self.style, self.policy, self.text = set(), set(), [], "", "", []
        self.stack = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.stack.append(tag)
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        if "href" in found:
            self.links.append(found["href"])
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "style":
            self.style += data
        else:
            self.text.append(data)


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Formats(LabCase):
    lab_options = dict(sources=8, entries=20)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cti("collect", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)
        cls.nasty = cls.db.value("SELECT id FROM public.articles ORDER BY published_at DESC LIMIT 1")
        metadata = "(article_metadata::jsonb || '{\"threat_hunting_score\": 1000}')::json"
        cls.db.execute("UPDATE public.articles SET title = %s, summary = %s, content = %s, article_metadata = %s WHERE id = %d" %
                       (quote(TITLE), quote(SUMMARY), quote(CONTENT), metadata, cls.nasty))
        cls.db.execute("DELETE FROM cti.indicators WHERE article_id = %d" % cls.nasty)
        for position, (kind, value) in enumerate(NASTY):
            cls.db.execute("INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset, sentence)"
                           " VALUES (%d, %d, %s, %s, %s, 0, 1, %s)" % (cls.nasty, position, quote(kind), quote(value), quote(value), quote(SUMMARY)))
        cls.found = cls.db.rows("SELECT article_id, type, value FROM cti.indicators WHERE verdict = ''")
        cls.articles = cls.db.rows("SELECT id, title, canonical_url, summary FROM public.articles")
        cls.exported = {f: cti("export", "--format", f, url=cls.db.url()) for f in FORMATS}

    def export(self, name):
        return self.assertRan(self.exported[name])

    def test_the_same_selection_is_the_same_bytes_in_any_zone_and_locale(self):
        for name in FORMATS:
            again = self.cti("export", "--format", name, env={"TZ": "America/St_Johns", "LC_ALL": "C"})
            self.assertEqual(self.assertRan(again).raw, self.export(name).raw, name)

    def test_ecs_has_every_indicator_in_fields_of_the_right_type(self):
        documents = [json.loads(line) for line in self.export("ecs").raw.splitlines()]
        self.assertEqual(sorted((d["cti"]["article_id"], d["cti"]["type"], d["threat"]["indicator"]["name"]) for d in documents),
                         sorted((i["article_id"], i["type"], i["value"]) for i in self.found))
        self.assertEqual(len({d["event"]["id"] for d in documents}), len(documents))
        for document in documents:
            for field, value in flatten(document):
                self.assertIn(field, ECS)
                self.assertTrue(is_of(ECS[field], value), (field, value))
            self.assertIn(document["threat"]["indicator"].get("type", "file"), ECS_TYPES)
            self.assertEqual(document["event"]["category"], ["threat"])

    def test_zeek_reads_literal_tabs_and_each_indicator_once(self):
        everything = self.assertRan(self.cti("export", "--format", "zeek", "--stock-programs"))
        lines = everything.out.split("\n")
        self.assertEqual(lines[0], "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url")
        self.assertEqual(lines.pop(), "")
        seen = set()
        for line in lines[1:]:
            self.assertRegex(line, r"^[^#\t][^\t]*\tIntel::[A-Z_]+\t[^\t]+\t[^\t]+\t[^\t]+$")
            self.assertNotRegex(line, r"[\x00-\x08\x0a-\x1f\x7f]")
            indicator, kind = line.split("\t")[:2]
            indicator = re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), indicator)
            if kind == "Intel::URL":
                self.assertNotRegex(indicator, r"^[a-z]+://")
            self.assertNotIn((indicator, kind), seen)
            seen.add((indicator, kind))
        names = {"ipv4": "ADDR", "domain": "DOMAIN", "email": "EMAIL", "sha256": "FILE_HASH", "md5": "FILE_HASH", "cidr": "SUBNET",
                 "filename": "FILE_NAME", "user_agent": "SOFTWARE", "url": "URL"}
        for i in self.found:
            if i["type"] in names:
                value = re.sub(r"^[a-z]+://", "", i["value"])
                self.assertIn((value, "Intel::" + names[i["type"]]), seen)

    def test_programs_that_every_system_has_stay_out_unless_asked(self):
        line = "\nmsiexec.exe\tIntel::FILE_NAME\t"
        self.assertNotIn("msiexec.exe", {i["value"] for i in self.found})
        self.assertNotIn(line, self.export("zeek").out)
        self.assertNotIn("\nmsiexec.exe\n", self.export("list").out)
        for asked in ("--stock-programs", "--marked"):
            self.assertIn(line, self.assertRan(self.cti("export", "--format", "zeek", asked)).out)
        marked = self.assertRan(self.cti("export", "--of", "indicators", "--format", "ndjson", "--marked", "--type", "filename"))
        verdicts = {i["value"]: i["verdict"] for i in map(json.loads, marked.out.splitlines())}
        self.assertEqual(verdicts["msiexec.exe"], "system_file")
        refused = self.cti("export", "--format", "list", "--stock-programs")
        self.assertEqual(refused.rc, 2)

    def test_a_list_is_sorted_and_unique_and_nothing_else(self):
        expected = sorted({i["value"].encode() for i in self.found if not re.search(r"[\x00-\x1f\x7f]", i["value"])})
        self.assertEqual(self.export("list").raw, b"".join(value + b"\n" for value in expected))

    def test_atom_is_well_formed_and_gives_every_text_back(self):
        feed = ET.fromstring(self.export("atom").raw)
        entries = {e.find(ATOM + "link").get("href"): e for e in feed.findall(ATOM + "entry")}
        self.assertEqual(set(entries), {a["canonical_url"] for a in self.articles})
        for article in self.articles:
            entry = entries[article["canonical_url"]]
            self.assertEqual(entry.findtext(ATOM + "title"), article["title"])
            if article["summary"]:
                self.assertEqual(entry.findtext(ATOM + "summary"), article["summary"])
            if article["id"] == self.nasty:
                self.assertEqual(entry.findtext(ATOM + "content"), CONTENT)
        ids = [e.findtext(ATOM + "id") for e in feed.findall(ATOM + "entry")] + [feed.findtext(ATOM + "id")]
        self.assertEqual(len(set(ids)), len(self.articles) + 1)
        for one in ids:
            self.assertRegex(one, r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(feed.findtext(ATOM + "updated"), max(e.findtext(ATOM + "updated") for e in feed.findall(ATOM + "entry")))
        checked = subprocess.run(["xmllint", "--noout", "--huge", "-"], input=self.export("atom").raw, capture_output=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def assert_harmless(self, page):
        """Nothing runs, and whatever is a link leads to an article or to what ATT&CK says of a technique."""
        self.assertFalse(page.tags & {"script", "img", "iframe", "object", "embed", "form", "link", "base", "i", "video"}, page.tags)
        self.assertFalse({a for a in page.attributes if a.startswith("on") or a in ("src", "style", "action")})
        self.assertTrue(page.links)
        others = set(page.links) - {a["canonical_url"] for a in self.articles}
        self.assertTrue(others)
        for link in others:
            self.assertRegex(link, r"^https://attack\.mitre\.org/(techniques/T\d{4}(/\d{3})?|tactics/TA\d{4}|[a-z]+/[SGM]\d{4})/$")

    def test_the_page_runs_nothing_loads_nothing_and_links_to_articles_and_techniques_only(self):
        raw = self.export("html").out
        page = Page(raw)
        self.assert_harmless(page)
        self.assertFalse(EVIL in raw)
        self.assertTrue(EVIL.replace(".", "[.]") in raw)
        self.assertFalse("\u202e" in raw)
        self.assertLess(len(raw), 200_000)
        digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
        self.assertEqual(page.policy, "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'" % digest)
        text = "".join(page.text)
        self.assertTrue("<b>title</b> ]]> & </script><script>alert(1)</script>" in text)
        self.assertTrue("160 articles" in text)

    def test_markdown_is_the_same_to_a_reader_of_it(self):
        raw = self.export("markdown").out
        self.assertFalse(EVIL in raw)
        self.assertIsNone(re.search(r"(?i)\bwww\.|(?<!\]\()https?://", raw))
        self.assertLess(len(raw), 100_000)
        options = [part for name in ("table", "autolink", "strikethrough", "tasklist") for part in ("-e", name)]
        done = subprocess.run(["cmark-gfm", "--unsafe", *options], input=raw.encode(), capture_output=True, timeout=60)
        page = Page(done.stdout.decode())
        self.assert_harmless(page)
        self.assertTrue("<b>title</b> ]]> & </script><script>alert(1)</script>" in "".join(page.text))
