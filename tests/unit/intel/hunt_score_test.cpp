#include "core/intel/hunt_score.hpp"
#include "core/intel/technical_depth.hpp"
#include "tests/unit/intel/vectors.hpp"

#include <doctest/doctest.h>
#include <re2/re2.h>
#include <sstream>

using namespace cti::intel;
using vectors::json;
using vectors::text_of;
using Words = std::vector<std::string>;

namespace {
Lexicon small_lexicon() {
    Lexicon lexicon;
    lexicon.perfect = {"HKLM", "-enc", "D:\\", "Event ID"};
    lexicon.good = {".ps1", "spawn", "==", "named pipe"};
    lexicon.lolbas = {"cmd.exe", "services.exe", "url.dll", "scrobj.dll", "cmd.exe"};
    lexicon.hunting_terms = {"lolbas"};
    lexicon.intelligence = {"APT", "threat actor"};
    lexicon.negative = {"webinar", "what is"};
    return lexicon;
}
HuntScore score_2026(std::string_view title, std::string_view content) {
    return HuntScorer(small_lexicon(), Generation::web_2026).score(title, content);
}
HuntScore score_2025(std::string_view title, std::string_view content) {
    return HuntScorer(small_lexicon(), Generation::web_2025).score(title, content);
}
// Without what the web service of 2025 cannot show.
json without_escapes(const json& words) {
    json some = json::array();
    for (const std::string word : words)
        if (!RE2::PartialMatch(word, R"(\\[A-Za-z0-9])")) some.push_back(word);
    return some;
}
std::string read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}
}

TEST_CASE("intel::HuntScorer: the score of 2026 halves what each further word of a class adds") {
    CHECK(score_2026("", "plain").score == 0);
    CHECK(score_2026("", "hklm").score == 37.5);
    CHECK(score_2026("HKLM", "powershell -enc x").score == 56.2); // 56.25: halves go to even
    CHECK(score_2026("", "an apt, what is it").score == 0);       // 5 - 7.5
    CHECK(score_2026("", "hklm, apt and a webinar").score == 35);
}

TEST_CASE("intel::HuntScorer: matches are listed in the lexicon's order and writing, doubles twice") {
    const auto found = score_2026("D:\\x spawned", "cmd /c a.ps1 -ENC 1 == 2; HKLM");
    CHECK(found.perfect == Words{"HKLM", "-enc", "D:\\"});
    CHECK(found.good == Words{".ps1", "spawn", "=="});
    CHECK(found.lolbas == Words{"cmd.exe", "cmd.exe"});
}

TEST_CASE("intel::HuntScorer: in 2026 short programs and libraries need no extension, long programs do") {
    CHECK(score_2026("", "cloud services").lolbas.empty());
    CHECK(score_2026("", "services.exe").lolbas == Words{"services.exe"});
    CHECK(score_2026("", "the url and scrobj").lolbas == Words{"url.dll", "scrobj.dll"});
    CHECK(score_2026("", "urls cmdlet scrobject").lolbas.empty());
}

TEST_CASE("intel::HuntScorer: in 2026 a line end or lost letters split a phrase") {
    CHECK(score_2026("", "a named  pipe").good == Words{"named pipe"});
    CHECK(score_2026("", "a named\npipe").good.empty());
    CHECK(score_2026("", "a named \xE2\x80\x94 pipe").good.empty());
    CHECK(score_2026("", "a named\xE2\x80\x94pipe").good == Words{"named pipe"});
}

TEST_CASE("intel::HuntScorer: the score of 2025 adds points and technical depth") {
    const auto found = score_2025("", "hklm cmd.exe cmd services lolbas");
    CHECK(found.perfect == Words{"HKLM"});
    CHECK(found.lolbas == Words{"cmd.exe", "cmd.exe"});
    CHECK(found.hunting_terms == Words{"lolbas"});
    CHECK(found.technical_depth == 8); // two shells, one extension
    CHECK(found.score == 15 + 2 * 12 + 10 + 8);
    CHECK(found.keyword_density == 800); // 4 in 5 words
    CHECK(score_2025("", "a named\npipe").good == Words{"named pipe"});
    CHECK(score_2025("event\t id", "x").perfect == Words{"Event ID"});
    CHECK(score_2025("", std::string("hklm -enc d:\\ event id 1 ==") + std::string(100, 'f')).score <= 100);
}

TEST_CASE("intel::HuntScorer: an article without content scores nothing") {
    CHECK(score_2026("HKLM", "").score == 0);
    CHECK(score_2025("HKLM", "").perfect.empty());
}

TEST_CASE("intel::technical_depth: each pattern counts for itself, up to its limit") {
    CHECK(technical_depth("nothing here") == 0);
    CHECK(technical_depth("cve-2026-12345") == 5);
    CHECK(technical_depth(std::string(64, 'a')) == 7); // 32 digits and 64 digits
    CHECK(technical_depth("10.0.0.1 http://x 0x41") == 6);
    CHECK(technical_depth("[.]") == 5);
    CHECK(technical_depth("c2 beacon") == 4);
    CHECK(technical_depth("cve-2026-1 cve-2026-2 cve-2026-3 cve-2026-4 cve-2026-5") == 20);
    CHECK(technical_depth("cve-2026-1 cve-2026-2 cve-2026-3 cve-2026-4 cmd cmd cmd cmd cmd") == 30);
}

