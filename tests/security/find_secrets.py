#!/usr/bin/env python3
"""Secrets in the files of this checkout and in all that its history ever added.

  find_secrets.py [--tree | --history] [--ignore FILE] [ROOT]

Prints one line a finding, "secret RULE PLACE FINGERPRINT first four characters…", never more of it; exits with 1 where there is one.
What FILE (tests/security/ignore) names by its fingerprint is left out until the day that stands there.
"""
import argparse
import datetime
import hashlib
import math
import pathlib
import re
import subprocess
import sys
import time

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024  # of a longer line only that much is looked at
MAX_HISTORY_BYTES = 2 * 1024 * 1024 * 1024
MAX_HISTORY_S = 240
MAX_FINDINGS = 200

# Each has the secret itself as its first group.
RULES = [(name, re.compile(pattern)) for name, pattern in (
    ("private-key", rb"(-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----\s*(?:\\n)?[A-Za-z0-9+/=]{20,})"),
    ("private-key-line", rb"^\s*(-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----)\s*$"),
    ("age-key", rb"\b(AGE-SECRET-KEY-1[0-9A-Z]{50,})"),
    ("aws-key", rb"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    ("github-token", rb"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"),
    ("gitlab-token", rb"\b(glpat-[A-Za-z0-9_-]{20,})"),
    ("slack", rb"(xox[abprs]-[A-Za-z0-9-]{20,}|hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,})"),
    ("google-key", rb"\b(AIza[0-9A-Za-z_-]{35})\b"),
    ("stripe-key", rb"\b([sr]k_live_[0-9A-Za-z]{20,})"),
    ("model-key", rb"\b(sk-(?:ant-|proj-)?[A-Za-z0-9_-]{40,})"),
    ("token-jwt", rb"\b(eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,})"),
    ("url-password", rb"[a-z]://[^\s:/@'\"]{1,64}:([^\s/@'\"$<{%*]{12,128})@[\w.-]"),
    ("assignment", rb"(?i)(?:password|passwd|secret|token|api_?key)[\"']?\s*[:=]\s*[\"']?([A-Za-z0-9+/_=-]{20,128})(?![\w.(:-])"),
)]
GUESSES = {"url-password", "assignment"}  # only what looks random is one
# One look at a line tells that none of the rules can find anything in it, as of nearly all.
MAYBE = re.compile(rb"(?i)PRIVATE KEY|AGE-SECRET|AKIA|ASIA|gh[pousr]_|github_pat|glpat-|xox|hooks\.slack|AIza|k_live_|sk-|eyJ|://[^\s/@]*@|passw|secret|token|api_?key")


def entropy(text):
    return -sum(n / len(text) * math.log2(n / len(text)) for n in (text.count(c) for c in set(text)))


def is_random(text):
    classes = sum(bool(re.search(p, text)) for p in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
    hexadecimal = re.fullmatch(rb"[0-9a-f]{32,}", text) is not None
    return hexadecimal or (classes == 3 and entropy(text) >= 3.6)


def secrets_of(line):
    """(rule, secret) of each that stands in the line."""
    line = line[:MAX_LINE_BYTES]
    if not MAYBE.search(line):
        return
    for name, pattern in RULES:
        for match in pattern.finditer(line):
            if name not in GUESSES or is_random(match[1]):
                yield name, match[1]


def fingerprint(rule, secret):
    return hashlib.sha256(rule.encode() + b"\0" + secret).hexdigest()[:16]


def git(root, *args):
    return subprocess.run(["git", "-C", str(root), *args], capture_output=True, check=True).stdout


def tree(root):
    """(place, line) of every file that is or could be committed."""
    for name in git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0"):
        path = pathlib.Path(root) / name.decode("utf-8", "surrogateescape")
        if not name or path.is_symlink() or not path.is_file():
            continue
        if path.stat().st_size > MAX_FILE_BYTES:
            print("not looked at: %s is larger than %d MiB" % (path, MAX_FILE_BYTES >> 20), file=sys.stderr)
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            yield "%s:%d" % (name.decode("utf-8", "replace"), number), line


def history(root):
    """(place, line) of every line that a commit of any branch added."""
    process = subprocess.Popen(["git", "-C", str(root), "log", "--all", "-p", "-U0", "--no-color", "--no-renames", "--no-textconv", "--format=commit %h"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    commit, name, read, began = "", "", 0, time.monotonic()
    for line in iter(lambda: process.stdout.readline(MAX_LINE_BYTES), b""):
        read += len(line)
        if read > MAX_HISTORY_BYTES or time.monotonic() - began > MAX_HISTORY_S:
            print("not looked at: what is older than commit %s" % commit, file=sys.stderr)
            process.kill()
            break
        if line.startswith(b"commit "):
            commit = line[7:].decode().strip()
        elif line.startswith(b"+++ "):
            name = line[4:].decode("utf-8", "replace").strip()
        elif line.startswith(b"+"):
            yield "%s:%s" % (commit, name.removeprefix("b/")), line[1:].rstrip(b"\n")
    process.stdout.close()
    process.wait()


def read_ignored(path, today):
    """Fingerprints; a line is "secret FINGERPRINT UNTIL reason"."""
    ignored = set()
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        words = line.split(None, 3)
        if not words or words[0].startswith("#"):
            continue
        try:
            kind, key, until, _reason = words
            day = datetime.date.fromisoformat(until)
        except ValueError:
            sys.exit("%s: line %d: not 'KIND KEY UNTIL reason'" % (path, number))
        if day < today:
            print("%s: line %d: its day has passed, so it counts no more" % (path, number), file=sys.stderr)
        elif kind == "secret":
            ignored.add(key)
    return ignored


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tree", action="store_true")
    parser.add_argument("--history", action="store_true")
    parser.add_argument("--ignore", type=pathlib.Path)
    parser.add_argument("root", nargs="?", default=".")
    options = parser.parse_args()
    both = options.tree == options.history
    ignored = read_ignored(options.ignore or pathlib.Path(options.root, "tests/security/ignore"), datetime.date.today())
    found = {}
    for wanted, lines in ((both or options.tree, tree), (both or options.history, history)):
        for place, line in lines(options.root) if wanted else ():
            for rule, secret in secrets_of(line):
                key = fingerprint(rule, secret)
                if key not in ignored and len(found) < MAX_FINDINGS:
                    found.setdefault(key, (rule, place, secret[:4].decode("ascii", "replace")))
    for key, (rule, place, head) in found.items():
        print("secret %s %s %s %s…" % (rule, place, key, head))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
