#include "core/db/pqxx_impl.hpp"
#include "core/store/own/near_duplicates.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
// Far from each other for different numbers, near for one number and different `flips`.
Article make_like(int number, int text, std::uint64_t flips = 0) {
    auto article = make_article(text);
    article.simhash = (0x9E3779B97F4A7C15 * static_cast<std::uint64_t>(number + 1)) ^ flips;
    article.word_count = 100;
    return article;
}
Recorded commit(Ready& ready, std::vector<Article> articles) {
    CheckRecord record;
    record.source_id = ready.source_id;
    record.articles = std::move(articles);
    auto transaction = ready.begin();
    auto recorded = record_check(transaction, ready.schema, record);
    transaction.commit();
    return recorded;
}
std::string links(const Ready& ready) {
    return ready.test.value(
        "SELECT string_agg(concat(a.title, ' like ', f.title, ' by ', n.distance), ', ' ORDER BY a.id) "
        "FROM cti.near_duplicates n JOIN articles a ON a.id = n.article_id "
        "JOIN articles f ON f.id = n.first_article_id");
}
}

TEST_CASE("near duplicates: stored, counted and linked to the first, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        CHECK(commit(ready, {make_like(1, 1), make_like(2, 2)}).near_duplicate == 0);
        const auto recorded =
            commit(ready, {make_like(1, 3, 0x8000000100000001), make_like(1, 4, 0xF), make_like(3, 5)});
        CHECK(recorded.count == 3);
        CHECK(recorded.near_duplicate == 1);
        CHECK(links(ready) == "Report 3 like Report 1 by 3");
        // Near to both Report 1 and Report 3: the lowest id wins.
        CHECK(commit(ready, {make_like(1, 6, 0x1)}).near_duplicate == 1);
        CHECK(links(ready) == "Report 3 like Report 1 by 3, Report 6 like Report 1 by 1");
    }
}

TEST_CASE("near duplicates: two within one batch count, simhash 0 and very short texts do not") {
    Ready ready;
    // The last one is the oldest, and goes in first.
    CHECK(commit(ready, {make_like(1, 1, 0x3), make_like(1, 2)}).near_duplicate == 1);
    CHECK(links(ready) == "Report 1 like Report 2 by 2");
    auto empty = make_like(2, 3);
    auto other = make_like(2, 4);
    empty.simhash = other.simhash = 0;
    auto brief = make_like(1, 5);
    brief.word_count = k_min_words_to_compare - 1;
    CHECK(commit(ready, {empty, other, brief}).near_duplicate == 0);
    CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "2");
}

TEST_CASE("find_near: every pattern of at most three differing bits is found, four are not") {
    Ready ready;
    const std::uint64_t simhash = 0xB9719D911017C592;
    ready.test.run(fmt::format("INSERT INTO cti.simhashes (article_id, simhash) VALUES (7, {})",
                               static_cast<std::int64_t>(simhash)));
    std::vector<std::uint64_t> near, far;
    for (int a = 0; a < 64; ++a)
        for (int b = a; b < 64; b += 5)
            for (int c = b; c < 64; c += 7)
                near.push_back(simhash ^ ((1ULL << a) | (1ULL << b) | (1ULL << c)));
    for (int shift = 0; shift < 48; ++shift) far.push_back(simhash ^ (0x8421ULL << shift));
    auto transaction = ready.begin();
    int found = 0;
    for (const auto& one : find_near(transaction, near))
        if (one && one->article_id == 7 && one->distance >= 1 && one->distance <= 3) ++found;
    CHECK(found == static_cast<int>(near.size()));
    for (const auto& one : find_near(transaction, far)) CHECK_FALSE(one);
    CHECK(find_near(transaction, {simhash, 0})[0].value().distance == 0);
    CHECK_FALSE(find_near(transaction, {simhash ^ 1}, 0)[0]);
    CHECK(find_near(transaction, {}).empty());
}

