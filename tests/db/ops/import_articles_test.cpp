#include "core/ops/exports/export_articles.hpp"
#include "core/ops/import_articles.hpp"
#include "core/store/record.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;

namespace {
// A line of an export; `number` tells articles from each other.
std::string line_of(int number, const std::string& source = "first") {
    return fmt::format(
        R"({{"source":"{0}","title":"Report {1}","url":"https://first.example/{1}","published_at":"2026-03-08T07:30:00Z",)"
        R"("authors":["Ada"],"tags":["apt"],"summary":"In short","content":"Report {1}: rundll32.exe asks 203.0.113.{1}.",)"
        R"("discovered_at":"2026-03-09T00:00:00Z","word_count":1,"threat_hunting_score":99}})"
        "\n",
        source, number);
}

struct ImportCase {
    explicit ImportCase(Kind kind = Kind::empty) : ready(kind), run(ready.test) {
        options.path = folder / "articles.ndjson";
        run.environment.on_error = [this](const std::string& message) { errors.push_back(message); };
    }

    // "read stored duplicate deleted refused"
    std::string import(const std::string& text) {
        std::ofstream(options.path) << text;
        const auto counts = (result = ops::import_articles(run.environment, options)).counts;
        CHECK(counts.read == counts.stored + counts.duplicate + counts.deleted + counts.refused);
        return fmt::format("{} {} {} {} {}", counts.read, counts.stored, counts.duplicate, counts.deleted,
                           counts.refused);
    }
    std::string value(const std::string& sql) const { return ready.test.value(sql); }
    // Of every row of every table but the account of runs.
    std::string state() const {
        return value(R"sql(
            SELECT string_agg(t.tablename || (xpath('/row/n/text()', query_to_xml(
                   format('SELECT count(*) || coalesce(md5(string_agg(md5(x::text), '''' ORDER BY md5(x::text))), '''') AS n FROM %I.%I x',
                          t.schemaname, t.tablename), false, true, '')))[1]::text, ' ' ORDER BY t.schemaname, t.tablename)
            FROM pg_tables t
            WHERE t.schemaname IN ('public', 'cti') AND t.tablename NOT IN ('runs', 'schedules', 'counters'))sql");
    }

    Ready ready;
    UseCase run;
    TemporaryFolder folder;
    ops::ArticleImportOptions options;
    ops::ArticleImportResult result;
    std::vector<std::string> errors;
};
}

TEST_CASE("import articles: a row is what collect would have made of it, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        ImportCase test(kind);
        CHECK(test.import(line_of(1) + line_of(2)) == "2 2 0 0 0");
        CHECK(test.value("SELECT count(*) FROM articles") == "2");
        CHECK(test.value("SELECT canonical_url || title || (authors::jsonb ->> 0) || (tags::jsonb ->> 0) "
                         "FROM articles ORDER BY canonical_url LIMIT 1") ==
              "https://first.example/1Report 1Adaapt");
        CHECK(test.value("SELECT min(published_at) FROM articles") == "2026-03-08 07:30:00");
        CHECK(test.value(
                  "SELECT bool_and(abs(extract(epoch FROM discovered_at - now() AT TIME ZONE 'UTC')) < 60) "
                  "FROM articles") == "t");
        CHECK(test.value("SELECT bool_and(content_hash = encode(sha256(convert_to(content, 'UTF8')), 'hex')) "
                         "FROM articles") == "t");
        CHECK(test.value("SELECT bool_and(simhash <> 0 AND word_count = 5) FROM articles") == "t");
        CHECK(
            test.value(
                "SELECT DISTINCT jsonb_typeof(article_metadata::jsonb -> 'perfect_keyword_matches') FROM articles") ==
            "array");
        CHECK(
            test.value(
                "SELECT DISTINCT jsonb_typeof(article_metadata::jsonb -> 'threat_hunting_score') FROM articles") ==
            "number");
        CHECK(test.value(
                  "SELECT DISTINCT article_metadata::jsonb -> 'import' ->> 'discovered_at' FROM articles") ==
              "2026-03-09T00:00:00Z");
        CHECK(test.value(
                  "SELECT string_agg(value, ' ' ORDER BY value) FROM cti.indicators WHERE type = 'ipv4'") ==
              "203.0.113.1 203.0.113.2");
        CHECK(test.value("SELECT sum(articles) FROM cti.word_segments") == "2");
        CHECK(test.value("SELECT count(DISTINCT step) FROM cti.derived") == "4");
        CHECK(test.value("SELECT count(*) FROM content_hashes") == "2");
        CHECK(test.value("SELECT total_articles FROM sources WHERE identifier = 'first'") == "2");
    }
}

