"""What other platforms import: STIX bundles, MISP events, Suricata rules, read back by code that is not the program's."""
import json
import pathlib
import re
import shutil
import ssl
import struct
import subprocess
import tempfile
import unittest
import uuid

from harness import DatabaseCase, cti

try:
    import jsonschema
except ImportError:
    jsonschema = None

OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, section 2.9
CONTRIBUTING = {
    "autonomous-system": ["number"], "directory": ["path"], "domain-name": ["value"], "email-addr": ["value"],
    "file": ["hashes", "name", "parent_directory_ref"], "ipv4-addr": ["value"], "ipv6-addr": ["value"], "mac-addr": ["value"],
    "mutex": ["name"], "url": ["value"], "windows-registry-key": ["key"]}
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

# What MISP demands of an event and its attributes, as far as we use it: numbers are strings.
STRING, FLAG = {"type": "string"}, {"type": "boolean"}
MISP_EVENT = {
    "type": "object", "required": ["Event"], "additionalProperties": False,
    "properties": {"Event": {
        "type": "object",
        "required": ["uuid", "info", "date", "threat_level_id", "analysis", "distribution", "published", "timestamp", "Orgc", "Attribute"],
        "properties": {
            "uuid": {"type": "string", "pattern": "^[0-9a-f-]{36}$"}, "info": {"type": "string", "minLength": 1},
            "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}, "threat_level_id": {"enum": ["1", "2", "3", "4"]},
            "analysis": {"enum": ["0", "1", "2"]}, "distribution": {"enum": ["0", "1", "2", "3"]}, "published": FLAG,
            "timestamp": {"type": "string", "pattern": r"^\d+$"}, "publish_timestamp": {"type": "string", "pattern": r"^\d+$"},
            "Orgc": {"type": "object", "required": ["name", "uuid"], "properties": {"name": STRING, "uuid": STRING}},
            "Tag": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": STRING, "colour": STRING}}},
            "Attribute": {"type": "array", "items": {
                "type": "object", "required": ["uuid", "type", "category", "value", "to_ids", "timestamp", "distribution"],
                "properties": {"uuid": {"type": "string", "pattern": "^[0-9a-f-]{36}$"}, "type": STRING, "category": STRING,
                               "value": {"type": "string", "minLength": 1}, "to_ids": FLAG, "comment": STRING,
                               "distribution": STRING, "timestamp": STRING, "disable_correlation": FLAG}}}}}}}

REPORT = r"""Loader HeronRAT fetched hxxps[:]//cdn[.]heronbait[.]com/a.php?id=7&x=%20y and http://heronbait.com/it's;"q"|z.
It calls 45.61.136[.]10:8443 and the network 45.61.136.0/24; 2a0a:4cc0:1:2::9 as well. Mail: drop@heronbait.com.
Hashes: 9e107d9d372bb6826bd81d3542a419d6, 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12,
d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592.
It writes C:\Users\Public\heron.dll and HKCU\Software\Microsoft\Windows\CurrentVersion\Run\Heron.
It uses CVE-2026-1234 and T1059.001, hosted at AS398324 (ASN). Mutex: Global\heron_mutex_1
"""
NASTY = "\u202e]]></script> \"q\" 'p' \\ \U0001F98A \u2028 \u00fc\r\n\t[/usr/bin] =1+1 {{x}}"


class Capture:
    """Packets of Ethernet and IPv4 for a pcap file, without checksums."""

    def __init__(self):
        self.bytes = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        self.count = 0

    def add(self, source, target, protocol, payload):
        self.count += 1
        packet = (b"\0" * 12 + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), self.count, 0, 64, protocol, 0)
                  + bytes(map(int, source.split("."))) + bytes(map(int, target.split("."))) + payload)
        self.bytes += struct.pack("<IIII", 1_700_000_000 + self.count, 0, len(packet), len(packet)) + packet

    def udp(self, target, port, data):
        self.add("10.0.0.5", target, 17, struct.pack(">HHHH", 40000, port, 8 + len(data), 0) + data)

    def tcp(self, target, port, data):
        """A handshake, what the client says, and the end."""
        own, mine, theirs = 41000 + self.count, 1000, 5000

        def segment(out, flags, data=b""):
            ports, numbers = ((own, port), (mine, theirs)) if out else ((port, own), (theirs, mine))
            self.add(*(("10.0.0.5", target) if out else (target, "10.0.0.5")), 6,
                     struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 65535, 0, 0) + data)
        segment(True, 0x02)
        mine += 1
        segment(False, 0x12)
        theirs += 1
        segment(True, 0x10)
        segment(True, 0x18, data)
        mine += len(data)
        segment(False, 0x10)
        segment(True, 0x11)
        mine += 1
        segment(False, 0x11)
        theirs += 1
        segment(True, 0x10)


