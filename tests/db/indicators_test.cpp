#include "core/store/own/indicators.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
Finding make_finding(const std::string& value) {
    Finding finding;
    finding.type = IndicatorType::domain, finding.value = value, finding.original = "{\"" + value + "\\[.]}";
    finding.sentence = "Seen at\n" + value, finding.verdict = IndicatorVerdict::benign,
    finding.reading = IndicatorReading::defanged;
    finding.start = 3, finding.end = 12, finding.count = 2;
    return finding;
}
Article make_read(int number, const std::vector<std::string>& values, int version = 1) {
    auto article = make_article(number);
    for (const auto& value : values) article.findings.push_back(make_finding(value));
    article.steps = {{"indicators", version}};
    return article;
}
Recorded commit(Ready& ready, std::vector<Article> articles, std::vector<ArticleUpdate> updates = {}) {
    CheckRecord record;
    record.source_id = ready.source_id;
    record.articles = std::move(articles);
    record.updates = std::move(updates);
    auto transaction = ready.begin();
    auto recorded = record_check(transaction, ready.schema, record);
    transaction.commit();
    return recorded;
}
std::string values(const Ready& ready) {
    return ready.test.value(
        "SELECT coalesce(string_agg(a.title || ':' || i.value, ', ' ORDER BY a.id, i.position), '') "
        "FROM cti.indicators i JOIN articles a ON a.id = i.article_id");
}
int id_of(const Ready& ready, int number) {
    return std::stoi(
        ready.test.value(fmt::format("SELECT id FROM articles WHERE title LIKE 'Report {}%'", number)));
}
}

TEST_CASE("indicators: they are written with their articles, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        CHECK(commit(ready, {make_read(2, {"b.example", "c.example"}), make_read(1, {"a.example"}),
                             make_read(3, {}), make_article(4)})
                  .count == 4);
        CHECK(values(ready) == "Report 1:a.example, Report 2:b.example, Report 2:c.example");
        CHECK(
            ready.test.value(
                "SELECT type || verdict || reading || start_offset || end_offset || count || in_title || original || sentence "
                "FROM cti.indicators WHERE value = 'a.example'") ==
            "domainbenigndefanged3122false{\"a.example\\[.]}Seen at\na.example");
        // Those that hold nothing are noted too, those that nobody read are not.
        CHECK(ready.test.value(
                  "SELECT string_agg(a.title, ',' ORDER BY a.title) FROM cti.derived d "
                  "JOIN articles a ON a.id = d.article_id WHERE d.step = 'indicators' AND d.version = 1") ==
              "Report 1,Report 2,Report 3");
    }
}

TEST_CASE("indicators: a duplicate brings none, a changed text replaces them") {
    Ready ready;
    commit(ready, {make_read(1, {"a.example"})});
    commit(ready, {make_read(1, {"z.example"})});
    CHECK(values(ready) == "Report 1:a.example");
    auto changed = make_read(1001, {"new.example"});
    changed.title = "Report 1 (updated)";
    CHECK(commit(ready, {}, {{id_of(ready, 1), changed}}).updated == 1);
    CHECK(values(ready) == "Report 1 (updated):new.example");
}

TEST_CASE("indicators: those of deleted articles are removed") {
    Ready ready;
    commit(ready, {make_read(1, {"a.example"}), make_read(2, {"b.example"})});
    ready.test.run("DELETE FROM content_hashes; DELETE FROM articles WHERE title = 'Report 1'");
    auto transaction = ready.begin();
    CHECK(remove_orphans(transaction) >= 2);
    transaction.commit();
    CHECK(values(ready) == "Report 2:b.example");
    CHECK(ready.test.value("SELECT count(*) FROM cti.indicators") == "1");
    CHECK(ready.test.value("SELECT count(*) FROM cti.derived") == "1");
}

TEST_CASE("indicators: values of any length and any characters are kept") {
    Ready ready;
    auto article = make_read(1, {std::string(9000, 'u'), "a'b\"c\\d{e},f", "\xD0\xB2\xD0\xB8"});
    CHECK(commit(ready, {article}).count == 1);
    CHECK(ready.test.value(
              "SELECT string_agg(length(value)::text, ',' ORDER BY position) FROM cti.indicators") ==
          "9000,12,2");
}
