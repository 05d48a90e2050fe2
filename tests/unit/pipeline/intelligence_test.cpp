#include "core/pipeline/intelligence.hpp"
#include "core/pipeline/step.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using nlohmann::json;

namespace {
const pipeline::Intelligence& intelligence() {
    static const pipeline::Intelligence made(
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
    pipeline::run_steps({&intelligence()}, made);
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
    for (const bool is_2025 : {true, false}) {
        auto made = article();
        intelligence().add_score(made, is_2025);
        const auto metadata = json::parse(made.metadata_json);
        CHECK(metadata.at("word_count") == 9);
        CHECK(metadata.at("threat_hunting_score").is_number());
        for (const char* key : {"perfect_keyword_matches", "good_keyword_matches", "lolbas_matches"})
            CHECK(metadata.at(key).is_array());
        CHECK(metadata.contains("negative_matches") != is_2025);
        CHECK(metadata.contains("technical_depth_score") == is_2025);
    }
}

TEST_CASE("Intelligence: metadata without members stay an object") {
    auto made = article();
    made.metadata_json = "{}";
    intelligence().add_score(made, false);
    CHECK(json::parse(made.metadata_json).contains("threat_hunting_score"));
}

TEST_CASE("steps: names are theirs alone, and each says what it writes") {
    for (const auto& step : pipeline::steps()) {
        CHECK(pipeline::find_step(step.name) == &step);
        CHECK(step.version > 0);
        CHECK_FALSE(step.writes.empty());
        CHECK_FALSE(step.summary.empty());
    }
    CHECK(pipeline::find_step("sentiment") == nullptr);
}

TEST_CASE("run_steps: an article says which steps made something of it, and in which version") {
    auto made = article();
    pipeline::run_steps({&intelligence()}, made);
    std::vector<std::string> names;
    for (const auto& step : made.steps) {
        names.emplace_back(step.name);
        const auto& known = pipeline::get_step(step.name);
        CHECK(step.version == (known.in_article_transaction ? known.version : 0)); // 0: is to be run later
    }
    CHECK(names == std::vector<std::string>{"indicators", "score", "words", "simhash"});
    CHECK(made.simhash != 0);
}

TEST_CASE("run_steps: what cannot be made is not said to be made") {
    auto made = article();
    pipeline::run_steps({}, made);
    REQUIRE(made.steps.size() == 2);
    CHECK(made.steps[0].name == "words");
    CHECK(made.steps[0].version == 0);
    CHECK(made.steps[1].name == "simhash");
    CHECK(made.findings.empty());
}