TEST_CASE("find_near: uses the four indexes and reads no table from end to end") {
    Ready ready;
    ready.test.run(
        "INSERT INTO cti.simhashes (article_id, simhash) "
        "SELECT i, ('x' || substr(md5(i::text), 1, 16))::bit(64)::bigint FROM generate_series(1, 20000) AS i");
    for (const bool analyzed : {false, true}) {
        if (analyzed) ready.test.run("ANALYZE cti.simhashes");
        std::vector<std::uint64_t> simhashes(200);
        for (std::size_t i = 0; i < simhashes.size(); ++i) simhashes[i] = 0x9E3779B97F4A7C15 * (i + 1);
        auto transaction = ready.begin();
        find_near(transaction, simhashes);
        // How often this transaction has scanned them.
        const auto scans = [&](const std::string& relation) {
            const auto sql = "SELECT pg_stat_get_xact_numscans('cti." + relation + "'::regclass)";
            return number<int>(run(transaction, sql)[0][0]);
        };
        CHECK(scans("simhashes") <
              10); // of the table itself: some by the planner, never one for each look-up
        for (int band = 0; band < 4; ++band) CHECK(scans(fmt::format("simhashes_band{}", band)) >= 200);
    }
}

TEST_CASE("find_near: a flood of texts that share a band does not hide others for long") {
    Ready ready;
    // 5,000 with the same lowest band and nothing else in common.
    ready.test.run(
        "INSERT INTO cti.simhashes (article_id, simhash) "
        "SELECT i, (('x' || substr(md5(i::text), 1, 16))::bit(64)::bigint & ~65535::bigint) | 7 FROM generate_series(1, 5000) AS i;"
        "INSERT INTO cti.simhashes (article_id, simhash) VALUES (9000, 7)");
    auto transaction = ready.begin();
    CHECK(find_near(transaction, {7})[0].value().article_id == 9000); // by one of the other bands
}

TEST_CASE("copy_simhashes: takes what others stored, but for what says nothing of likeness") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        std::vector<Article> articles;
        for (int i = 0; i < 50; ++i) articles.push_back(make_like(i, i));
        commit(ready, articles);
        ready.test.run(
            "UPDATE articles SET simhash = 18446744073709551615 WHERE title = 'Report 1';"
            "UPDATE articles SET simhash = NULL WHERE title = 'Report 2'; UPDATE articles SET simhash = 0 WHERE title = 'Report 3';"
            "UPDATE articles SET simhash = 99999999999999999999 WHERE title = 'Report 4';"
            "UPDATE articles SET word_count = 3 WHERE title = 'Report 5';"
            "DELETE FROM cti.simhashes WHERE article_id IN (SELECT id FROM articles WHERE title NOT IN ('Report 2', 'Report 3'))");
        auto transaction = ready.begin();
        std::vector<int> ids;
        for (const auto& row : run(transaction, "SELECT id FROM public.articles"))
            ids.push_back(number<int>(row[0]));
        copy_simhashes(transaction, ready.schema, ids);
        copy_simhashes(transaction, ready.schema, ids); // changes nothing
        copy_simhashes(transaction, ready.schema, {});
        transaction.commit();
        CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "46");
        CHECK(
            ready.test.value(
                "SELECT count(*) FROM cti.simhashes s JOIN articles a ON a.id = s.article_id "
                "WHERE a.simhash <> s.simhash::numeric + CASE WHEN s.simhash < 0 THEN 18446744073709551616 ELSE 0 END") ==
            "0");
        const auto recorded = commit(ready, {make_like(7, 100, 0x11)});
        CHECK(recorded.near_duplicate == 1);
        CHECK(links(ready) == "Report 100 like Report 7 by 2");
    }
}

TEST_CASE("copy_simhashes: reads a simhash that was migrated to bigint") {
    Ready ready(Kind::web_2026);
    ready.test.run("ALTER TABLE articles ALTER simhash TYPE bigint");
    auto transaction = ready.begin();
    const auto schema = read_schema(transaction);
    transaction.commit();
    CheckRecord record;
    record.source_id = ready.source_id;
    record.articles = {make_like(1, 1)};
    auto writing = ready.begin();
    record_check(writing, schema, record);
    writing.commit();
    const auto before = ready.test.value("SELECT simhash FROM cti.simhashes");
    ready.test.run("DELETE FROM cti.simhashes");
    auto indexing = ready.begin();
    copy_simhashes(indexing, schema, {number<int>(run(indexing, "SELECT id FROM public.articles")[0][0])});
    indexing.commit();
    CHECK(ready.test.value("SELECT simhash FROM cti.simhashes") == before);
}