TEST_CASE("import articles: times stand in the zone of the tables") {
    ImportCase test(Kind::web_2026);
    test.ready.test.run("UPDATE cti.settings SET value = 'America/New_York' WHERE key = 'time_base'");
    CHECK(test.import(line_of(1)) == "1 1 0 0 0");
    CHECK(test.value("SELECT published_at FROM articles") == "2026-03-08 03:30:00");
}

TEST_CASE("import articles: the same file a second time stores nothing, and changes nothing") {
    ImportCase test;
    const auto file = line_of(1) + line_of(2, "second") + line_of(3);
    CHECK(test.import(file) == "3 3 0 0 0");
    CHECK(test.result.new_sources == std::vector<std::string>{"second"});
    const auto before = test.state();
    CHECK(test.import(file) == "3 0 3 0 0");
    CHECK(test.result.new_sources.empty());
    CHECK(test.state() == before);
    CHECK(test.value("SELECT string_agg(result || entries || inserted, ' ' ORDER BY inserted) "
                     "FROM cti.runs WHERE command = 'import'") == "ok30 ok33");
}

TEST_CASE("import articles: an address or a text that is there already is a duplicate, whoever stored it") {
    ImportCase test;
    const auto same_url = R"({"source":"first","title":"Other","url":"https://first.example/1",)"
                          R"("published_at":"2026-03-08T07:30:00Z","content":"Other text."})"
                          "\n";
    const auto same_text =
        R"({"source":"second","title":"Other","url":"https://other.example/",)"
        R"("published_at":"2026-03-08T07:30:00Z","content":"Report 1: rundll32.exe asks 203.0.113.1."})"
        "\n";
    CHECK(test.import(line_of(1) + same_url + same_text) == "3 1 2 0 0");
    CHECK(test.import(std::string(same_text) + same_url) == "2 0 2 0 0");
    CHECK(test.value("SELECT count(*) FROM sources") == "1");
}

TEST_CASE("import articles: texts that differ in blanks only are one article each, in every order") {
    ImportCase test;
    const auto with = [](int number, const std::string& content) {
        return fmt::format(
            R"({{"source":"first","title":"T","url":"https://a.example/{}","published_at":"2026-03-08T07:30:00Z","content":"{}"}})"
            "\n",
            number, content);
    };
    const auto file = with(1, "One text") + with(2, "one  text") + with(3, "ONE TEXT");
    CHECK(test.import(file) == "3 3 0 0 0");
    CHECK(test.import(file) == "3 0 3 0 0");
}

TEST_CASE("import articles: a dry run tells what the import then does, and writes nothing") {
    ImportCase test;
    const auto file = line_of(1) + line_of(2, "second") + line_of(1) + "nonsense\n" + line_of(2, "third") +
                      line_of(3, "no/id") + line_of(4, "manual");
    const auto before = test.state();
    test.options.dry_run = true;
    CHECK(test.import(file) == "7 2 2 0 3");
    CHECK(test.result.new_sources == std::vector<std::string>{"second"});
    CHECK(test.state() == before);
    CHECK(test.value("SELECT count(*) FROM cti.runs") == "0");
    const auto told = std::exchange(test.errors, {});
    test.options.dry_run = false;
    CHECK(test.import(file) == "7 2 2 0 3");
    CHECK(test.result.new_sources == std::vector<std::string>{"second"});
    CHECK(test.errors == told);
}

TEST_CASE("import articles: each line that is none is told with its number, and the others are stored") {
    ImportCase test;
    CHECK(test.import("{\"title\":\"x\"}\n" + line_of(1) + "\x1B[31m\n" + line_of(2, "")) == "4 1 0 0 3");
    REQUIRE(test.errors.size() == 3);
    CHECK(contains(test.errors[0], ": line 1: 'url' is missing"));
    CHECK(contains(test.errors[1], ": line 3: it is no valid JSON from its byte 1 on"));
    CHECK(contains(test.errors[2], ": line 4: it names no source"));
    CHECK(test.value("SELECT result FROM cti.runs WHERE command = 'import'") == "partial");
    test.errors.clear();
    std::string many;
    for (int i = 0; i < 100; ++i) many += "{}\n";
    CHECK(test.import(many) == "100 0 0 0 100");
    CHECK(test.errors.size() == 20);
}