def question(name):
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0\0\1\0\1"


def client_hello(name):
    context = ssl.create_default_context()
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


def request(host, path):
    return ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path, host)).encode()


def traffic():
    capture = Capture()
    for name in ("www.HERONbait.com", "cdn.heronbait.com", "notheronbait.com", "heronbait.com.example.org"):
        capture.udp("9.9.9.9", 53, question(name))
    for number, (host, path) in enumerate((("heronbait.com", "/index"), ("cdn.heronbait.com", "/a.php?id=7&x=%20y"),
                                           ("cdn.heronbait.com", "/a.php?id=7&x=%20yy"), ("notheronbait.com", "/it"))):
        capture.tcp("9.9.8.%d" % number, 80, request(host, path))
    for number, name in enumerate(("a.heronbait.com", "notheronbait.com")):
        capture.tcp("9.9.7.%d" % number, 443, client_hello(name))
    capture.tcp("45.61.136.10", 8443, b"x")
    capture.tcp("45.61.137.10", 8443, b"x")
    return capture.bytes


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Platforms(DatabaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "sources.yaml"
            config.write_text("sources:\n  - {id: heron, name: 'Heron \"Lab\"', url: 'https://heron.test/'}\n"
                              "  - {id: otter, name: Otter, url: 'https://otter.test/'}\n")
            init = cti("init", "--config", config, url=cls.db.url())
        articles = [("heron", "https://heron.test/1", "Quiet Heron", REPORT, "2026-11-03 12:00:00"),
                    ("otter", "https://otter.test/2", "Heron again", REPORT.replace("CVE-2026-1234", "CVE-2026-9999"), "2026-11-02 08:30:00"),
                    ("otter", "https://otter.test/3?a=\u00fc b", NASTY, "Nothing of note. " + NASTY, "2026-11-01 08:30:00"),
                    ("otter", "https://otter.test/4", "Long", "x" * 5_000_000, "2026-10-31 00:00:00")]
        for number, (source, url, title, text, at) in enumerate(articles):
            cls.db.execute("INSERT INTO public.articles (source_id, canonical_url, title, content, content_hash, published_at, tags) "
                           "SELECT id, %s, %s, %s, 'h%d', '%s', '[\"apt\"]' FROM public.sources WHERE identifier = '%s'"
                           % (quote(url), quote(title), quote(text), number, at, source))
        done = cti("intel", "backfill", url=cls.db.url())
        if init.rc or done.rc:
            raise AssertionError("%s\n%s" % (init, done))

    def export(self, name, *args):
        return self.assertRan(self.cti("export", "--format", name, *args))

    def values(self, *types):
        return {r["value"] for r in self.db.rows("SELECT DISTINCT value FROM cti.indicators WHERE verdict = '' AND type IN (%s)"
                                                 % ", ".join(map(quote, types)))}


class Stix(Platforms):
    def setUp(self):
        super().setUp()
        self.bundle = self.export("stix").json()
        self.objects = {o["id"]: o for o in self.bundle["objects"]}

    def of_type(self, name):
        return [o for o in self.bundle["objects"] if o["type"] == name]

    def test_ids_are_unique_and_follow_from_what_they_name(self):
        self.assertEqual(len(self.objects), len(self.bundle["objects"]))
        seen = set()
        for o in self.bundle["objects"]:
            self.assertEqual(o["spec_version"], "2.1")
            self.assertEqual(o["id"].split("--")[0], o["type"])
            if o["type"] not in CONTRIBUTING:
                continue
            named = {k: o[k] for k in CONTRIBUTING[o["type"]] if k in o}
            canonical = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(o["id"], "%s--%s" % (o["type"], uuid.uuid5(OBSERVABLES, canonical)), o)
            seen.add(o["type"])
        self.assertEqual(seen, {"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "directory", "mutex",
                                "windows-registry-key", "autonomous-system"})

    def test_no_reference_dangles(self):
        for o in self.bundle["objects"]:
            for key, value in o.items():
                if key.endswith(("_ref", "_refs")):
                    for ref in value if isinstance(value, list) else [value]:
                        self.assertIn(ref, self.objects, "%s of %s" % (key, o["id"]))

    def test_times_are_whole_milliseconds_in_order(self):
        for o in self.bundle["objects"]:
            for key in ("created", "modified", "published"):
                if key in o:
                    self.assertRegex(o[key], TIME)
            self.assertLessEqual(o.get("created", ""), o.get("modified", o.get("created", "")))
        self.assertIn("2026-11-03T12:00:00.000Z", {r["published"] for r in self.of_type("report")})

    def test_what_was_found_is_there(self):
        self.assertEqual({o["value"] for o in self.of_type("domain-name")}, self.values("domain"))
        self.assertEqual({o["value"] for o in self.of_type("ipv4-addr")}, self.values("ipv4", "cidr"))
        self.assertEqual({o["name"] for o in self.of_type("vulnerability")}, {"CVE-2026-1234", "CVE-2026-9999"})
        self.assertEqual([o["external_references"][0]["external_id"] for o in self.of_type("attack-pattern")], ["T1059.001"])
        hashes = {v for o in self.of_type("file") for v in o.get("hashes", {}).values()}
        self.assertEqual(hashes, self.values("md5", "sha1", "sha256"))

    def test_reports_name_their_sources_and_quiet_articles_are_notes(self):
        names = {o["id"]: o["name"] for o in self.of_type("identity")}
        self.assertEqual(sorted(names.values()), ['Heron "Lab"', "Otter"])
        reports = {r["name"]: r for r in self.of_type("report")}
        self.assertEqual(set(reports), {"Heron again", "Quiet Heron", NASTY})
        for report in reports.values():
            self.assertEqual(report["external_references"][0]["source_name"], names[report["created_by_ref"]])
            self.assertEqual(report["report_types"], ["threat-report"])
        self.assertEqual(reports["Quiet Heron"]["description"], REPORT)
        self.assertEqual(reports[NASTY]["description"], "Nothing of note. " + NASTY)
        self.assertEqual(reports[NASTY]["external_references"][0]["url"], "https://otter.test/3?a=%C3%BC%20b")
        note, = self.of_type("note")
        self.assertEqual((note["abstract"], len(note["content"])), ("Long", 5_000_000))
        self.assertEqual([names[r] for r in note["object_refs"]], ["Otter"])

    def test_a_second_export_says_the_same_bytes_in_any_zone(self):
        first = self.export("stix").raw
        self.assertEqual(self.assertRan(self.cti("export", "--format", "stix", env={"TZ": "Pacific/Apia"})).raw, first)

    def test_an_empty_export_is_a_bundle_without_objects(self):
        bundle = self.export("stix", "--since", "2031-01-01").json()
        self.assertEqual((bundle["type"], set(bundle)), ("bundle", {"type", "id"}))


class Misp(Platforms):
    PAIRS = {"ip-dst": "Network activity", "ip-dst|port": "Network activity", "domain": "Network activity", "url": "Network activity",
             "email-src": "Payload delivery", "md5": "Payload delivery", "sha1": "Payload delivery", "sha256": "Payload delivery",
             "mutex": "Artifacts dropped", "vulnerability": "External analysis", "link": "External analysis",
             "regkey": "Persistence mechanism", "AS": "Network activity", "text": "Payload delivery",
             "threat-actor": "Attribution"}

    def event(self, *args):
        document = self.export("misp", *args).json()
        event = document["Event"]
        if jsonschema is None:
            self.skipTest("this Python has no jsonschema")
        jsonschema.validate(document, MISP_EVENT)
        for a in event["Attribute"]:
            if a["type"] != "filename":
                self.assertEqual(a["category"], self.PAIRS[a["type"]], a)
        uuids = [a["uuid"] for a in event["Attribute"]]
        self.assertEqual(len(set(uuids)), len(uuids))
        return event

    def test_one_article_is_its_own_event(self):
        event = self.event("--source", "heron")
        self.assertEqual((event["info"], event["date"], event["Orgc"]["name"]), ("Quiet Heron", "2026-11-03", 'Heron "Lab"'))
        by_type = {}
        for a in event["Attribute"]:
            by_type.setdefault(a["type"], set()).add(a["value"])
        self.assertEqual(by_type["domain"], self.values("domain"))
        self.assertEqual(by_type["ip-dst"], self.values("ipv4", "ipv6", "cidr"))
        self.assertEqual(by_type["ip-dst|port"], {"45.61.136.10|8443"})
        self.assertEqual(by_type["vulnerability"], {"CVE-2026-1234"})
        self.assertEqual(by_type["link"], {"https://heron.test/1", "https://attack.mitre.org/techniques/T1059/001/"})

    def test_only_what_a_sensor_can_act_on_is_for_sensors(self):
        for a in self.event()["Attribute"]:
            expected = a["type"] in ("ip-dst", "ip-dst|port", "domain", "url", "email-src", "md5", "sha1", "sha256", "mutex")
            self.assertEqual(a["to_ids"], expected, a)

    def test_several_articles_are_one_collection(self):
        event = self.event()
        self.assertEqual(event["info"], "cti: 4 articles, 2026-10-31 to 2026-11-03")
        self.assertEqual(event["uuid"], self.event("--source", "otter")["uuid"])
        self.assertEqual({a["value"] for a in event["Attribute"] if a["type"] == "vulnerability"}, {"CVE-2026-1234", "CVE-2026-9999"})

    def test_a_second_export_says_the_same_bytes(self):
        self.assertEqual(self.export("misp").raw, self.export("misp").raw)


class Suricata(Platforms):
    CONFIG = """%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: "[10.0.0.0/8]"
    EXTERNAL_NET: "!$HOME_NET"
app-layer:
  protocols:
    dns: {tcp: {enabled: yes}, udp: {enabled: yes}}
    http: {enabled: yes}
    tls: {enabled: yes}
outputs:
  - fast: {enabled: yes, filename: fast.log}
"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [(t, v + NASTY) for t, v in (("domain", "x."), ("url", "http://e.test/"), ("url", "http://"), ("ipv4", ""), ("ip_port", "1:"))]
        rows += [("url", "http://e.test/" + "a" * 5000), ("ipv4", "999.1.1.1"), ("cidr", "1.2.3.0/77"), ("ip_port", "1.2.3.4:70000")]
        for position, (kind, value) in enumerate(rows):
            cls.db.execute("INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset) "
                           "SELECT id, %d, '%s', %s, '', 0, 0 FROM public.articles WHERE title = 'Long'" % (position, kind, quote(value)))

    def rules(self):
        return self.export("suricata").out.splitlines()

    def test_rules_are_sorted_and_numbered_apart(self):
        rules = self.rules()
        self.assertEqual(rules, sorted(set(rules)))
        sids = [int(re.search(r" sid:(\d+); rev:1;\)$", r).group(1)) for r in rules]
        self.assertEqual(len(set(sids)), len(sids))
        self.assertTrue(all(1_000_000_000 <= s < 2**31 for s in sids))
        for name in self.values("domain") - {"x." + NASTY}:
            self.assertEqual(sum('"cti domain %s ' % name in r for r in rules), 3, name)
        self.assertEqual(sum('"cti address ' in r for r in rules), len(self.values("ipv4", "ipv6", "ip_port")) - 4)  # four are none

    def test_numbers_stay_when_articles_go(self):
        number = re.compile(r"content:\"\.heronbait\.com\".* sid:(\d+)")
        self.assertEqual([m.group(1) for r in self.rules() if (m := number.search(r))],
                         [m.group(1) for r in self.export("suricata", "--source", "heron").out.splitlines() if (m := number.search(r))])

    def suricata(self, *args):
        """Runs it on the exported rules; what it said, and the messages of its alerts."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "cti.rules").write_bytes(self.export("suricata").raw)
            (folder / "suricata.yaml").write_text(
                self.CONFIG + "reference-config-file: %s/reference.config\nclassification-file: %s/classification.config\n" % (name, name))
            (folder / "reference.config").write_text("config reference: url http://\n")
            (folder / "classification.config").write_text("")
            (folder / "traffic.pcap").write_bytes(traffic())
            done = subprocess.run(["suricata", *args, "-v", "-c", "suricata.yaml", "-S", "cti.rules", "-l", name],
                                  capture_output=True, text=True, timeout=120, cwd=name)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            alerts = folder / "fast.log"
            return done.stdout + done.stderr, alerts.read_text() if alerts.exists() else ""

    @unittest.skipUnless(shutil.which("suricata"), "suricata is not installed")
    def test_suricata_takes_every_rule(self):
        said, _ = self.suricata("-T")
        self.assertRegex(said, r"%d rules successfully loaded, 0 rules failed" % len(self.rules()))

    @unittest.skipUnless(shutil.which("suricata"), "suricata is not installed")
    def test_rules_fire_on_what_they_were_made_for_and_on_nothing_else(self):
        _, alerts = self.suricata("-r", "traffic.pcap", "-k", "none")
        fired = set(re.findall(r"\[1:\d+:1\] (cti \w+ \S+) reported by otter", alerts))
        self.assertEqual(fired, {"cti domain heronbait.com", "cti domain cdn.heronbait.com",
                                 "cti url https://cdn.heronbait.com/a.php?id=7&x=%2520y", "cti address 45.61.136.10",
                                 "cti address 45.61.136.10:8443", "cti network 45.61.136.0/24"}, alerts)
        self.assertEqual(len(set(re.findall(r"\[1:(\d+):1\] cti domain heronbait.com", alerts))), 3, alerts)  # DNS, HTTP, TLS
