#!/usr/bin/env python3
"""Writes docs/promises.md of tests/data/promises.txt: tests/make_promises.py [--print]."""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
STATES = ("kept", "partly", "not", "other")
HEAD = """# Promises

<!-- Written by tests/make_promises.py of tests/data/promises.txt; change that file. -->

cti follows five systems that collect, scan or run in containers. This is what they promise, in our words, as far as it fits a collector of reports;
whether it holds here; and what shows it. A test looks whether each command, option, file, target of make, variable, metric and path that
is named is there. What a thing does is tried by the tests of that thing.

- *kept*: it holds.
- *partly*: what is missing stands behind the semicolon, or the words themselves say it.
- *not*: it does not hold, and what stands nearest is named.
- *other*: a product of others, of another kind; what stands for it here is named.

"""


def promises():
    """(id, state, words, shows) of each line, and (None, title) of each heading."""
    for line in (ROOT / "tests/data/promises.txt").read_text().splitlines():
        if line.startswith("= "):
            yield None, line[2:]
        elif line and not line.startswith("#"):
            yield tuple(part.strip() for part in line.split(" | "))


def shown(what):
    """`docs/x.md#y` and the like lead there."""
    match = re.fullmatch(r"docs/([\w.-]+(?:/[\w.-]+)?\.md)(#[\w-]+)?", what)
    return "[%s](%s%s)" % (what.removeprefix("docs/"), match[1], match[2] or "") if match else "`%s`" % what


def document():
    rows, counts = [], collections.Counter()
    for promise in promises():
        if promise[0] is None:
            rows.append("\n## %s\n\n| | state | promise | shown by |\n|---|---|---|---|" % promise[1])
            continue
        name, state, words, shows = promise
        counts[state] += 1
        rows.append("| %s | %s | %s | %s |" % (name, state, words, re.sub(r"`([^`]+)`", lambda m: shown(m[1]), shows)))
    total = ", ".join("%d %s" % (counts[state], state) for state in STATES if counts[state])
    return HEAD + "Of %d: %s.\n" % (sum(counts.values()), total) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        print(document(), end="")
    else:
        (ROOT / "docs/promises.md").write_text(document())