TEST_CASE("import articles: a source that is given takes what names none or the web service's own") {
    ImportCase test;
    test.options.source = "first";
    CHECK(test.import(line_of(1, "") + line_of(2, "eval_articles") + line_of(3, "second")) == "3 3 0 0 0");
    CHECK(test.value("SELECT string_agg(s.identifier, ' ' ORDER BY a.canonical_url) "
                     "FROM articles a JOIN sources s ON s.id = a.source_id") == "first first second");
    test.options.source = "frist";
    CHECK(error_of([&] { test.import(line_of(4)); })->code() == ExitCode::usage);
}

TEST_CASE("import articles: a source that is missing is made inactive, and the others keep their health") {
    for (const auto kind : {Kind::empty, Kind::web_2025, Kind::web_2026}) {
        CAPTURE(name_of(kind));
        ImportCase test(kind);
        test.ready.test.run("UPDATE sources SET consecutive_failures = 3, last_check = NULL");
        CHECK(test.import(line_of(1) + line_of(2, "new_one")) == "2 2 0 0 0");
        CHECK(test.value("SELECT consecutive_failures || coalesce(last_check::text, '-') || active "
                         "FROM sources WHERE identifier = 'first'") == "3-true");
        CHECK(
            test.value(
                "SELECT name || ' ' || url || ' ' || coalesce(rss_url, '-') || ' ' || active || ' ' || total_articles "
                "FROM sources WHERE identifier = 'new_one'") == "new_one https://first.example/ - false 1");
        CHECK(test.value("SELECT count(*) FROM source_checks") == "0");
    }
}

TEST_CASE("import articles: what somebody has deleted stays away, unless it is to come back") {
    ImportCase test;
    CHECK(test.import(line_of(1) + line_of(2)) == "2 2 0 0 0");
    test.ready.test.run("DELETE FROM content_hashes; DELETE FROM articles WHERE title = 'Report 1'");
    for (const bool dry_run : {true, false}) {
        test.options.dry_run = dry_run;
        CHECK(test.import(line_of(1) + line_of(2)) == "2 0 1 1 0");
    }
    test.options.restore_deleted = true;
    CHECK(test.import(line_of(1) + line_of(2)) == "2 1 1 0 0");
}

TEST_CASE("import articles: a stop ends it between two sources, and the next import goes on there") {
    ImportCase test;
    test.options.on_progress = [&](const ops::ArticleImportCounts&) { test.run.stop = 15; };
    std::string file;
    for (int i = 0; i < 1500; ++i) file += line_of(i % 250, fmt::format("s{}", i));
    test.import(line_of(1));
    test.run.stop = 15;
    std::ofstream(test.options.path) << file;
    CHECK(ops::import_articles(test.run.environment, test.options).is_stopped);
    CHECK(test.value("SELECT count(*) FROM articles") == "1");
    CHECK(test.value("SELECT count(*) FROM cti.runs WHERE result = 'interrupted'") == "1");
    test.run.stop = 0, test.options.on_progress = {};
    CHECK(test.import(file) == "1500 249 1251 0 0");
}

TEST_CASE("import articles: what one database exports comes out of the other the same, but for its numbers") {
    for (const std::string format : {"ndjson", "json", "csv"}) {
        CAPTURE(format);
        ImportCase one, two;
        std::string file;
        for (int i = 1; i <= 20; ++i) {
            auto line = line_of(i, i % 2 ? "first" : "second");
            line.replace(line.find("T07:30"), 6, fmt::format("T07:{}", i + 10));
            file += line;
        }
        CHECK(one.import(file) == "20 20 0 0 0");
        ops::ExportOptions out;
        out.format = format;
        out.writer.fields = {"source", "title",   "url",        "published_at",         "authors",
                             "tags",   "content", "word_count", "threat_hunting_score", "indicators",
                             "summary"};
        out.output = one.folder / "out";
        CHECK(ops::export_articles(one.run.environment, out).articles == 20);
        CHECK(two.import(content_of(out.output)) == "20 20 0 0 0");
        const auto first = content_of(out.output);
        out.output = two.folder / "out";
        CHECK(ops::export_articles(two.run.environment, out).articles == 20);
        CHECK(content_of(out.output) == first);
    }
}
