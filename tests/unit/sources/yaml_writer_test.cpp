#include "core/sources/diff.hpp"
#include "core/sources/yaml.hpp"
#include "core/sources/yaml_writer.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::sources;

namespace {
Source plain(std::string identifier) {
    Source source;
    source.identifier = std::move(identifier);
    source.name = "A Name";
    source.url = "https://example.org/";
    return source;
}

// Everything that the file carries is said by what is read back, and says the same.
void check_round_trip(const Source& source) {
    CAPTURE(to_yaml({source}));
    const auto loaded = load_sources(to_yaml({source}), "export.yaml");
    for (const auto& problem : loaded.errors) FAIL(to_string(problem));
    for (const auto& problem : loaded.warnings) // The samples hold keys that nobody reads.
        CHECK(problem.message.find("' of 'config' is ignored") != std::string::npos);
    REQUIRE(loaded.sources.size() == 1);
    const auto& spec = loaded.sources[0];
    CHECK(spec.identifier == source.identifier);
    CHECK(spec.name == source.name);
    CHECK(spec.url == source.url);
    CHECK(spec.rss_url == source.rss_url.value_or(""));
    CHECK(spec.check_frequency_s == source.check_frequency_s);
    CHECK(spec.lookback_days == source.lookback_days);
    CHECK(spec.active == source.active);
    CHECK(nlohmann::json::parse(spec.config_json) == nlohmann::json::parse(source.config_json));
    CHECK(compare({source}, loaded.sources, ActiveFrom::file).changed.empty());
}
}

TEST_CASE("sources::to_yaml: a plain source reads well and back") {
    auto source = plain("talos");
    source.rss_url = "https://example.org/rss?a=b&c=d#e";
    source.lookback_days = 180;
    source.config_json = R"({"rss_only":true,"allow":["example.org"],"robots":{"crawl_delay":5.0}})";
    CHECK(to_yaml({source}) == "version: \"1.0\"\n"
                               "sources:\n"
                               "  - id: talos\n"
                               "    name: A Name\n"
                               "    url: https://example.org/\n"
                               "    rss_url: https://example.org/rss?a=b&c=d#e\n"
                               "    check_frequency: 3600\n"
                               "    lookback_days: 180\n"
                               "    active: true\n"
                               "    config:\n"
                               "      rss_only: true\n"
                               "      allow:\n"
                               "        - example.org\n"
                               "      robots:\n"
                               "        crawl_delay: 5.0\n");
    check_round_trip(source);
}

TEST_CASE("sources::to_yaml: names that YAML would take for something else read back as text") {
    for (const auto* name : {"yes",
                             "Null",
                             "123",
                             "1.5",
                             "0x1F",
                             "~",
                             "- dash",
                             "# hash",
                             "a: b",
                             "a #b",
                             "trailing:",
                             " lead",
                             "'quoted'",
                             "\"double\"",
                             "[x]",
                             "{x}",
                             "*star",
                             "&amp",
                             "!bang",
                             "|pipe",
                             "%percent",
                             "@at",
                             "back\\slash",
                             "100%",
                             "caf\xc3\xa9 \xe6\xbc\xa2",
                             "\xf0\x9f\xa6\x8a",
                             "line\xe2\x80\xa8separator",
                             "<<",
                             "=",
                             "---",
                             "...",
                             "a,b",
                             "?"}) {
        auto source = plain("x");
        source.name = name;
        check_round_trip(source);
    }
}

TEST_CASE("sources::to_yaml: identifiers that look like numbers or bools read back as text") {
    for (const auto* identifier : {"123", "no", "null", "0x10", "1e3", "-", "-5", "_"})
        check_round_trip(plain(identifier));
}

TEST_CASE("sources::to_yaml: config of every type and shape reads back the same") {
    for (
        const auto* config :
        {R"({})",
         R"({"a":null,"b":true,"c":false,"d":0,"e":-1,"f":1.0,"g":1e300,"h":18446744073709551615,"i":-0.5})",
         R"({"a":"","b":"1","c":"true","d":"null","e":"a\nb\tc","f":" x ","g":"\\.","h":"^https://x/\\d+"})",
         R"({"a":[],"b":{},"c":[[]],"d":[{}],"e":[[1,[2,{"x":[3]}]],{"y":{"z":[]}}]})",
         R"({"1":1,"true":2,"":3,"a b":4,"a: b":5,"<<":{"x":1},"\u0001":6})",
         R"({"discovery":{"strategies":[{"listing":{"urls":["https://x/"],"post_link_selector":"a[href*=\"?page=\"]"}},{"sitemap":{"urls":[]}}]}})",
         R"({"deep":[[[[[[[["x"]]]]]]]]})"}) {
        auto source = plain("x");
        source.config_json = config;
        check_round_trip(source);
    }
}

TEST_CASE("sources::to_yaml: no sources are an empty list") {
    const auto loaded = load_sources(to_yaml({}), "export.yaml");
    CHECK(loaded.errors.empty());
    CHECK(loaded.sources.empty());
}

TEST_CASE("sources::to_yaml: the empty keys that the web service of 2025 insists on are left out") {
    auto source = plain("a");
    source.config_json =
        R"({"allow":[],"post_url_regex":["x"],"discovery":{},"extract":{},"content_selector":null,"rss_only":null})";
    const auto text = to_yaml({source});
    CHECK(text.find("config:\n      post_url_regex:\n        - x\n      rss_only: null\n") != text.npos);
    source.config_json = R"({"allow":[],"collection_days":null})";
    CHECK(to_yaml({source}).find("config") == text.npos);
}
