#include "articles_for_tests.hpp"
#include "core/base/text.hpp"

#include <pugixml.hpp>
#include <set>

using namespace cti;
using namespace cti::exporter;

namespace {
pugi::xml_document parse(const std::string& xml) {
    pugi::xml_document document;
    const auto result =
        document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
    INFO(result.description());
    REQUIRE(result);
    return document;
}

// What XML 1.0 can carry of a text.
std::string carried(std::string_view text) {
    std::string out;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto c = next_code_point(text, pos);
        if ((c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xFFFE && c != 0xFFFF)
            append_utf8(out, c);
    }
    return out;
}
}

TEST_CASE("export atom: the feed has what RFC 4287 asks for, and was updated when its newest article was") {
    const auto document = parse(render("atom", {article_with({}, 7), article_with({}, 8)}));
    const auto feed = document.child("feed");
    CHECK(std::string(feed.attribute("xmlns").value()) == "http://www.w3.org/2005/Atom");
    CHECK(std::string(feed.child_value("id")).starts_with("urn:uuid:"));
    CHECK(std::string(feed.child_value("updated")) == "2025-11-19T12:00:00Z");
    CHECK(std::string(feed.child("author").child_value("name")) == "cti");
    const auto entries = feed.children("entry");
    CHECK(std::distance(entries.begin(), entries.end()) == 2);
    const auto entry = feed.child("entry");
    CHECK(std::string(entry.child_value("title")) == "Quiet Heron");
    CHECK(std::string(entry.child("link").attribute("href").value()) == "https://heron.example/7");
    CHECK(std::string(entry.child("link").attribute("rel").value()) == "alternate");
    CHECK(std::string(entry.child("category").attribute("term").value()) == "apt");
    CHECK(std::string(entry.child_value("summary")) == "Short.");
    CHECK(std::string(entry.child_value("content")) == "Long.");
    CHECK(std::string(entry.child("author").child_value("name")) == "Ann Lee");
    CHECK(std::string(entry.child("source").child_value("title")) == "Quiet Heron Blog");
}

TEST_CASE("export atom: the feed's own elements stand before its entries") {
    const auto xml = render("atom", {article_with({})}, {.tlp = Tlp::green});
    for (const auto* name : {"<id>", "<title", "<updated>", "<author>", "<rights"})
        CHECK(xml.find(name) < xml.find("<entry>"));
    CHECK(xml.find("TLP:GREEN") != std::string::npos);
}

TEST_CASE("export atom: no article is a feed without entries, dated by the period") {
    CHECK(std::string(
              parse(render("atom", {}, {.until = at(1'763'553'600)})).child("feed").child_value("updated")) ==
          "2025-11-19T12:00:00Z");
    CHECK(std::string(parse(render("atom", {})).child("feed").child_value("updated")) ==
          "1970-01-01T00:00:00Z");
}

TEST_CASE("export atom: ids are those of addresses, and distinct where two articles share one") {
    auto first = article_with({}, 7), again = first, other = article_with({}, 8);
    again.title = "Changed", again.id = 99;
    const auto id_of = [](const std::string& xml, int number) {
        const auto document = parse(xml);
        auto entry = document.child("feed").child("entry");
        while (number-- > 0) entry = entry.next_sibling("entry");
        return std::string(entry.child_value("id"));
    };
    CHECK(id_of(render("atom", {first}), 0) == id_of(render("atom", {again}), 0));
    CHECK(id_of(render("atom", {first}), 0) == id_of(render("atom", {other, first}), 1));
    const auto all = render("atom", {first, again, again, other});
    CHECK(std::set{id_of(all, 0), id_of(all, 1), id_of(all, 2), id_of(all, 3)}.size() == 4);
    CHECK(id_of(all, 0).size() == std::string("urn:uuid:").size() + 36);
}

TEST_CASE("export atom: only web addresses are links, and an entry without one has content") {
    for (const std::string url : {"javascript:alert(1)", "data:text/html,x", "", "//x.example/", "http://",
                                  "https://u:p@x.example/"}) {
        auto article = article_with({});
        article.url = url;
        const auto document = parse(render("atom", {article}, {.content = false}));
        const auto entry = document.child("feed").child("entry");
        CHECK(entry.child("link").empty());
        CHECK(std::string(entry.child_value("content")) == "Quiet Heron");
    }
    auto article = article_with({});
    article.url = "https://x.example/a b?c=\"<d>\"&e";
    const auto document = parse(render("atom", {article}, {.content = false}));
    CHECK(std::string(document.child("feed").child("entry").child("link").attribute("href").value()) ==
          "https://x.example/a%20b?c=%22%3Cd%3E%22&e");
    CHECK(document.child("feed").child("entry").child("content").empty());
}

TEST_CASE("export atom: any text comes back as far as XML can carry it") {
    auto texts = nasty_texts();
    texts.emplace_back(5'000'000, '&');
    for (const auto& text : texts) {
        auto article = article_with({});
        article.title = article.url = article.content = text, article.summary = text;
        article.authors = article.tags = {text};
        article.source_name = text;
        const auto xml = render("atom", {article});
        CHECK(xml == render("atom", {article}));
        CHECK(is_valid_utf8(xml));
        const auto document = parse(xml);
        const auto entry = document.child("feed").child("entry");
        const auto expected = carried(text);
        CHECK(std::string(entry.child_value("title")) == expected);
        if (!expected.empty()) CHECK(std::string(entry.child_value("content")) == expected);
        if (!trim(text).empty())
            CHECK(std::string(entry.child("category").attribute("term").value()) == expected);
        CHECK(xml.find("<script") == std::string::npos);
    }
}
