#include "tests/unit/export/render.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;

using exporter::render;
using nlohmann::json;

namespace {
Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

StoredArticle plain_article() {
    StoredArticle a;
    a.id = 7, a.source_id = 3;
    a.source = "heron", a.title = "Quiet Heron", a.url = "https://heron.example/a";
    a.published_at = at(1'763'553'600), a.discovered_at = at(1'763'557'201);
    a.authors = {"Ann Lee", "B. Cole"}, a.tags = {"apt"};
    a.summary = "Short.", a.content = "Long.";
    a.word_count = 1, a.threat_hunting_score = 88.1;
    return a;
}

// The texts that break writers.
std::vector<std::string> nasty_texts() {
    return {"a,b;c",
            "say \"yes\"",
            "\"",
            "two\nlines\r\nand\rmore",
            std::string("nul\0in", 6),
            "\x01\x1B[31m\x7F",
            "]]>",
            "</script>",
            "\xE2\x80\xAE"
            "desrever",
            "\xF0\x9F\xA6\x8A",
            "\xE2\x80\xA8\xE2\x80\xA9",
            "\xFF\xC3(\xED\xA0\x80",
            "=1+1",
            "+1",
            "-1",
            "@x",
            "\tx",
            "\rx",
            "'x",
            " =1",
            "\\",
            "",
            std::string(10'000, '"')};
}

// A reader of RFC 4180 of its own, as strict as Python's csv in strict mode.
std::vector<std::vector<std::string>> read_csv(std::string_view text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            REQUIRE(row.back().empty());
            for (++i;; ++i) {
                if (i >= text.size()) FAIL("a quoted cell has no end");
                if (text[i] == '"' && text.substr(i + 1, 1) != "\"") break;
                if (text[i] == '"') ++i;
                row.back() += text[i];
            }
            REQUIRE((text.substr(i + 1, 1) == "," || text.substr(i + 1, 2) == "\r\n"));
        } else if (text[i] == ',') {
            row.emplace_back();
        } else if (text.substr(i, 2) == "\r\n") {
            rows.push_back(std::move(row));
            row.assign(1, "");
            ++i;
        } else {
            if (text[i] == '\n') FAIL("a bare line feed");
            row.back() += text[i];
        }
    }
    REQUIRE(row == std::vector<std::string>{""}); // The last line has its end.
    return rows;
}
}

TEST_CASE("export: every format of the table can be made, no other can") {
    for (const auto& format : exporter::formats()) {
        CHECK(exporter::find_format(format.name) == &format);
        CHECK(exporter::make_writer(format) != nullptr);
        CHECK(exporter::make_folder_writer(format) != nullptr);
        CHECK_FALSE(format.summary.empty());
    }
    CHECK(exporter::find_format("jsn") == nullptr);
}

TEST_CASE("export json: the keys stand in the order that the interface names") {
    CHECK(
        render("json", {plain_article()}) ==
        "[\n{\"id\":7,\"source_id\":3,\"source\":\"heron\",\"title\":\"Quiet Heron\",\"url\":\"https://heron.example/a\","
        "\"published_at\":\"2025-11-19T12:00:00Z\",\"authors\":[\"Ann Lee\",\"B. Cole\"],\"tags\":[\"apt\"],\"summary\":\"Short.\","
        "\"content\":\"Long.\",\"discovered_at\":\"2025-11-19T13:00:01Z\",\"word_count\":1,\"threat_hunting_score\":88.1,"
        "\"indicators\":[]}\n]\n");
}

TEST_CASE("export json: what is not known is null, not missing") {
    const auto object = json::parse(render("json", {StoredArticle{}}))[0];
    for (const char* key : {"source", "summary", "word_count", "threat_hunting_score"})
        CHECK(object.at(key).is_null());
    for (const char* key : {"authors", "tags", "indicators"}) CHECK(object.at(key) == json::array());
    CHECK(object.at("published_at") == "1970-01-01T00:00:00Z");
    CHECK(object.size() == 14);
}

TEST_CASE("export json: no article is an empty array") {
    CHECK(render("json", {}) == "[]\n");
    CHECK(render("ndjson", {}).empty());
}

TEST_CASE("export: the writer works with an output that is emptied between calls") {
    for (const auto& format : exporter::formats()) {
        const auto writer = format.make({});
        std::string all, part;
        const auto drain = [&] {
            all += part;
            part.clear();
        };
        writer->begin(part), drain();
        writer->article(part, plain_article()), drain();
        writer->article(part, plain_article()), drain();
        writer->end(part), drain();
        CHECK(all == render(format.name, {plain_article(), plain_article()}));
    }
}

