#!/usr/bin/env python3
"""A feed of about BYTES bytes that looks like a security blog's, the same for the same arguments.

usage: make_feed.py rss|atom BYTES > FILE
"""
import datetime
import random
import sys
from xml.sax.saxutils import escape

WORDS = """alert archive beacon binary bypass campaign certificate cluster credential decoy domain driver dropper email endpoint
exploit firmware gateway handler implant injector kernel keylogger library loader lure macro mailbox mutex operator packer payload
persistence phishing pipeline proxy query recon registry rootkit sandbox script service session shellcode signature spoofing stager
tenant token trojan tunnel update vendor victim webshell worm zero""".split()
NOT_ASCII = ["naïve", "Größe", "Ωmega", "данные", "脆弱", "“so-called”", "—", "señuelo"]


def sentence(rng):
    words = rng.choices(WORDS, k=rng.randint(6, 20))
    if rng.random() < 0.1:
        words[0] = rng.choice(NOT_ASCII)
    if rng.random() < 0.1:
        words.append("R&amp;D")
    return " ".join(words).capitalize() + "."


def block(rng):
    kind = rng.random()
    if kind < 0.6:
        text = " ".join(sentence(rng) for _ in range(rng.randint(2, 6)))
        return '<p>%s <a href="/posts/%x?ref=feed&amp;n=%d">%s</a>&nbsp;<em>x</em></p>\n' % (text, rng.getrandbits(32), rng.randint(1, 9), sentence(rng))
    if kind < 0.75:
        return "<ul>%s</ul>\n" % "".join("<li>%s</li>" % sentence(rng) for _ in range(rng.randint(3, 8)))
    if kind < 0.85:
        return '<img src="../img/%x.png" srcset="/a.png 1x, /b.png 2x" alt="%s">\n' % (rng.getrandbits(32), sentence(rng))
    return "<pre><code>%s</code></pre>\n" % "\n".join("%064x &lt;- %s" % (rng.getrandbits(256), rng.choice(WORDS)) for _ in range(rng.randint(3, 15)))


def body(rng):
    size, parts = min(rng.lognormvariate(9.1, 0.8), 60000), []
    while size > 0:
        parts.append(block(rng))
        size -= len(parts[-1])
    return "".join(parts)


def main():
    kind, size, rng = sys.argv[1], int(sys.argv[2]), random.Random(42)
    rss, out, written, number = kind == "rss", sys.stdout, 0, 0
    when = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.timezone.utc)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title><link>https://blog.example/</link>\n'
              if rss else '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:t</id><updated>2026-06-01T12:00:00Z</updated>\n')
    while written < size:
        number += 1
        when -= datetime.timedelta(minutes=rng.randint(30, 3000))
        text = body(rng)
        text = "<![CDATA[%s]]>" % text if rng.random() < 0.5 else escape(text)
        if rss:
            entry = ("<item><title>%s</title><link>https://blog.example/%d</link><guid>urn:%d</guid><pubDate>%s</pubDate><category>%s</category>"
                     "<content:encoded>%s</content:encoded></item>\n") % (
                sentence(rng), number, number, when.strftime("%a, %d %b %Y %H:%M:%S +0000"), rng.choice(WORDS), text)
        else:
            entry = ('<entry><title>%s</title><id>urn:%d</id><link href="https://blog.example/%d"/><updated>%s</updated><category term="%s"/>'
                     '<content type="html">%s</content></entry>\n') % (
                sentence(rng), number, number, when.strftime("%Y-%m-%dT%H:%M:%SZ"), rng.choice(WORDS), text)
        written += len(entry.encode())
        out.write(entry)
    out.write("</channel></rss>\n" if rss else "</feed>\n")


if __name__ == "__main__":
    main()
