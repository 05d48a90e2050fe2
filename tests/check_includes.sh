#!/bin/sh
# Fails where a file includes what the table of ARCHITECTURE.md does not allow its folder, where the table and the tree differ, and where
# a pure folder asks a clock; and where a file has more than 400 lines or a folder more than 30 units (a .cpp with its .hpp is one).
set -eu
cd "$(dirname "$0")/.."
exec python3 - <<'PYTHON'
import collections, pathlib, re, sys

HEADERS = {"OpenSSL": "openssl/", "uchardet": "uchardet", "iconv": "iconv.h", "zlib": "zlib.h", "zstd": "zstd.h", "libpq": "libpq-fe.h",
           "pugixml": "pugixml", "libxml2": "libxml/", "libpsl": "libpsl.h", "libcurl": "curl/", "libidn2": "idn2.h", "libmicrohttpd": "microhttpd.h", "libsqlite3": "sqlite3.h",
           "date": "date/", "CLI11": "CLI/"}
SHARED = {"pqxx/": {"core/db", "core/store"}, "re2/": {"core/page", "core/intel", "core/sources"}, "yaml-cpp/": {"core/intel", "core/sources"}}
PURE = {"core/feed", "core/page", "core/intel", "core/search", "core/sources", "core/export", "core/import", "core/analysis", "core/pipeline"}
CLOCK = re.compile(r"_clock::now|Clock::now|\bcurrent_time\(|\bsteady_time\(|\bcurrent_instant\(")
complaints = []


def read_table():
    rows, owners = {}, {}
    for line in pathlib.Path("ARCHITECTURE.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not re.fullmatch(r"`(core/[\w.]+|cli)`", cells[0]):
            continue
        folder = cells[0].strip("`")
        rows[folder] = {name.strip() for name in cells[2].split(",") if name.strip()}
        for library in filter(None, (name.strip() for name in cells[3].split(","))):
            owners[HEADERS[library]] = folder
    return rows, owners


def folder_of(path):
    parts = path.split("/")
    return "cli" if parts[0] == "cli" else "/".join(parts[:2]).removesuffix(".hpp")


def check_file(path, rows, owners):
    text, folder = path.read_text(), folder_of(str(path))
    if folder not in rows:
        return complaints.append("%s: ARCHITECTURE.md has no row for %s" % (path, folder))
    for header in re.findall(r'^#include "([^"]+/[^"]+)"', text, re.M):
        other = folder_of(header)
        name = other.removeprefix("core/")
        allowed = other == folder or name in rows[folder] or ("core" in rows[folder] and other.startswith("core/"))
        if not allowed:
            complaints.append("%s includes %s: %s may include %s" % (path, header, folder, ", ".join(sorted(rows[folder])) or "nothing"))
    for header in re.findall(r"^#include <([^>]+)>", text, re.M):
        rooms = [{owner} for prefix, owner in owners.items() if header.startswith(prefix)]
        rooms += [owner for prefix, owner in SHARED.items() if header.startswith(prefix)]
        if any(folder not in room for room in rooms):
            complaints.append("%s includes <%s>, which only %s may" % (path, header, ", ".join(sorted(rooms[0]))))
    if "std::regex" in text:
        complaints.append("%s: std::regex recurses on long input; use RE2 or a scanner" % path)
    if folder in PURE and CLOCK.search(text):
        complaints.append("%s asks a clock; a pure folder gets `now` passed in" % path)


rows, owners = read_table()
files = [path for root in ("core", "cli") for path in pathlib.Path(root).rglob("*.[ch]pp")]
for path in files:
    check_file(path, rows, owners)
for folder in rows.keys() - {folder_of(str(path)) for path in files}:
    complaints.append("ARCHITECTURE.md has a row for %s, which is not there" % folder)
for prefix in HEADERS.values():
    if prefix not in owners:
        complaints.append("no row of ARCHITECTURE.md has the library of <%s>" % prefix)
units = collections.Counter()
for path in {path.with_suffix("") for root in ("core", "cli", "tests") for path in pathlib.Path(root).rglob("*.[ch]pp")}:
    units[path.parent] += 1
complaints += ["%s has %d units: more than 30" % row for row in units.items() if row[1] > 30]
for path in files + [path for end in ("cpp", "hpp", "py") for path in pathlib.Path("tests").rglob("*." + end)]:
    if path.name != "feedlab.py" and (lines := path.read_text().count("\n")) > 400:  # a copy
        complaints.append("%s has %d lines: more than 400" % (path, lines))
print("\n".join(complaints), end="\n" if complaints else "")
sys.exit(1 if complaints else 0)
PYTHON
