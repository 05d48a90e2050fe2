#include "core/base/text.hpp"
#include "tests/unit/export/fixtures.hpp"

#include <algorithm>

using namespace cti;
using namespace cti::test;
using nlohmann::json;

namespace {
ArticleAnalysis analysis(std::string task, std::vector<AnalysisFinding> findings) {
    ArticleAnalysis made;
    made.task = std::move(task), made.task_version = 2, made.model = "mistral", made.model_digest = "d-1";
    made.created_at = Time(std::chrono::seconds(1'763'643'600));
    made.findings = std::move(findings);
    return made;
}

StoredArticle read_article(std::vector<Finding> findings = {}) {
    auto article = heron_article(std::move(findings));
    article.analyses = {
        analysis("actors_and_malware",
                 {{"HeronRAT", "malware", "subject", "", true, {{4, 30, "HeronRAT was new."}}}}),
        analysis("relevance", {{"", "", "news_only", "", false, {{0, 5, "Long."}}}}),
        analysis("techniques", {})};
    article.analyses[1].score = 40;
    return article;
}

std::vector<json> notes_of(const json& bundle) {
    std::vector<json> notes;
    for (const auto& object : bundle.at("objects"))
        if (object.contains("x_cti_task")) notes.push_back(object);
    return notes;
}

bool holds_null(const json& value) {
    return value.is_null() || (value.is_structured() && std::ranges::any_of(value, holds_null));
}
}

TEST_CASE(
    "export json: what a language model read stands behind the rest, with where it stands in the text") {
    const auto object = json::parse(render("ndjson", {read_article()}));
    const auto& analyses = object.at("analyses");
    REQUIRE(analyses.size() == 3);
    CHECK(analyses[0] ==
          json::parse(
              R"({"task": "actors_and_malware", "task_version": 2, "model": "mistral", "model_digest": "d-1",
                          "created_at": "2025-11-20T13:00:00Z", "score": null, "findings": [
                            {"value": "HeronRAT", "kind": "malware", "role": "subject", "sentence": null, "named": true,
                             "evidence": [{"start": 4, "end": 30, "quotation": "HeronRAT was new."}]}]})"));
    CHECK(analyses[1].at("score") == 40);
    CHECK(analyses[1].at("findings")[0].at("named").is_null());
    CHECK(analyses[2].at("findings") == json::array());
}

TEST_CASE("export json, csv: analyses are left out where there are none, unless they were asked for") {
    CHECK_FALSE(json::parse(render("ndjson", {heron_article()})).contains("analyses"));
    exporter::Options options;
    options.fields = {"id", "analyses"};
    CHECK(render("ndjson", {heron_article()}, options) == "{\"id\":7,\"analyses\":[]}\n");
    CHECK(render("csv", {heron_article(), read_article()}, options) ==
          "id,analyses\r\n7,\r\n7,actors_and_malware: HeronRAT (malware): subject; relevance: news_only\r\n");
}

TEST_CASE("export: only the formats that tell analyses ask for them") {
    for (const auto& format : exporter::formats()) {
        const bool is_wanted = format.name == "json" || format.name == "ndjson" || format.name == "stix" ||
                               format.name == "markdown" || format.name == "html";
        CHECK(format.needs({}).analyses == is_wanted);
        exporter::Options options;
        options.of = exporter::Subject::indicators;
        if (format.name == "json") CHECK_FALSE(format.needs(options).analyses);
    }
}

TEST_CASE("export stix: what a language model read is a note about the report, of low confidence") {
    const auto text = render("stix", {read_article({finding("malware", "HeronRAT")})});
    const auto bundle = json::parse(text);
    const auto notes = notes_of(bundle);
    REQUIRE(notes.size() == 2); // nothing was found by the third
    const auto& note = notes[0];
    std::string report, reader;
    for (const auto& object : bundle.at("objects")) {
        if (object.at("type") == "report") report = object.at("id");
        if (object.value("identity_class", "") == "system") reader = object.at("id");
        CHECK(object.at("type") != "indicator");
    }
    CHECK(note.at("type") == "note");
    CHECK(note.at("object_refs") == json::array({report}));
    CHECK(note.at("created_by_ref") == reader);
    CHECK(note.at("confidence") == 15);
    CHECK(note.at("labels") == json::array({"language-model", "unverified"}));
    CHECK(note.at("created") == "2025-11-19T12:00:00.250Z");
    CHECK(note.at("modified") == "2025-11-20T13:00:00.000Z");
    CHECK(note.at("x_cti_task") == "actors_and_malware");
    CHECK(note.at("x_cti_task_version") == 2);
    CHECK(note.at("x_cti_model") == "mistral");
    CHECK(note.at("x_cti_model_digest") == "d-1");
    CHECK(note.at("x_cti_findings") ==
          json::parse(R"([{"value": "HeronRAT", "kind": "malware", "role": "subject", "named": true,
                           "evidence": [{"start": 4, "end": 30, "quotation": "HeronRAT was new."}]}])"));
    const auto content = note.at("content").get<std::string>();
    CHECK(content.find("language model mistral") != content.npos);
    CHECK(content.find("HeronRAT (malware): subject\n  \"HeronRAT was new.\"") != content.npos);
    CHECK(notes[1].at("x_cti_score") == 40);
    CHECK(render("stix", {read_article({finding("malware", "HeronRAT")})}) == text);
    // The report itself says nothing of it.
    for (const auto& object : bundle.at("objects"))
        if (object.at("id") == report) CHECK(object.at("object_refs").size() == 1);
    // STIX has no null, and names of properties of one's own begin with x_.
    for (const auto& each : notes) {
        CHECK_FALSE(holds_null(each));
        CHECK(each.at("id") != report);
    }
}

TEST_CASE("export stix: of an article that is a note, the note is what is read; the marking is on all") {
    const auto bundle = json::parse(render("stix", {read_article()}, {.tlp = exporter::Tlp::green}));
    const auto notes = notes_of(bundle);
    REQUIRE(notes.size() == 2);
    CHECK(notes[0].at("object_refs")[0].get<std::string>().starts_with("note--"));
    CHECK(notes[0].at("object_refs") == notes[1].at("object_refs"));
    CHECK(notes[0].at("id") != notes[1].at("id"));
    for (const auto& note : notes) CHECK(note.at("object_marking_refs").size() == 1);
    // Done again, it is the same note, changed later.
    auto again = read_article();
    again.analyses[0].created_at = Time(std::chrono::seconds(1'763'730'000));
    const auto later = notes_of(json::parse(render("stix", {again}, {.tlp = exporter::Tlp::green})))[0];
    CHECK(later.at("id") == notes[0].at("id"));
    CHECK(later.at("created") == notes[0].at("created"));
    CHECK(later.at("modified") > notes[0].at("modified"));
    // A report of tomorrow was read today.
    again.published_at = Time(std::chrono::seconds(1'900'000'000));
    const auto early = notes_of(json::parse(render("stix", {again})))[0];
    CHECK(early.at("modified") == early.at("created"));
}

TEST_CASE("export markdown, html: a section of its own says that a model read it, and what it rests on") {
    for (const std::string format : {"markdown", "html"}) {
        const auto text = render(format, {read_article(), heron_article()});
        const auto section = text.find("Read by a language model");
        REQUIRE(section != text.npos);
        CHECK(text.find("nobody has checked it", section) != text.npos);
        CHECK(text.find("subject", section) != text.npos);
        CHECK(text.find("rests on: ", section) != text.npos);
        CHECK(text.find("HeronRAT was new", section) != text.npos);
        CHECK(text.find("40 of 100", section) != text.npos);
        CHECK(text.find("HeronRAT") > section); // nowhere among the facts
        CHECK(render(format, {heron_article()}).find("language model") == std::string::npos);
    }
}

TEST_CASE("export markdown, html: what a model read is bounded, and the best articles are shown") {
    std::vector<StoredArticle> articles;
    for (int i = 0; i < 25; ++i) {
        auto article = read_article();
        article.id = i, article.title = "Report " + std::to_string(i) + ".", article.threat_hunting_score = i;
        article.analyses[0].findings.assign(10, article.analyses[0].findings.front());
        article.analyses[0].findings[0].quotations[0].text = std::string(100'000, 'x');
        articles.push_back(std::move(article));
    }
    for (const std::string format : {"markdown", "html"}) {
        const auto text = render(format, articles);
        const auto section = text.substr(text.find("Read by a language model"));
        CHECK(section.size() < 60'000);
        CHECK(section.find("and 7 more") != section.npos);
        CHECK(section.find("And in 5 other articles.") != section.npos);
        CHECK(section.find("Report 24") < section.find("Report 5"));
        CHECK(section.find("Report 4") == section.npos);
    }
}

TEST_CASE("export: any text of a model stays text") {
    for (auto texts : {nasty_texts(), broken_texts()})
        for (const auto& text : texts) {
            auto article = read_article();
            for (auto& each : article.analyses) {
                each.model = each.task = text;
                each.findings = {{text, text, text, "", true, {{0, 1, text}}},
                                 {"", "", "", text, false, {{0, 1, text}}}};
            }
            CHECK(json::parse(render("json", {article}))[0].at("analyses").size() == 3);
            CHECK(json::parse(render("stix", {article})).at("objects").size() >= 3);
            const auto page = render("html", {article});
            CHECK(page.find("<script") == std::string::npos);
            CHECK(page.find("]]></script>") == std::string::npos);
            CHECK(is_valid_utf8(page));
            CHECK(is_valid_utf8(render("markdown", {article})));
        }
}
