#include "core/feed/feed.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>

using namespace cti;

namespace {
std::string read_file(const std::string& name) {
    std::ifstream in(CTI_TEST_DATA "/feeds/" + name, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}
std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}
}

TEST_CASE("feed::parse: stray brackets, unclosed elements, wrong case and junk around are repaired") {
    const auto feed = feed::parse(read_file("broken_markup.xml"), {});
    CHECK(feed.format == "rss20");
    CHECK(feed.title == "R&D < 5 &bomb; é");
    REQUIRE(feed.entries.size() == 2);
    CHECK(feed.entries[0].title == "Ends & bold");
    CHECK(feed.entries[0].link == "https://x.example/?a=1&b=2");
    CHECK(feed.entries[0].summary == "never closed");
    CHECK(feed.entries[0].id == "g1");
    CHECK(feed.entries[0].published.has_value());
    CHECK(feed.entries[1].title == "CDATA without an end");
    CHECK(feed.entries[1].link == "https://x.example/2");
    CHECK(std::ranges::any_of(feed.warnings, [](const auto& warning) {
        return warning.starts_with("the XML is ill-formed and was repaired in ");
    }));
}

TEST_CASE("feed::parse: a link that HTML's rules took out of its element is read") {
    const auto link_of = [](const std::string& item) {
        const auto feed = feed::parse("<rss version='2.0'><channel><title>t</title><link/>https://a.example/"
                                      "<item><title>x</title>" +
                                          item + "</item></channel></rss>",
                                      {});
        REQUIRE(feed.entries.size() == 1);
        CHECK(feed.link == "https://a.example/");
        CHECK(feed.entries[0].title == "x");
        return feed.entries[0].link;
    };
    for (const auto* item :
         {"<link/>https://a.example/?a=1&amp;b=2<guid isPermaLink='false'>g</guid>",
          "<link></link>\n  https://a.example/?a=1&b=2\n<guid isPermaLink='false'>g</guid>",
          "<link><guid isPermaLink='false'>g</guid><link/>https://a.example/?a=1&amp;b=2",
          "<LINK />https://a.example/?a=1&amp;b=2<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>",
          "<link>https://a.example/?a=1&amp;b=2<guid isPermaLink='false'>g</guid>",
          "<link/><![CDATA[https://a.example/?a=1&b=2]]><guid isPermaLink='false'>g</guid>",
          "<link/><!--[CDATA[https://a.example/?a=1&b=2]]--><guid isPermaLink='false'>g</guid>",
          "<link><!--[CDATA[https://a.example/?a=1&b=2]]--></link><guid isPermaLink='false'>g</guid>",
          "<link/><!-- here -->https://a.example/?a=1&amp;b=2"}) {
        CAPTURE(item);
        CHECK(link_of(item) == "https://a.example/?a=1&b=2");
    }
}

TEST_CASE("feed::parse: a text beside an empty link that is no address, or stands elsewhere, is no link") {
    for (const auto* item :
         {"<link/>see https://a.example/x", "<link/><guid isPermaLink='false'>g</guid>https://a.example/x",
          "<link rel='self'/>https://a.example/x", "<guid isPermaLink='false'>g</guid>https://a.example/x",
          "<link/>javascript:alert(1)", "<!--[CDATA[]]--><link/><!--[CDATA[-->"}) {
        CAPTURE(item);
        const auto feed = feed::parse("<rss version='2.0'><channel><item><title>x</title>" +
                                          std::string(item) + "</item></channel></rss>",
                                      {});
        REQUIRE(feed.entries.size() == 1);
        CHECK(feed.entries[0].link == "");
    }
}

TEST_CASE("feed::parse: of a feed that was cut off every complete entry is kept") {
    const auto whole = read_file("rss20_wordpress.xml");
    const auto second = whole.rfind("<item>");
    for (std::size_t end = second; end < whole.find("</item>", second); ++end) {
        const auto feed = feed::parse(std::string_view(whole).substr(0, end), {});
        CAPTURE(end);
        REQUIRE(feed.entries.size() == 1);
        CHECK(feed.entries[0].tags.size() == 2);
    }
}

TEST_CASE("feed::parse: cut off at any place it still ends") {
    for (const auto* name : {"atom10_all_types.xml", "broken_markup.xml", "json_feed11.json",
                             "page_with_feeds.html", "rdf10_dublin_core.xml"}) {
        const auto whole = read_file(name);
        for (std::size_t end = 0; end < whole.size(); ++end)
            CHECK(feed::parse(std::string_view(whole).substr(0, end), {}).entries.size() <= 2);
    }
}

TEST_CASE("feed::parse: entities that a doctype defines stay inert") {
    const auto feed = feed::parse(
        "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        "<rss><channel><title>&b;&f;</title></channel></rss>",
        {});
    CHECK(feed.title == "&b;&f;");
}

