#include "core/sources/yaml.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace cti;
using namespace cti::sources;

namespace {
LoadResult load_file(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return load_sources(text.str(), path.substr(path.rfind('/') + 1));
}
LoadResult load_data(const std::string& name) {
    return load_file(std::string(CTI_TEST_DATA "/sources/") + name);
}

std::vector<std::string> texts(const std::vector<Problem>& problems) {
    std::vector<std::string> out;
    for (const auto& problem : problems) out.push_back(to_string(problem));
    return out;
}

nlohmann::json config_of(const SourceSpec& spec) { return nlohmann::json::parse(spec.config_json); }

// One source with these lines after its id, name and url.
LoadResult load_with(const std::string& lines) {
    return load_sources(
        "version: \"1.0\"\nsources:\n  - id: x\n    name: X\n    url: https://x.example.org/\n" + lines, "f");
}
}

TEST_CASE("sources::load_sources: the newer form is read with the types that it shows") {
    const auto loaded = load_data("web-2026.yaml");
    CHECK(texts(loaded.errors).empty());
    CHECK(texts(loaded.warnings) ==
          std::vector<std::string>{
              "web-2026.yaml: line 36: source 'listing-only': a strategy must be a mapping "
              "with 'listing' or 'sitemap' and is ignored"});
    REQUIRE(loaded.sources.size() == 2);
    const auto& blog = loaded.sources[0];
    CHECK(blog.identifier == "example_blog");
    CHECK(blog.name == "Example: research");
    CHECK(blog.rss_url == "https://blog.example.org/feed/");
    CHECK(blog.check_frequency_s == 1800);
    CHECK(blog.lookback_days == 180);
    CHECK(blog.active == true);
    CHECK(blog.line == 4);
    CHECK(blog.file == "web-2026.yaml");
    const auto config = config_of(blog);
    CHECK(config["allow"] == nlohmann::json::array({"blog.example.org"}));
    CHECK(config["robots"]["enabled"] == true);
    CHECK(config["robots"]["crawl_delay"].is_number_float());
    CHECK(config["robots"]["max_requests_per_minute"].is_number_integer());
    CHECK(config["extract"]["prefer_jsonld"] == true);
    CHECK(config["rss_only"] == "true");
    CHECK(config["image_ocr_enabled"].is_null());
    CHECK(config_of(loaded.sources[1])["discovery"]["strategies"][1] == "sitemap");
}

TEST_CASE("sources::load_sources: a null or empty rss_url clears, none says nothing") {
    CHECK(load_with("    rss_url: null\n").sources.at(0).rss_url == "");
    CHECK(load_with("    rss_url: \"\"\n").sources.at(0).rss_url == "");
    CHECK(load_with("    rss_url:\n").sources.at(0).rss_url == "");
    CHECK_FALSE(load_with("").sources.at(0).rss_url);
}

TEST_CASE("sources::load_sources: the older form is folded into config") {
    const auto loaded = load_data("web-2025.yaml");
    CHECK(texts(loaded.errors).empty());
    CHECK(texts(loaded.warnings).empty());
    REQUIRE(loaded.sources.size() == 1);
    const auto& spec = loaded.sources[0];
    CHECK(spec.tier == 1);
    CHECK(spec.weight == 1.5);
    CHECK(spec.active == false);
    CHECK(spec.config_json ==
          R"({"allow":["old.example.org"],"post_url_regex":["^https://old\\.example\\.org/posts/"],)"
          R"("discovery":{"strategies":[]},"extract":{"prefer_jsonld":true},"content_selector":"article"})");
}

TEST_CASE("sources::load_sources: where both forms speak, config wins") {
    const auto loaded = load_with("    content_selector: main\n    config: {content_selector: article}\n");
    CHECK(config_of(loaded.sources.at(0))["content_selector"] == "article");
}

TEST_CASE("sources::load_sources: doubled backslashes of a pattern become single ones") {
    const auto loaded =
        load_with("    config: {post_url_regex: ['^https://a\\\\.b/\\d+'], allow: ['\\\\']}\n");
    CHECK(config_of(loaded.sources.at(0))["post_url_regex"][0] == R"(^https://a\.b/\d+)");
    CHECK(config_of(loaded.sources.at(0))["allow"][0] == R"(\\)");
}

TEST_CASE("sources::load_sources: what is not written stays unsaid") {
    const auto loaded = load_with("");
    const auto& spec = loaded.sources.at(0);
    CHECK_FALSE(spec.check_frequency_s);
    CHECK_FALSE(spec.lookback_days);
    CHECK_FALSE(spec.active);
    CHECK_FALSE(spec.tier);
    CHECK(spec.config_json == "{}");
}

TEST_CASE("sources::load_sources: anchors, aliases and merge keys work") {
    const auto loaded = load_data("defaults.yaml");
    CHECK(texts(loaded.errors).empty());
    CHECK(texts(loaded.warnings).empty());
    REQUIRE(loaded.sources.size() == 2);
    const auto& second = loaded.sources[1];
    CHECK(second.identifier == "second");
    CHECK(second.name == "First");
    CHECK(second.check_frequency_s == 900);
    CHECK(config_of(second)["rss_only"] == false);
    CHECK(config_of(second)["allow"].size() == 2);
}

