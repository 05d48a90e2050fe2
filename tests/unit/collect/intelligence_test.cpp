#include "core/collect/intelligence.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using nlohmann::json;

namespace {
const collect::Intelligence& intelligence() {
    static const collect::Intelligence made(
        intel::Extractor(), intel::parse_lexicon(intel::default_lexicon(), Generation::web_2025, "x"),
        intel::parse_lexicon(intel::default_lexicon(), Generation::web_2026, "x"));
    return made;
}
Article article() {
    Article made;
    made.url = "https://blog.vendor.com/1";
    made.title = "A loader, CVE-2026-1234";
    made.content = "It ran rundll32.exe from evil[.]example[.]com. See blog.vendor.com.";
    made.metadata_json = R"({"word_count":9})";
    return made;
}
}

TEST_CASE("Intelligence: findings carry where they stood, in which sentence, and what speaks against them") {
    auto made = article();
    intelligence().read(made, db::Generation::web_2026);
    CHECK(made.extractor_version == intel::k_extractor_version);
    const auto find = [&](const char* value) {
        return *std::ranges::find(made.findings, std::string(value), &Finding::value);
    };
    CHECK(find("evil.example.com").original == "evil[.]example[.]com");
    CHECK(find("evil.example.com").sentence == "It ran rundll32.exe from evil[.]example[.]com.");
    CHECK(find("evil.example.com").reading == IndicatorReading::defanged);
    CHECK(find("blog.vendor.com").verdict == IndicatorVerdict::own_site);
    CHECK(find("CVE-2026-1234").in_title);
}

TEST_CASE("Intelligence: the score's keys have the types that the generation of the tables reads") {
    for (const auto generation : {db::Generation::web_2025, db::Generation::web_2026, db::Generation::both}) {
        auto made = article();
        intelligence().read(made, generation);
        const auto metadata = json::parse(made.metadata_json);
        CHECK(metadata.at("word_count") == 9);
        CHECK(metadata.at("threat_hunting_score").is_number());
        for (const char* key : {"perfect_keyword_matches", "good_keyword_matches", "lolbas_matches"})
            CHECK(metadata.at(key).is_array());
        CHECK(metadata.contains("negative_matches") == (generation != db::Generation::web_2025));
        CHECK(metadata.contains("technical_depth_score") == (generation == db::Generation::web_2025));
    }
}

TEST_CASE("Intelligence: metadata without members stay an object") {
    auto made = article();
    made.metadata_json = "{}";
    intelligence().read(made, db::Generation::both);
    CHECK(json::parse(made.metadata_json).contains("threat_hunting_score"));
}
