#include "core/collect/backfill.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/pipeline/step.hpp"
#include "core/search/query.hpp"
#include "core/search/word_sets.hpp"
#include "core/search/words.hpp"
#include "core/store/own/progress.hpp"
#include "core/store/own/word_segments.hpp"
#include "core/store/read/articles.hpp"
#include "core/store/read/word_search.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <map>
#include <random>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
const auto& k_words = pipeline::get_step("words");

// Stores the article, or its new text, as `collect` does.
int record(Ready& ready, Article article, std::optional<int> id = {}) {
    pipeline::run_steps({}, article);
    CheckRecord check;
    check.source_id = ready.source_id;
    if (id)
        check.updates.push_back({*id, std::move(article)});
    else
        check.articles.push_back(std::move(article));
    auto transaction = ready.begin();
    const auto recorded = record_check(transaction, ready.schema, check);
    transaction.commit();
    return recorded.written.at(0);
}
Article article_with(int number, const std::string& title, const std::string& content) {
    auto article = make_article(number);
    article.title = title, article.content = content;
    return article;
}

std::vector<int> find(Ready& ready, const std::string& text) {
    const auto query = search::parse_query(text, {});
    Selection selection;
    selection.query = &query;
    Transaction transaction(ready.database, Access::read_only);
    std::vector<int> ids;
    for_each_article(transaction, ready.schema, selection, {.content = false, .findings = false, .types = {}},
                     [&](const StoredArticle& article) { ids.push_back(article.id); });
    std::ranges::sort(ids);
    return ids;
}
void index(Ready& ready) { collect::catch_up(ready.database, ready.schema, k_words, nullptr); }
long count_of(Ready& ready, const std::string& sql) { return std::stol(ready.test.value(sql)); }
long unindexed(Ready& ready) {
    Transaction transaction(ready.database, Access::read_only);
    return count_unindexed(transaction, ready.schema, 1000);
}
}

TEST_CASE("word search: an article is found from the moment on when it is stored, by its text as it is now") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const int id = record(ready, article_with(1, "Quiet Heron", "A loader, seen by nobody"));
        const auto holds = [&](const char* query) { return find(ready, query) == std::vector{id}; };
        for (const bool is_indexed : {false, true}) {
            CAPTURE(is_indexed);
            if (is_indexed) index(ready);
            CHECK(unindexed(ready) == (is_indexed ? 0 : 1));
            for (const char* query : {"heron loader", "\"quiet heron\"", "title:heron", "lo*", "heron -other",
                                      "seen-by-nob*", "*ader", "NOT other", "\"no body\" OR heron"})
                CHECK_MESSAGE(holds(query), query);
            for (const char* query :
                 {"title:loader", "\"heron quiet\"", "\"heron a\"", "other", "-heron", "load"})
                CHECK_MESSAGE(find(ready, query).empty(), query);
        }
        record(
            ready,
            [] {
                auto changed = article_with(1, "Quiet Heron", "Something else was seen");
                changed.hashes = make_article(2).hashes;
                return changed;
            }(),
            id);
        for (const bool is_indexed : {false, true}) {
            CAPTURE(is_indexed);
            if (is_indexed) index(ready);
            CHECK(unindexed(ready) == (is_indexed ? 0 : 1));
            CHECK(holds("else heron"));
            CHECK(holds("heron -loader"));
            CHECK(find(ready, "loader").empty());
        }
        CHECK(
            ready.test.value(
                "SELECT string_agg(array_to_string(replaced, ','), '|' ORDER BY segment) FROM cti.word_segments") ==
            fmt::format("|{}", id));
    }
}

