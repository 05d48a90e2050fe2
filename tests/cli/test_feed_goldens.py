"""Every feed under tests/data/feeds, one habit each, comes out of 'inspect feed --json' as its golden file says.

The golden of X.xml is X.json (of X.json: X.golden.json): the command's document without what is null or empty.
tests/rewrite.sh writes them anew.
"""
import difflib
import json
import sys
import unittest

import harness

FEEDS = harness.DATA / "feeds"
ADDRESS = "https://feeds.example/x/feed"


def said(value):
    """Without what is null or empty; an entry that says nothing still counts."""
    if isinstance(value, dict):
        pairs = ((k, said(v)) for k, v in value.items())
        return {k: v for k, v in pairs if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [said(v) for v in value]
    return value


def golden_of(fixture):
    return fixture.with_name(fixture.stem + (".golden.json" if fixture.suffix == ".json" else ".json"))


def fixtures():
    paths = {p for p in FEEDS.iterdir() if p.is_file() and not p.name.endswith(".golden.json")}
    goldens = {golden_of(p) for p in paths if p.suffix != ".json"}
    return sorted(paths - goldens)


def lines(document):
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True).splitlines()


def read_fixture(fixture):
    done = harness.cti("inspect", "feed", "--json", "--url", ADDRESS, fixture)
    if done.rc:
        raise AssertionError("%s: %s" % (fixture.name, done))
    return said(done.json())


def write_goldens():
    for fixture in fixtures():
        golden_of(fixture).write_text(json.dumps(read_fixture(fixture), indent=2, ensure_ascii=False) + "\n", "utf-8")


class FeedGoldens(unittest.TestCase):
    def test_every_habit_of_feeds_is_read_as_its_golden_file_says(self):
        found = fixtures()
        self.assertTrue(found, "no fixtures in %s" % FEEDS)
        for fixture in found:
            with self.subTest(fixture=fixture.name):
                golden = golden_of(fixture)
                self.assertTrue(golden.exists(), "%s has no golden file %s" % (fixture.name, golden.name))
                want, have = lines(json.loads(golden.read_text("utf-8"))), lines(read_fixture(fixture))
                difference = "\n".join(difflib.unified_diff(want, have, golden.name, "cti", lineterm=""))
                self.assertFalse(difference, "\n" + difference)


if __name__ == "__main__":
    write_goldens() if sys.argv[1:] == ["--write"] else unittest.main()
