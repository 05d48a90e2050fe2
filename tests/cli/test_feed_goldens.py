"""Every feed under tests/data/feeds, one habit each, comes out of 'inspect feed --json' as its golden file says.

The golden of X.xml is X.json (of X.json: X.golden.json): the command's document without what is null or empty.
"""
import difflib
import json
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


class FeedGoldens(unittest.TestCase):
    def test_every_habit_of_feeds_is_read_as_its_golden_file_says(self):
        found = fixtures()
        self.assertTrue(found, "no fixtures in %s" % FEEDS)
        for fixture in found:
            with self.subTest(fixture=fixture.name):
                golden = golden_of(fixture)
                self.assertTrue(golden.exists(), "%s has no golden file %s" % (fixture.name, golden.name))
                done = harness.cti("inspect", "feed", "--json", "--url", ADDRESS, fixture)
                self.assertEqual(done.rc, 0, done)
                want, have = lines(json.loads(golden.read_text("utf-8"))), lines(said(done.json()))
                difference = "\n".join(difflib.unified_diff(want, have, golden.name, "cti", lineterm=""))
                self.assertFalse(difference, "\n" + difference)


if __name__ == "__main__":
    unittest.main()
