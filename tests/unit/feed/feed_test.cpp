#include "core/feed/feed.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>

using namespace cti;

namespace {
feed::Feed parse_file(const std::string& name, const std::string& url) {
    std::ifstream in(CTI_TEST_DATA "/feeds/" + name, std::ios::binary);
    REQUIRE(in.good());
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return feed::parse(bytes, {.url = url, .content_type = ""});
}
feed::Entry first_entry(const std::string& fields, const std::string& url = "https://a.example/feed") {
    auto parsed = feed::parse("<rss version='2.0'><channel><item>" + fields + "</item></channel></rss>",
                              {.url = url, .content_type = ""});
    REQUIRE(parsed.entries.size() == 1);
    return parsed.entries.front();
}
std::string at(const std::optional<Time>& time) { return time ? format_rfc3339(*time) : "none"; }
}

TEST_CASE("feed::parse: RSS 2.0 as WordPress writes it") {
    const auto feed = parse_file("rss20_wordpress.xml", "https://harbour.example/feed/");
    CHECK(feed.format == "rss20");
    CHECK(feed.encoding == "utf-8");
    CHECK(feed.title == "Harbour Lights – Research");
    CHECK(feed.link == "https://harbour.example");
    CHECK(feed.description == "Notes & findings");
    CHECK(feed.language == "en-GB");
    CHECK(feed.image == "https://harbour.example/icon.png");
    CHECK(feed.ttl_minutes == 360);
    CHECK(at(feed.updated) == "2026-11-19T12:00:00Z");
    CHECK(feed.warnings.empty());
    REQUIRE(feed.entries.size() == 2);
    const auto& entry = feed.entries[0];
    CHECK(entry.title == "Loader & stager: what’s new");
    CHECK(entry.link == "https://harbour.example/2026/11/loader/");
    CHECK(entry.id == "https://harbour.example/?p=42");
    CHECK(entry.comments == "https://harbour.example/2026/11/loader/#comments");
    CHECK(at(entry.published) == "2026-11-19T11:30:00Z");
    CHECK(entry.published_raw == "Thu, 19 Nov 2026 11:30:00 +0000");
    REQUIRE(entry.authors.size() == 1);
    CHECK(entry.authors[0].name == "Ana Kovač");
    CHECK(entry.tags == std::vector<std::string>{"malware", "Q&A"});
    CHECK(entry.summary == "<p>A short look. [&#8230;]</p>");
    REQUIRE(entry.enclosures.size() == 1);
    CHECK(entry.enclosures[0].length == 1234);
}

