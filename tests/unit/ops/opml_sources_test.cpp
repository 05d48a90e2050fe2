#include "core/ops/sources/opml_sources.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::ops;

namespace {
Source row(const std::string& identifier, const std::string& rss_url) {
    Source source;
    source.identifier = identifier;
    source.rss_url = rss_url;
    return source;
}
std::string only_identifier(const std::string& title,
                            const std::string& url = "https://Some.Host.example/f") {
    feed::Opml opml;
    opml.outlines.push_back({title, url, "", {}});
    const auto specs = to_specs(opml, {}).added;
    REQUIRE(specs.size() == 1);
    return specs[0].identifier;
}
}

TEST_CASE("cli::to_specs: the identifier is made of the title, else of the host") {
    CHECK(only_identifier("Krebs on Security!") == "krebs_on_security");
    CHECK(only_identifier("  --A--b  ") == "a_b");
    CHECK(only_identifier("Жук") == "some_host_example");
    CHECK(only_identifier("eval_articles") == "eval_articles_2"); // the web service's own
    CHECK(only_identifier(std::string(500, 'x')) == std::string(60, 'x'));
    CHECK(only_identifier("日本", "https://日本.example/") == "example");
}

TEST_CASE("cli::to_specs: one feed in several spellings is one source") {
    feed::Opml opml;
    for (const char* url : {"http://a.example/feed/", "https://A.example/feed", "feed:https://a.example/feed",
                            "https://a.example/feed?x"})
        opml.outlines.push_back({"A", url, "", {}});
    const auto imported = to_specs(opml, {row("a", "https://a.example/feed")});
    REQUIRE(imported.added.size() == 1);
    CHECK(imported.added[0].rss_url == "https://a.example/feed?x");
    CHECK(imported.added[0].identifier == "a_2");
    CHECK(imported.known.size() == 3);
}

TEST_CASE("cli::to_specs: thousands of feeds of one title get thousands of identifiers") {
    feed::Opml opml;
    for (int i = 0; i < 5000; ++i)
        opml.outlines.push_back({"News", "https://a.example/" + std::to_string(i), "", {}});
    const auto specs = to_specs(opml, {}).added;
    REQUIRE(specs.size() == 5000);
    CHECK(specs.back().identifier == "news_5000");
}

TEST_CASE("cli::to_outlines: sources without a feed are left out, odd categories too") {
    auto with = row("w", "https://w.example/f"), odd = row("o", "https://o.example/f");
    with.config_json = R"({"categories":["a",5,"b"]})";
    odd.config_json = R"({"categories":"a"})";
    const auto outlines = to_outlines({row("none", ""), with, odd});
    REQUIRE(outlines.size() == 2);
    CHECK(outlines[0].categories == std::vector<std::string>{"a", "b"});
    CHECK(outlines[1].categories.empty());
}
