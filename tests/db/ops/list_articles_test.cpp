#include "core/ops/list_articles.hpp"
#include "stored_articles.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
struct Listed {
    std::vector<ops::ListedArticle> articles;
    bool has_more = false;
    std::vector<std::string> titles() const {
        std::vector<std::string> all;
        for (const auto& listed : articles) all.push_back(listed.article.title);
        return all;
    }
};
Listed list(Ready& ready, const ops::ListOptions& options) {
    const UseCase use_case(ready.test);
    Listed listed;
    listed.has_more = ops::list_articles(use_case.environment, options,
                                         [&](const auto& article) { listed.articles.push_back(article); });
    return listed;
}
using Titles = std::vector<std::string>;
}

TEST_CASE("list_articles: the newest first, with their sources and scores, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, 3);
        const auto listed = list(ready, {});
        CHECK(listed.titles() == Titles{"Report 3", "Report 2", "Report 1"});
        CHECK_FALSE(listed.has_more);
        CHECK(listed.articles[0].article.source == "first");
        CHECK(listed.articles[0].article.threat_hunting_score == 31.5);
        CHECK(listed.articles[0].article.content.empty());
    }
}

TEST_CASE("list_articles: a limit says whether it left any out") {
    Ready ready;
    store_articles(ready, 3);
    ops::ListOptions options;
    options.selection.limit = 2;
    CHECK(list(ready, options).titles() == Titles{"Report 3", "Report 2"});
    CHECK(list(ready, options).has_more);
    options.selection.limit = 3;
    CHECK_FALSE(list(ready, options).has_more);
}

TEST_CASE("list_articles: more than a portion keeps the order that was asked for") {
    Ready ready;
    store_articles(ready, 3);
    ready.test.run(
        "INSERT INTO articles (source_id, canonical_url, title, published_at, content, content_hash) "
        "SELECT source_id, 'https://x.example/' || i, 'More ' || i, timestamp '2020-01-01' + i * interval '1 minute', "
        "'text', md5(i::text) FROM articles, generate_series(1, 4500) AS i WHERE title = 'Report 1'");
    ops::ListOptions options;
    options.selection.order = store::Order::oldest;
    const auto titles = list(ready, options).titles();
    REQUIRE(titles.size() == 4503);
    for (std::size_t i = 0; i < 4500; ++i) CHECK(titles[i] == "More " + std::to_string(i + 1));
    CHECK(titles.back() == "Report 3");
}

TEST_CASE("list_articles: indicators are counted by type, without what something speaks against") {
    Ready ready;
    store_articles(ready, 2);
    ready.test.run(
        "DELETE FROM cti.indicators;"
        "INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset, verdict) "
        "SELECT a.id, n.position, n.type, 'v', 'v', 0, 1, n.verdict FROM articles a, (VALUES (0, 'cve', ''), "
        "(1, 'domain', ''), (2, 'domain', ''), (3, 'ipv4', 'private'), (4, 'of_a_later_version', '')) "
        "AS n (position, type, verdict) WHERE a.title = 'Report 1'");
    const auto listed = list(ready, {});
    CHECK(listed.articles[0].indicators.empty());
    const auto& counts = listed.articles[1].indicators;
    REQUIRE(counts.size() == 3);
    CHECK(counts[0].type == IndicatorType::domain);
    CHECK(counts[0].indicators == 2);
    CHECK(counts[1].type == IndicatorType::cve);
    CHECK(counts[2].type.name() == "of_a_later_version");
    ops::ListOptions without;
    without.counts_indicators = false;
    CHECK(list(ready, without).articles[1].indicators.empty());
}

TEST_CASE("list_articles: the selection is that of exports, and a source that is not there is refused") {
    Ready ready;
    store_articles(ready, 3);
    ops::ListOptions options;
    options.selection.query = "title:\"report 2\"";
    CHECK(list(ready, options).titles() == Titles{"Report 2"});
    options.selection = {};
    options.selection.sources = {"fisrt"};
    CHECK(contains(error_of([&] { list(ready, options); }).value().what(), "unknown source 'fisrt'"));
}

