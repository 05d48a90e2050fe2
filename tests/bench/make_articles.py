#!/usr/bin/env python3
"""COUNT articles of about 8.5 kB as COPY rows for public.articles, the same for the same COUNT. Words are as rare as in language
(the n-th is used 1/n as often as the first), with some indicators between them.

usage: make_articles.py COUNT > ROWS
"""
import datetime
import hashlib
import random
import sys

WORDS_OF_A_TEXT, POOL = 1250, 4000


def vocabulary(rng):
    parts = ["ka", "lo", "mer", "tis", "van", "dor", "shi", "pex", "qu", "ran", "el", "go", "bi", "nus", "cra", "fy"]
    return ["".join(rng.choices(parts, k=rng.randint(2, 4))) for _ in range(30000)]


def sentences(rng):
    words = vocabulary(rng)
    words[1500:1504] = ["phishing", "bitcoin", "malware", "loader"]  # each in about a tenth of the articles
    weights = [1 / (n + 10) for n in range(len(words))]
    for _ in range(POOL):
        picked = rng.choices(words, weights, k=rng.randint(10, 20))
        if rng.random() < 0.1:
            picked.append(rng.choice(["198.51.100.%d" % rng.randint(1, 250), "CVE-2026-%d" % rng.randint(1000, 9999), "%s.com" % picked[0],
                                      hashlib.sha256(picked[0].encode()).hexdigest(), "“quoted” — naïve"]))
        yield " ".join(picked).capitalize() + "."


def main():
    rng = random.Random(1)
    pool = list(sentences(rng))
    start = datetime.datetime(2026, 11, 1)
    for n in range(1, int(sys.argv[1]) + 1):
        text, size = [], 0
        while size < 8500:
            text.append(rng.choice(pool))
            size += len(text[-1]) + 1
        content = " ".join(text) + " Number %d." % n
        time = start - datetime.timedelta(minutes=7 * n)
        print("\t".join([str(n), str(n % 50 + 1), "https://bench.example/%d" % n, "Report %d: %s" % (n, text[0][:60]), str(time), '["Ann Lee"]', '["apt", "bench"]',
                         text[0][:150], content, hashlib.sha256(content.encode()).hexdigest(), '{"threat_hunting_score": %d.5}' % (n % 100), str(time), "pending",
                         str(content.count(" ") + 1)]))


main()