TEST_CASE("feed::parse: links inside of content are made absolute") {
    const auto feed = parse_file("rss20_wordpress.xml", "https://harbour.example/feed/");
    CHECK(
        feed.entries.at(0).content ==
        R"(<p>A <a href="https://harbour.example/tags/loader">longer</a> look at <img src="https://harbour.example/img/a.png" )"
        R"(srcset="https://harbour.example/feed/s.png 1x, https://harbour.example/b.png 2x"> it.</p>)");
}

TEST_CASE("feed::parse: an RSS item without a title is kept, and its guid is its link") {
    const auto entry = parse_file("rss20_wordpress.xml", "").entries.at(1);
    CHECK(entry.title == "");
    CHECK(entry.link == "https://harbour.example/notes/7");
    CHECK(entry.summary == "No title and no link, only text.");
    CHECK_FALSE(entry.published.has_value());
}

TEST_CASE("feed::parse: Atom text, html and xhtml each mean what their type says") {
    const auto feed = parse_file("atom10_all_types.xml", "https://elsewhere.example/");
    CHECK(feed.format == "atom10");
    CHECK(feed.title == "Turm & Wache");
    CHECK(feed.link == "https://turm.example/blog/");
    CHECK(feed.language == "de");
    CHECK(feed.authors.at(0).uri == "https://turm.example/team");
    const auto& entry = feed.entries.at(0);
    CHECK(entry.title == "Die dritte Welle & mehr");
    CHECK(entry.link == "https://turm.example/blog/2026/welle");
    CHECK(entry.summary == "Kurz &lt; knapp");
    CHECK(entry.content == R"(<div><p>if a &lt; b <a href="https://turm.example/x">x</a><br>Ende</p></div>)");
    CHECK(at(entry.published) == "2026-11-18T08:00:00Z");
    CHECK(at(entry.updated) == "2026-11-18T09:00:00Z");
    CHECK(entry.tags == std::vector<std::string>{"apt"});
    CHECK(entry.enclosures.at(0).url == "https://turm.example/blog/bericht.pdf");
    CHECK(feed.entries.at(1).content == "<p>Text &amp; mehr</p>");
    CHECK(feed.entries.at(1).title == "Zweiter Bericht");
}

TEST_CASE("feed::parse: an Atom entry without an author has the feed's") {
    const auto feed = parse_file("atom10_all_types.xml", "");
    CHECK(feed.entries.at(0).authors.at(0).email == "team@turm.example");
    CHECK(feed.entries.at(1).authors.at(0).name == "Bo Berg");
}

TEST_CASE("feed::parse: RDF with Dublin Core under another prefix") {
    const auto feed = parse_file("rdf10_dublin_core.xml", "");
    CHECK(feed.format == "rss10");
    CHECK(feed.title == "Alt");
    const auto& entry = feed.entries.at(0);
    CHECK(entry.id == "https://alt.example/1");
    CHECK(entry.authors.at(0).name == "Zed");
    CHECK(entry.tags == std::vector<std::string>{"worms"});
    CHECK(at(entry.published) == "2026-11-19T11:00:00Z");
    CHECK(entry.summary == "Body &lt;b&gt;");
}

TEST_CASE("feed::parse: JSON Feed 1.1, with what people put in instead of strings") {
    const auto feed = parse_file("json_feed11.json", "");
    CHECK(feed.format == "jsonfeed11");
    CHECK(feed.title == "Sonde");
    REQUIRE(feed.entries.size() == 2);
    const auto& entry = feed.entries[0];
    CHECK(entry.id == "7");
    CHECK(entry.link == "https://sonde.example/seven");
    CHECK(entry.content == R"(<p><a href="https://sonde.example/x">x</a></p>)");
    CHECK(entry.summary == "a &lt; b");
    CHECK(entry.tags == std::vector<std::string>{"apt", "zero-day"});
    CHECK(entry.authors.at(0).name == "Ida");
    CHECK(at(entry.published) == "2026-11-19T10:00:00Z");
    CHECK(feed.entries[1].link == "https://sonde.example/8");
    CHECK(feed.entries[1].content == "1 &lt; 2");
    CHECK(feed.entries[1].authors.at(0).name == "Udo");
    CHECK(feed.entries[1].published_raw == "soon");
}

TEST_CASE("feed::parse: a web page is told from a feed and its feeds are listed") {
    const auto feed = parse_file("page_with_feeds.html", "https://seite.example/de/index.html");
    CHECK(feed.format == "html");
    CHECK(feed.title == "Blog & more");
    CHECK(feed.feeds == std::vector<std::string>{"https://seite.example/de/feed.xml",
                                                 "https://seite.example/all.json",
                                                 "https://seite.example/de/news/rss.xml"});
    CHECK(feed.entries.empty());
    CHECK(feed.warnings.at(0).starts_with(
        "this is a web page, not a feed; it announces https://seite.example/de/feed.xml"));
}

TEST_CASE("feed::parse: authors in every notation") {
    const auto email_first = first_entry("<author>me@x.example (My Name)</author>").authors.at(0);
    CHECK(email_first.name == "My Name");
    CHECK(email_first.email == "me@x.example");
    const auto name_first = first_entry("<author>My Name &lt;me+news@x.example&gt;</author>").authors.at(0);
    CHECK(name_first.name == "My Name");
    CHECK(name_first.email == "me+news@x.example");
    CHECK(first_entry("<author>mailto:me@x.example</author>").authors.at(0).email == "me@x.example");
    CHECK(first_entry("<dc:creator>Only Name</dc:creator>").authors.at(0).name == "Only Name");
    CHECK(first_entry("<author>A</author><dc:creator>A</dc:creator><dc:creator>B</dc:creator>")
              .authors.size() == 2);
}

TEST_CASE("feed::parse: the element of the format wins over a module's") {
    const auto entry =
        first_entry("<dc:title>module</dc:title><title>own</title><media:title>media</media:title>"
                    "<source url='x'><title>of the source</title></source>");
    CHECK(entry.title == "own");
    CHECK(first_entry("<dc:title>module</dc:title>").title == "module");
}

TEST_CASE("feed::parse: titles lose tags and double escapes, but not what only looks like a tag") {
    CHECK(first_entry("<title>&lt;b&gt;Bold&lt;/b&gt; move</title>").title == "Bold move");
    CHECK(first_entry("<title>AT&amp;amp;T &amp;#8217;s</title>").title == "AT&T ’s");
    CHECK(first_entry("<title>std::vector&lt;int&gt; &amp; more</title>").title == "std::vector<int> & more");
    CHECK(first_entry("<title>How &lt;table&gt; works</title>").title == "How <table> works");
}

TEST_CASE("feed::parse: relative links go by xml:base, then by the document's address") {
    CHECK(first_entry("<link>/x</link>").link == "https://a.example/x");
    CHECK(first_entry("<link xml:base='https://b.example/y/'>z</link>").link == "https://b.example/y/z");
    CHECK(first_entry("<link xml:base='javascript:alert(1)'>z</link>").link == "https://a.example/z");
    CHECK(first_entry("<link>/x</link>", "").link == "/x");
}

TEST_CASE("feed::parse: a date that cannot be read is none, with the raw text and a warning") {
    const auto feed =
        feed::parse("<rss><channel><item><pubDate>the 3. of Smarch</pubDate></item></channel></rss>", {});
    CHECK_FALSE(feed.entries.at(0).published.has_value());
    CHECK(feed.entries.at(0).published_raw == "the 3. of Smarch");
    CHECK(feed.warnings == std::vector<std::string>{"a date could not be read: 'the 3. of Smarch'"});
}

TEST_CASE("feed::parse: rights, generator and contributors are kept") {
    const auto feed = feed::parse(
        R"(<feed xmlns="http://www.w3.org/2005/Atom"><rights type="html">&lt;b&gt;CC&lt;/b&gt;</rights>)"
        R"(<generator uri="https://g.example/" version="2">Gen</generator><entry>)"
        R"(<contributor><name>Ida</name></contributor><rights>mine</rights></entry></feed>)",
        {});
    CHECK(feed.rights == "<b>CC</b>");
    CHECK(feed.generator == "Gen v2 https://g.example/");
    REQUIRE(feed.entries.size() == 1);
    REQUIRE(feed.entries[0].contributors.size() == 1);
    CHECK(feed.entries[0].contributors[0].name == "Ida");
    CHECK(feed.entries[0].rights == "mine");
}

TEST_CASE("feed::parse: feedburner:origLink is the link, whatever stands before or after it") {
    const auto* const xml =
        "<rss version='2.0' xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'><channel>"
        "<item><link>https://feeds.example/~3/a</link><f:origLink>https://a.example/a</f:origLink></item>"
        "<item><f:origLink>https://a.example/b</f:origLink><link>https://feeds.example/~3/b</link></item>"
        "<item><link>https://a.example/c</link><f:origLink>mailto:x</f:origLink></item></channel></rss>";
    const auto feed = feed::parse(xml, {});
    REQUIRE(feed.entries.size() == 3);
    CHECK(feed.entries[0].link == "https://a.example/a");
    CHECK(feed.entries[1].link == "https://a.example/b");
    CHECK(feed.entries[2].link == "https://a.example/c");
}