TEST_CASE("feed::parse: what is no feed says so") {
    CHECK(feed::parse("", {}).warnings == std::vector<std::string>{"the document is empty"});
    CHECK(feed::parse(" \n", {}).format == "");
    const auto text = feed::parse("just words", {});
    CHECK(text.format == "");
    CHECK(text.warnings == std::vector<std::string>{"this is neither a feed nor a web page"});
    CHECK(feed::parse("{\"a\": 1}", {}).format == "");
    CHECK(feed::parse("<html><body>no</body></html>", {}).warnings.at(0) == "this is a web page, not a feed");
}

TEST_CASE("feed::parse: a feed without entries is a feed") {
    const auto feed = feed::parse("<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title></feed>", {});
    CHECK(feed.format == "atom10");
    CHECK(feed.entries.empty());
    CHECK(feed.warnings.empty());
}

TEST_CASE("feed::parse: the same guid on two entries does not merge them") {
    const auto feed = feed::parse(
        "<rss><channel><item><guid>1</guid><title>a</title></item><item><guid>1</guid><title>b</title></item></channel></rss>",
        {});
    CHECK(feed.entries.size() == 2);
}

TEST_CASE("feed::parse: control characters are dropped, C1 characters are windows-1252") {
    const auto feed = feed::parse("<rss><channel><title>a\x0B"
                                  "b\xC2\x92s</title></channel></rss>",
                                  {});
    CHECK(feed.title == "ab’s");
    CHECK(feed.warnings ==
          std::vector<std::string>{"characters of windows-1252 that were taken for ISO-8859-1 were put right",
                                   "control characters were dropped"});
}

TEST_CASE("feed::parse: entries beyond the limit are left out with a warning") {
    const auto feed =
        feed::parse("<rss><channel>" + repeat("<item><title>x</title></item>", 5) + "</channel></rss>",
                    {.url = "", .content_type = "", .max_entries = 3});
    CHECK(feed.entries.size() == 3);
    CHECK(feed.warnings.at(0) == "more entries than are read of one feed: the rest was left out");
}

TEST_CASE("feed::parse: hostile input is read in linear time") {
    // Each was quadratic in one scanner or another; a million bytes would then take minutes.
    for (const std::string_view part :
         {"<a>", "</a>", "<a b='", "<!--", "<![CDATA[", "<!DOCTYPE [", "<?", "<a <", "&", "&#",
          "<a b=\"<a b='", "<item>", "<a xmlns:b='c'>", "<title>", "]]>", "<a xml:base='b/'>"}) {
        CAPTURE(part);
        const auto feed =
            feed::parse("<rss><channel><item><description>" + repeat(part, 300'000 / part.size()),
                        {.url = "http://a.example/", .content_type = ""});
        CHECK(feed.format == "rss20");
    }
    for (const std::string_view part : {"[", "{\"a\":", "<a", "<a href='", "<base href=x><!--"}) {
        CAPTURE(part);
        CHECK(feed::parse(
                  "{\"version\": \"https://jsonfeed.org/version/1\", \"items\": " + repeat(part, 100'000), {})
                  .entries.empty());
        CHECK(feed::parse("<html>" + repeat(part, 50'000), {}).entries.empty());
    }
}

TEST_CASE("feed: an address that RSS has as an attribute is the channel's, those of relations are not") {
    const auto link_of = [](const std::string& links) {
        return feed::parse("<rss version='2.0'><channel>" + links + "</channel></rss>", {}).link;
    };
    CHECK(link_of("<link>https://a.example/</link><link href='https://b.example/'/>") ==
          "https://b.example/");
    CHECK(link_of("<link>https://a.example/</link><link rel='self' href='https://b.example/feed'/>") ==
          "https://a.example/");
    CHECK(link_of("<link>https://a.example/</link><link type='text/css' href='https://b.example/x'/>") ==
          "https://a.example/");
}

TEST_CASE("feed: markup that was escaped within its own element is markup") {
    const auto content_of = [](const std::string& content) {
        const auto feed =
            feed::parse("<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><content type='xhtml'>" +
                            content + "</content></entry></feed>",
                        {});
        REQUIRE(feed.entries.size() == 1);
        return feed.entries[0].content;
    };
    const std::string escaped = "&lt;p&gt;one &lt;b&gt;two&lt;/b&gt;&lt;/p&gt;",
                      plain = "<p>one <b>two</b></p>";
    CHECK(content_of("<div>" + escaped + "</div>") == plain);
    CHECK(content_of("\n <div xmlns='http://www.w3.org/1999/xhtml'> <span>" + escaped + "</span>\n</div> ") ==
          plain);
    for (const std::string kept :
         {"<p>say <code>&lt;br&gt;</code></p>", "<pre>&lt;p&gt;a&lt;/p&gt;</pre>", "<div>&lt;none&gt;</div>",
          "<div>&lt;p&gt;<i>a</i>&lt;/p&gt;</div>", "<div></div>", "<div>a</div>"})
        CHECK(content_of(kept) == kept);
}