namespace {
int id_of(Ready& ready, const std::string& title) {
    return std::stoi(ready.test.value("SELECT id FROM articles WHERE title = '" + title + "'"));
}
long mark(Ready& ready, const std::string& reader, const std::vector<int>& ids,
          ops::ReadMark how = ops::ReadMark::read) {
    const UseCase use_case(ready.test);
    return ops::mark_articles(use_case.environment, reader, ids, how);
}
std::string next(Ready& ready, const ops::ListOptions& options, long* others = nullptr) {
    const UseCase use_case(ready.test);
    const auto found = ops::find_next(use_case.environment, options);
    if (others != nullptr) *others = found ? found->others : -1;
    return found ? found->whole.article.title : "";
}
}

TEST_CASE("list_articles: marks are of one name, and change nothing for another") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, 3);
        CHECK(mark(ready, "anna", {id_of(ready, "Report 2"), id_of(ready, "Report 2")}) == 1);
        CHECK(mark(ready, "anna", {id_of(ready, "Report 2")}) == 0);
        ops::ListOptions options{
            .selection = {}, .counts_indicators = true, .reader = "anna", .only_unread = false};
        const auto all = list(ready, options);
        CHECK(all.titles() == Titles{"Report 3", "Report 2", "Report 1"});
        CHECK_FALSE(all.articles[0].read_at);
        CHECK(all.articles[1].read_at);
        options.only_unread = true;
        CHECK(list(ready, options).titles() == Titles{"Report 3", "Report 1"});
        options.selection.limit = 1;
        CHECK(list(ready, options).has_more);
        options.selection.limit.reset();
        options.reader = "Anna";
        CHECK(list(ready, options).titles().size() == 3);
        CHECK(mark(ready, "anna", {id_of(ready, "Report 2")}, ops::ReadMark::unread) == 1);
        options.reader = "anna";
        CHECK(list(ready, options).titles().size() == 3);
    }
}

TEST_CASE("find_next: the highest score comes first, of equal ones the newest, and at last what has none") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, 5);
        for (const auto& [number, score] :
             {std::pair("1", "90"), {"2", "90.0"}, {"3", "null"}, {"4", "\"95\""}, {"5", "7"}})
            ready.test.run(std::string("UPDATE articles SET article_metadata = '{\"threat_hunting_score\":") +
                           score + "}' WHERE title = 'Report " + number + "'");
        ops::ListOptions options;
        options.reader = "anna";
        for (const auto* title : {"Report 4", "Report 2", "Report 1", "Report 5", "Report 3"}) {
            long others = 0;
            CHECK(next(ready, options, &others) == title);
            mark(ready, "anna", {id_of(ready, title)});
            const auto unread = ready.test.value("SELECT 5 - count(*) FROM cti.read_marks");
            CHECK(std::to_string(others) == unread);
        }
        CHECK(next(ready, options) == "");
        options.reader = "ben";
        options.selection.min_score = 93;
        CHECK(next(ready, options) == "Report 4");
    }
}

TEST_CASE("mark_selected: marks what the selection finds, and takes it back") {
    Ready ready;
    store_articles(ready, 4);
    const UseCase use_case(ready.test);
    ops::ListOptions options;
    options.reader = "anna";
    options.selection.query = "title:\"report 2\" OR title:\"report 3\"";
    CHECK(ops::mark_selected(use_case.environment, options, ops::ReadMark::read) == 2);
    CHECK(ops::mark_selected(use_case.environment, options, ops::ReadMark::read) == 0);
    options.selection.query.clear();
    options.only_unread = true;
    CHECK(list(ready, options).titles() == Titles{"Report 4", "Report 1"});
    options.only_unread = false;
    CHECK(ops::mark_selected(use_case.environment, options, ops::ReadMark::unread) == 2);
    options.selection.sources = {"first"};
    options.selection.min_score = 1000;
    CHECK(ops::mark_selected(use_case.environment, options, ops::ReadMark::read) == 0);
}