TEST_CASE("export json, ndjson: any text in any field stays valid JSON") {
    for (const auto& text : nasty_texts()) {
        auto article = plain_article();
        article.title = article.url = article.source = article.content = text;
        article.summary = text;
        article.authors = article.tags = {text, text};
        article.threat_hunting_score = 1e308;
        CHECK(json::parse(render("json", {article, article})).size() == 2);
        const auto lines = render("ndjson", {article, article});
        CHECK(std::ranges::count(lines, '\n') == 2);
        const auto object = json::parse(lines.substr(0, lines.find('\n')));
        if (text.find('\xFF') == text.npos) {
            CHECK(object["content"] == text);
            CHECK(object["tags"][1] == text);
        }
    }
}

TEST_CASE("export: a text of a megabyte comes back whole") {
    auto article = plain_article();
    article.content = std::string(1'000'000, '"');
    article.summary = article.content;
    CHECK(json::parse(render("ndjson", {article}))["content"] == article.content);
    CHECK(read_csv(render("csv", {article}))[1][7] == article.content);
}

TEST_CASE("export csv: the header, CRLF, lists joined by a semicolon") {
    CHECK(render("csv", {plain_article()}) ==
          "id,source_id,title,url,published_at,authors,tags,summary\r\n"
          "7,3,Quiet Heron,https://heron.example/a,2025-11-19T12:00:00Z,Ann Lee; B. Cole,apt,Short.\r\n");
    auto bare = plain_article();
    bare.summary.reset(), bare.authors.clear();
    CHECK(render("csv", {bare}).ends_with(",2025-11-19T12:00:00Z,,apt,\r\n"));
}

TEST_CASE("export csv: any text comes back from a strict reader") {
    for (const auto& text : nasty_texts()) {
        auto article = plain_article();
        article.title = article.url = text, article.summary = text;
        article.authors = article.tags = {text};
        const auto rows = read_csv(render("csv", {article, plain_article()}, {.csv_raw = true}));
        REQUIRE(rows.size() == 3);
        for (const auto& row : rows) CHECK(row.size() == 8);
        if (text.find('\0') == text.npos && text.find('\xFF') == text.npos) {
            for (const std::size_t column : {2U, 3U, 5U, 6U, 7U}) CHECK(rows[1][column] == text);
        }
    }
}

TEST_CASE("export csv: NUL is dropped and ill-formed UTF-8 replaced") {
    auto article = plain_article();
    article.title = std::string("a\0b\xFF", 4);
    CHECK(read_csv(render("csv", {article}))[1][2] == "ab\xEF\xBF\xBD");
}

TEST_CASE("export csv: cells that a spreadsheet would run are defused unless raw") {
    for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
        auto article = plain_article();
        article.title = text, article.summary = text, article.authors = {text};
        const auto row = read_csv(render("csv", {article}))[1];
        for (const std::size_t column : {2U, 5U, 7U}) CHECK(row[column] == "'" + text);
        CHECK(read_csv(render("csv", {article}, {.csv_raw = true}))[1][2] == text);
    }
    auto harmless = plain_article();
    harmless.title = "a=1";
    CHECK(read_csv(render("csv", {harmless}))[1][2] == "a=1");
    // A NUL in front is dropped before the cell is looked at.
    harmless.title = std::string("\0=1", 3);
    CHECK(read_csv(render("csv", {harmless}))[1][2] == "'=1");
}

TEST_CASE(
    "export: what only a newer version can name goes through where names are data, and is no row elsewhere") {
    auto article = plain_article();
    Finding finding;
    finding.type = Named<IndicatorType>("ja4"), finding.verdict = Named<IndicatorVerdict>("sinkhole");
    finding.reading = Named<IndicatorReading>("guessed"), finding.value = finding.original = "t13d1516h2";
    article.findings = {finding};
    exporter::Options options;
    options.of = exporter::Subject::indicators;
    options.fields = {"type", "value", "verdict", "reading"};
    const auto expected = R"({"type":"ja4","value":"t13d1516h2","verdict":"sinkhole","reading":"guessed"})";
    CHECK(render("ndjson", {article}, options) == std::string(expected) + "\n");
    CHECK(json::parse(render("json", {article}, options)) == json::array({json::parse(expected)}));
    CHECK(render("csv", {article}, options) ==
          "type,value,verdict,reading\r\nja4,t13d1516h2,sinkhole,guessed\r\n");
    CHECK(render("list", {article}) == "t13d1516h2\n");
    const auto ecs = json::parse(render("ecs", {article}));
    CHECK(ecs["cti"]["type"] == "ja4");
    CHECK_FALSE(ecs["threat"]["indicator"].contains("type"));
    CHECK(render("markdown", {article}).find("Others") != std::string::npos);
    for (const auto* format : {"stix", "misp", "suricata", "zeek"})
        CHECK(render(format, {article}).find("t13d1516h2") == std::string::npos);
}