TEST_CASE(
    "intel::HuntScorer: no match of 2025 is an error in the replacement of a Python expression, and each counts") {
    auto lexicon = small_lexicon();
    lexicon.perfect = {"CurrentVersion\\Run", "D:\\", "\\1st"};
    lexicon.good = {"C:\\Users\\Public", "C:\\.x", "plain"};
    const char* text = "CurrentVersion\\Run D:\\ \\1st C:\\Users\\Public C:\\.x plain";
    const auto metadata_of = [&](Generation generation) {
        const HuntScorer scorer(lexicon, generation);
        std::string out;
        cti::JsonWriter writer(out);
        writer.begin_object();
        scorer.append_metadata(writer, scorer.score("", text));
        writer.end_object();
        return json::parse(out);
    };
    const auto of_2025 = metadata_of(Generation::web_2025), of_2026 = metadata_of(Generation::web_2026);
    CHECK(of_2025.at("perfect_keyword_matches") == json({"D:\\"}));
    CHECK(of_2025.at("good_keyword_matches") == json({"C:\\.x", "plain"}));
    CHECK(of_2026.at("perfect_keyword_matches").size() >= 1);
    auto without = lexicon;
    without.perfect = {};
    CHECK(HuntScorer(lexicon, Generation::web_2025).score("", text).score >
          HuntScorer(without, Generation::web_2025).score("", text).score);
}

TEST_CASE("intel::HuntScorer: every word of the lexicon that is shipped can stand in the metadata of 2025") {
    const auto lexicon = parse_lexicon(default_lexicon(), Generation::web_2025, "lexicon.yaml");
    HuntScore all;
    all.perfect = lexicon.perfect, all.good = lexicon.good;
    std::string out;
    cti::JsonWriter writer(out);
    writer.begin_object();
    HuntScorer(lexicon, Generation::web_2025).append_metadata(writer, all);
    writer.end_object();
    const auto written = json::parse(out);
    std::size_t kept = 0;
    for (const char* key : {"perfect_keyword_matches", "good_keyword_matches"})
        for (const std::string word : written.at(key)) {
            CAPTURE(word);
            ++kept;
            for (std::size_t at = word.find('\\'); at != word.npos; at = word.find('\\', at + 1))
                CHECK((at + 1 == word.size() || std::isalnum(static_cast<unsigned char>(word[at + 1])) == 0));
        }
    CHECK(kept > (all.perfect.size() + all.good.size()) / 2);
}

TEST_CASE("intel::HuntScorer: the metadata has the web service's keys and types") {
    const auto metadata = [](Generation generation) {
        const HuntScorer scorer(small_lexicon(), generation);
        std::string out;
        cti::JsonWriter writer(out);
        writer.begin_object();
        scorer.append_metadata(writer, scorer.score("", "HKLM cmd.exe lolbas apt webinar"));
        writer.end_object();
        return json::parse(out);
    };
    const auto now = metadata(Generation::web_2026), before = metadata(Generation::web_2025);
    CHECK(now["threat_hunting_score"].is_number());
    CHECK(now["perfect_keyword_matches"] == json({"HKLM"}));
    CHECK(now["good_keyword_matches"] == json::array());
    CHECK(now["intelligence_matches"] == json({"APT"}));
    CHECK(now["negative_matches"] == json({"webinar"}));
    CHECK_FALSE(now.contains("keyword_density"));
    CHECK(before["threat_hunting_matches"] == json({"lolbas"}));
    CHECK(before["technical_depth_score"].is_number());
    CHECK_FALSE(before.contains("negative_matches"));
}

TEST_CASE(
    "intel::HuntScorer: a report scores above an advertisement with the lexicon that ships with the tool") {
    for (const auto generation : {Generation::web_2025, Generation::web_2026}) {
        const HuntScorer scorer(parse_lexicon(default_lexicon(), generation, "default"), generation);
        const auto report = scorer.score("Loader drops a scheduled task",
                                         "The threat actor ran schtasks.exe and wrote to "
                                         "HKCU. Event ID 4698 follows; powershell.exe -enc x.");
        const auto advertisement =
            scorer.score("Join us", "Our platform: request a demo, learn more in the webinar.");
        CHECK(report.score > 60);
        CHECK(advertisement.score < 5);
    }
}

TEST_CASE("intel::HuntScorer: equals the web service's scores and matches with its own lexicon") {
    for (const auto& vector : vectors::shared("threat_score")) {
        CAPTURE(text_of(vector["id"]));
        const auto generation = vector["version"] == "2025" ? Generation::web_2025 : Generation::web_2026;
        const auto words = read_text(vectors::shared_directory() + "/keywords.json");
        const HuntScorer scorer(parse_lexicon(words, generation, "keywords.json"), generation);
        std::string out;
        cti::JsonWriter writer(out);
        writer.begin_object();
        scorer.append_metadata(
            writer, scorer.score(text_of(vector["input"]["title"]), text_of(vector["input"]["content"])));
        writer.end_object();
        const auto metadata = vectors::json::parse(out);
        for (const auto& [key, value] : vector["output"].items()) {
            CAPTURE(key);
            const bool is_shown = key == "perfect_keyword_matches" || key == "good_keyword_matches";
            CHECK(metadata[key] ==
                  (generation == Generation::web_2025 && is_shown ? without_escapes(value) : value));
        }
    }
}