TEST_CASE("sources::load_sources: all errors are told, each with its line") {
    const auto loaded = load_data("many-errors.yaml");
    CHECK(
        texts(loaded.errors) ==
        std::vector<std::string>{
            "many-errors.yaml: line 1: 'version' must be \"1.0\", not the text '2.0'",
            "many-errors.yaml: line 3: 'id' is missing",
            "many-errors.yaml: line 5: 'id' must consist of letters, digits, '_' and '-', not 'bad id'",
            "many-errors.yaml: line 7: 'url' must be an address that starts with http:// or https://, not 'ftp://b.example.org/'",
            "many-errors.yaml: line 9: source 'types': 'name' must be a text, not '42' (put it in quotes)",
            "many-errors.yaml: line 11: source 'types': 'rss_url' must be an address that starts with http:// or https://, not "
            "'feed.xml'",
            "many-errors.yaml: line 12: source 'types': 'check_frequency' must be a whole number, not the text '1800'",
            "many-errors.yaml: line 13: source 'types': 'lookback_days' must be from 1 to 999, not 1000",
            "many-errors.yaml: line 14: source 'types': 'tier' must be from 1 to 3, not 0",
            "many-errors.yaml: line 15: source 'types': 'active' must be true or false, not the text 'yes'",
            "many-errors.yaml: line 16: source 'types': 'config' must be a mapping, not a list",
            "many-errors.yaml: line 20: source 'types': 'check_frequency' must be from 60 to 31536000, not 59",
            "many-errors.yaml: line 17: source 'types': the id stands twice, first on line 8",
            "many-errors.yaml: line 21: a source must be a mapping, not 'just text'"});
}

TEST_CASE("sources::load_sources: unknown keys warn with their line and a suggestion") {
    const auto loaded = load_data("unknown-keys.yaml");
    CHECK(texts(loaded.errors).empty());
    CHECK(
        texts(loaded.warnings) ==
        std::vector<std::string>{
            "unknown-keys.yaml: line 2: unknown key 'source_list' is ignored",
            "unknown-keys.yaml: line 5: source 'a': unknown key 'nam' is ignored (did you mean 'name'?)",
            "unknown-keys.yaml: line 8: source 'a': unknown key 'rss_only' is ignored (it belongs below 'config')",
            "unknown-keys.yaml: line 9: source 'a': unknown key 'zzz' is ignored",
            "unknown-keys.yaml: line 10: source 'a': 'name' stands twice, the last one is taken",
            "unknown-keys.yaml: line 11: source 'manual': belongs to the web service and is left alone"});
    REQUIRE(loaded.sources.size() == 1);
    CHECK(loaded.sources[0].name == "B");
}

TEST_CASE("sources::load_sources: config that the web service's checks refuse is an error on its line") {
    const auto loaded =
        load_with("    config:\n      rss_only: true\n      allow: example.org\n      weird: .nan\n");
    CHECK(texts(loaded.errors) ==
          std::vector<std::string>{
              "f: line 9: source 'x': '.nan' cannot be kept as a number (put it in quotes)",
              "f: line 8: source 'x': 'allow' must be a list of texts"});
}

TEST_CASE("sources::load_sources: broken YAML is one error with the parser's line") {
    for (const auto& [broken, line] :
         std::vector<std::pair<std::string, int>>{{"version: \"1.0\"\nsources:\n  - id: a\n   name: b\n", 4},
                                                  {"version: \"1.0\"\nsources: [\n", 3},
                                                  {"a: \"open\n", 1},
                                                  {"sources:\n\t- id: a\n", 2},
                                                  {"a: *nowhere\n", 1}}) {
        const auto& text = broken; // clang 14 cannot capture a structured binding.
        const auto loaded = load_sources(text, "f.yaml");
        CAPTURE(text);
        REQUIRE(loaded.errors.size() == 1);
        CHECK(loaded.errors[0].line == line);
        CHECK_FALSE(loaded.errors[0].message.empty());
        CHECK(loaded.sources.empty());
    }
}

TEST_CASE("sources::load_sources: a document that holds no list of sources is an error") {
    for (const auto* text :
         {"", "# only a comment\n", "null", "[]", "text", "version: \"1.0\"", "sources:\n", "sources: {}",
          "sources: none", "version: \"1.0\"\nsources: []\n---\nsources: []\n"}) {
        CAPTURE(text);
        CHECK(load_sources(text, "f").errors.size() == 1);
    }
    const auto empty = load_sources("sources: []", "f");
    CHECK(empty.errors.empty());
    CHECK(empty.warnings.size() == 1);
}

TEST_CASE("sources::append: an id that stands in two files is an error that names both") {
    auto all = load_sources("sources: [{id: a, name: A, url: 'http://a/'}]", "one.yaml");
    append(all, load_sources(
                    "sources:\n- {id: b, name: B, url: 'http://b/'}\n- {id: a, name: A, url: 'http://a/'}",
                    "two.yaml"));
    CHECK(all.sources.size() == 2);
    CHECK(texts(all.errors) ==
          std::vector<std::string>{
              "two.yaml: line 3: source 'a': the id stands twice, first in one.yaml on line 1"});
}

TEST_CASE(
    "config/sources.yaml: the file that is shipped is valid and has some 80 sources, nearly all with feeds") {
    const auto loaded = load_file(CTI_CONFIG_DIR "/sources.yaml");
    CHECK(texts(loaded.errors).empty());
    CHECK(texts(loaded.warnings).empty());
    CHECK(loaded.sources.size() >= 80);
    std::size_t without_feed = 0;
    for (const auto& spec : loaded.sources) {
        CAPTURE(spec.identifier);
        const auto feed = spec.rss_url.value_or("");
        without_feed += feed.empty() ? 1U : 0U;
        CHECK((feed.empty() || feed.starts_with("https://")));
        CHECK(spec.check_frequency_s.value_or(0) >= 1800);
        CHECK(spec.check_frequency_s.value_or(0) <= 14400);
    }
    CHECK(without_feed <= 2);
}