TEST_CASE("word search: in however many segments, with changes, removals and merges, what the texts say") {
    Ready ready;
    std::mt19937 random(13);
    std::map<int, Article> all;
    const auto text = [&] {
        static const char* words[] = {"heron",        "quiet", "loader", "Emotet", "\u0436\u0443\u043A",
                                      "evil.example", "stop",  "herons"};
        std::string out;
        for (int i = 0; i < 8; ++i)
            out += fmt::format("{}{}", words[random() % 8], random() % 2 == 0 ? " " : "; ");
        return out;
    };
    const auto check_all = [&] {
        for (const char* query : {"heron", "her*", "heron quiet", "heron OR emotet", "\"quiet heron\"",
                                  "evil.example", "NOT heron", "heron -stop", "heron -\"quiet heron\"",
                                  "NOT \"quiet heron\"", "*ron \"heron quiet\" loader", "title:heron",
                                  "\u0416\u0443\u041A loader", "\"heron stop\" OR -loader", "nowhere"}) {
            CAPTURE(query);
            const auto node = search::parse_query(query, {}).root;
            std::vector<int> wanted;
            for (const auto& [id, article] : all)
                if (search::matches(node, search::fold_words(article.title),
                                    search::fold_words(article.content)))
                    wanted.push_back(id);
            CHECK(find(ready, query) == wanted);
        }
    };
    for (int round = 0, number = 0; round < 20; ++round) {
        for (int i = 0; i < 3; ++i, ++number) {
            auto article = article_with(number, text(), text());
            all[record(ready, article)] = article;
        }
        for (int i = 0; i < 2 && round > 2; ++i) {
            auto& [id, article] = *std::next(all.begin(), static_cast<long>(random() % all.size()));
            article.content = text(), article.hashes = make_article(10'000 + number * 2 + i).hashes;
            record(ready, article, id);
        }
        if (round % 6 == 5) {
            const auto id = all.begin()->first;
            ready.test.run(fmt::format(
                "DELETE FROM content_hashes WHERE article_id = {0}; DELETE FROM articles WHERE id = {0}",
                id));
            all.erase(id);
        }
        if (round % 4 == 3) check_all(); // three are not in the index
        index(ready);
        if (round % 5 == 4) check_all();
    }
    // Seven of a size may stay beside each other; the eighth makes them one.
    CHECK(count_of(ready, "SELECT count(*) FROM cti.word_segments") < 20);
    CHECK(count_of(ready, "SELECT count(*) FROM cti.word_blocks b WHERE NOT EXISTS "
                          "(SELECT FROM cti.word_segments s WHERE s.segment = b.segment)") == 0);
    check_all();
    collect::BackfillOptions again;
    again.again = true;
    collect::backfill(ready.database, ready.schema, k_words, {}, again);
    CHECK(count_of(ready, "SELECT count(*) FROM cti.word_segments") == 1);
    CHECK(ready.test.value("SELECT replaced FROM cti.word_segments") == "{}");
    check_all();
}

TEST_CASE("word search: two that index the same articles write them once") {
    Ready ready;
    for (int i = 0; i < 3; ++i) record(ready, article_with(i, "Report", fmt::format("text {}", i)));
    const auto step = collect::done_by(k_words);
    PendingBatch batch;
    {
        Transaction transaction(ready.database, Access::read_only);
        batch = find_pending(transaction, ready.schema, step, StepReads::text, 0, 10);
    }
    std::vector<Article> articles(batch.articles.size());
    std::vector<MadeArticle> made;
    for (std::size_t i = 0; i < articles.size(); ++i) {
        articles[i].title = batch.articles[i].title, articles[i].content = batch.articles[i].content;
        pipeline::run_step(k_words, {}, articles[i]);
        made.push_back({&batch.articles[i], &articles[i]});
    }
    for (const long written : {3, 0}) {
        auto transaction = ready.begin();
        CHECK(write_pending(transaction, ready.schema, step, made) == written);
        transaction.commit();
    }
    CHECK(ready.test.value("SELECT count(*) FROM cti.word_segments") == "1");
}

TEST_CASE(
    "word segments: who joins some holds off whoever would join others, and nobody who searches or writes") {
    Ready ready;
    for (int i = 0; i < 8; ++i) {
        record(ready, article_with(i, "Report", fmt::format("text {}", i)));
        auto transaction = ready.begin();
        const auto batch =
            find_pending(transaction, ready.schema, collect::done_by(k_words), StepReads::text, 0, 10);
        Article article;
        article.title = batch.articles.back().title, article.content = batch.articles.back().content;
        pipeline::run_step(k_words, {}, article);
        write_pending(transaction, ready.schema, collect::done_by(k_words),
                      {{&batch.articles.back(), &article}});
        transaction.commit();
    }
    CHECK(ready.test.value("SELECT count(*) FROM cti.word_segments") == "8");
    Database other(ready.test.address());
    Transaction joining(other);
    CHECK(merge_next(joining));
    {
        auto transaction = ready.begin();
        CHECK_FALSE(merge_next(transaction));
    }
    CHECK(find(ready, "text").size() == 8);
    record(ready, article_with(99, "Report", "text 99"));
    index(ready);
    CHECK(find(ready, "text").size() == 9);
    joining.commit();
    CHECK(find(ready, "text").size() == 9);
    CHECK(ready.test.value(
              "SELECT string_agg(articles::text, ' ' ORDER BY segment) FROM cti.word_segments") == "8 1");
    {
        auto transaction = ready.begin();
        CHECK_FALSE(merge_next(transaction));
    }
    vacuum_step(ready.database, "words"); // by itself, as the server wants it
    CHECK(find(ready, "text").size() == 9);
}

TEST_CASE("word segments: neighbours of one size are joined, the small ones first, the largest never") {
    std::vector<Segment> segments;
    const auto add = [&](std::initializer_list<long> sizes) {
        for (const long size : sizes)
            segments.push_back({static_cast<int>(segments.size()) + 1, size, 1, 2, {}});
    };
    const auto chosen = [&] {
        const auto span = choose_to_merge(segments);
        return span.empty() ? std::string("none")
                            : fmt::format("{}-{}", span.front().number, span.back().number);
    };
    CHECK(chosen() == "none");
    add({262'144, 200'000, 4000, 4000, 1, 2, 3, 4, 5, 6});
    CHECK(chosen() == "3-10"); // none of them is larger than the second level
    add({7, 8});
    CHECK(chosen() == "5-12");
    segments.clear();
    add({1, 1, 1, 1, 5000, 1, 1, 1, 1});
    CHECK(chosen() == "1-8");
    segments.clear();
    for (int i = 0; i < 20; ++i) add({262'144});
    CHECK(chosen() == "none");
}

TEST_CASE("word segments: the index of programs before this is emptied when all is in the new one") {
    Ready ready;
    record(ready, article_with(1, "Report", "text"));
    ready.test.run(
        "INSERT INTO cti.article_words (article_id, words) SELECT id, cti.search_words(title, content) FROM articles;"
        "INSERT INTO cti.progress (task, version, done_to) SELECT 'words', 2, max(id) FROM articles");
    CHECK(find(ready, "text").size() == 1); // It is not asked: the text is.
    index(ready);
    auto transaction = ready.begin();
    remove_old_index(transaction);
    transaction.commit();
    CHECK(ready.test.value("SELECT count(*) FROM cti.article_words") == "0");
    CHECK(ready.test.value("SELECT count(*) FROM cti.progress WHERE task = 'words'") == "0");
    CHECK(find(ready, "text").size() == 1);
}
