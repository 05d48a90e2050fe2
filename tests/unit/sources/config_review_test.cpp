#include "core/sources/config_review.hpp"
#include "core/sources/yaml.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::sources;

namespace {
std::vector<std::string> review(std::string_view config) {
    std::vector<std::string> out;
    for (const auto& note : review_config(config)) out.push_back(note.message);
    return out;
}
std::string only(std::string_view config) {
    const auto notes = review(config);
    return notes.size() == 1 ? notes[0] : std::to_string(notes.size()) + " notes";
}
}

TEST_CASE("sources::review_config: what works is silent") {
    CHECK(review(R"({"kind":"feed","rss_only":"true","min_word_count":5,"title_filter_keywords":["webinar"],
        "filter":{"include":["a"],"exclude":{"title":"b","categories":["c"]}},"robots":{"crawl_delay":1.5},
        "fetch":{"timeout":90},"wp_json":{"endpoints":["https://a"]},"use_playwright":false,
        "archive_pages":null,"max_archive_pages":0,"discovery":{"strategies":[
        {"listing":{"urls":["https://a"],"post_link_selector":"h2 a"}},{"sitemap":{"urls":["https://b"]}}]}})")
              .empty());
    CHECK(review("[]").empty());
}

TEST_CASE("sources::review_config: keys without effect say why") {
    CHECK(only(R"({"use_playwright":true})") == "'use_playwright' has no effect: no browser is run");
    CHECK(only(R"({"archive_pages":true})").starts_with("'archive_pages' has no effect: "));
}

TEST_CASE("sources::review_config: misspelt and misplaced keys say what was meant") {
    CHECK(only(R"({"rss_onyl":true})") ==
          "unknown key 'rss_onyl' of 'config' is ignored (did you mean 'rss_only'?)");
    CHECK(only(R"({"fetch":{"timout":9}})") ==
          "unknown key 'timout' of 'fetch' is ignored (did you mean 'timeout'?)");
    CHECK(only(R"({"discovery":{"strategies":[{"wp_json":{"endpoints":["https://a"]}}]}})") ==
          "'wp_json' is ignored below 'discovery.strategies.*': it belongs directly below 'config'");
    CHECK(only(R"({"crawl_delay":5})") ==
          "'crawl_delay' is ignored below 'config': it belongs below 'robots'");
    CHECK(only(R"({"colour":5})") == "unknown key 'colour' of 'config' is ignored");
}

TEST_CASE("sources::review_config: a listing without its selector, and types that nobody reads") {
    const auto notes = review(
        R"({"discovery":{"strategies":[{"listing":{"urls":["https://a"],"selector":"h2 a"}},"https://b"]}})");
    REQUIRE(notes.size() == 3);
    CHECK(notes[0].ends_with("(did you mean 'post_link_selector'?)"));
    CHECK(notes[1].starts_with("a listing without its 'post_link_selector'"));
    CHECK(notes[2].starts_with("a strategy must be a mapping"));
    CHECK(only(R"({"fetch":{"timeout":"90"}})") == "'timeout' must be a number and is ignored");
    CHECK(only(R"({"title_filter_keywords":["Webinar"]})") ==
          "'title_filter_keywords': 'Webinar' is never found: write it in lower case");
}

TEST_CASE("sources::review_config: broken patterns of all keys") {
    CHECK(only(R"({"post_url_regex":["^https://a/(b"]})")
              .starts_with("'post_url_regex': '^https://a/(b' is no regular expression and is ignored: "));
    CHECK(only(R"({"filter":{"exclude":{"title":"["}}})").starts_with("'title': '[' is no regular"));
    CHECK(only(R"({"filter":{"include":["*"]}})").starts_with("'include': '*' is no regular"));
    CHECK(review_config(R"({"filter":{"include":["*"]}})").at(0).is_pattern);
}

TEST_CASE("sources::load_sources: a key in vain is told with its line") {
    const auto loaded = load_sources(R"(version: "1.0"
sources:
  - id: a
    name: A
    url: https://a.example/
    discovery:
      strategies:
        - sitemap: {urls: ["https://a.example/s.xml"]}
        - wp_json: {endpoints: []}
    config:
      rss_onyl: true
      fetch:
        timout: 5
)",
                                     "f");
    REQUIRE(loaded.warnings.size() == 3);
    CHECK(to_string(loaded.warnings[0]).starts_with("f: line 9: source 'a': 'wp_json' is ignored"));
    CHECK(loaded.warnings[1].line == 11);
    CHECK(loaded.warnings[2].line == 13);
}
