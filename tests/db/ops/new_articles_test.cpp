#include "core/ops/new_articles.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;

namespace {
// Articles 1 to `count`, each with a higher score than the one before; their ids.
std::vector<int> keep(Ready& ready, int count) {
    store::CheckRecord record;
    record.source_id = ready.source_id;
    for (int i = 1; i <= count; ++i) record.articles.push_back(make_article(i));
    auto transaction = ready.begin();
    auto written = store::record_check(transaction, ready.schema, record).written;
    transaction.commit();
    for (int i = 0; i < count; ++i)
        ready.test.run(fmt::format(
            "UPDATE public.articles SET article_metadata = '{{\"threat_hunting_score\": {}}}' WHERE id = {}",
            10 * (i + 1), written.at(static_cast<std::size_t>(i))));
    return written;
}

void add_indicator(Ready& ready, int article, int position, const char* type, const char* value,
                   const char* verdict = "") {
    ready.test.run(fmt::format(
        "INSERT INTO cti.indicators (article_id, position, type, value, original, sentence, verdict, reading, "
        "start_offset, end_offset, in_title, count) VALUES ({}, {}, '{}', '{}', '', '', '{}', 'plain', 0, 0, false, 1)",
        article, position, type, value, verdict));
}
}

TEST_CASE("sum_up_articles: the best first, what most of them speak of, and nothing of other articles") {
    Ready ready;
    const auto ids = keep(ready, 4);
    ready.test.run("DELETE FROM cti.indicators");
    for (const int i : {0, 1})
        add_indicator(ready, ids[static_cast<std::size_t>(i)], 1, "cve", "CVE-2026-1002");
    add_indicator(ready, ids[0], 2, "cve", "CVE-2026-1001");
    add_indicator(ready, ids[0], 3, "cve", "CVE-2026-1003", "example");
    add_indicator(ready, ids[1], 4, "attack_technique", "T1059.001");
    add_indicator(ready, ids[3], 1, "cve", "CVE-2026-9999");
    const UseCase use_case(ready.test);
    const auto news = ops::sum_up_articles(use_case.environment, {ids[0], ids[1], ids[2]}, 2, 1);
    REQUIRE(news.best.size() == 2);
    CHECK(news.best[0].id == ids[2]);
    CHECK(news.best[1].id == ids[1]);
    CHECK(news.best[0].source == "first");
    REQUIRE(news.cves.first.size() == 1);
    CHECK(news.cves.first[0].value == "CVE-2026-1002");
    CHECK(news.cves.first[0].articles == 2);
    CHECK(news.cves.all == 2);
    CHECK(news.techniques.all == 1);
}

TEST_CASE("sum_up_articles: of no articles there is nothing to tell") {
    Ready ready;
    const UseCase use_case(ready.test);
    const auto news = ops::sum_up_articles(use_case.environment, {}, 5, 5);
    CHECK(news.best.empty());
    CHECK(news.cves.all + news.techniques.all == 0);
}
