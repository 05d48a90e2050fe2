#include "core/collect/build_article.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;

feed::Entry entry() {
    feed::Entry e;
    e.title = "A loader";
    e.link = "https://a.example/1";
    e.content = "<p>First.</p><p>Second.</p>";
    e.published = k_now - 1h;
    return e;
}
std::string date_source(const feed::Entry& e) {
    return nlohmann::json::parse(collect::build_article(e, k_now).article->metadata_json).at("date_source");
}
}

TEST_CASE("build_article: an entry becomes a row, and its text has hashes once it is to be stored") {
    auto e = entry();
    e.authors = {{"Ann", "", ""}, {"", "bob@a.example", ""}, {"Ann", "", ""}};
    e.tags = {"apt", "apt", "c2"};
    auto article = collect::build_article(e, k_now).article.value();
    CHECK(article.url == "https://a.example/1");
    CHECK(article.content == "First.\n\nSecond.");
    CHECK(article.authors == std::vector<std::string>{"Ann", "bob@a.example"});
    CHECK(article.tags == std::vector<std::string>{"apt", "c2"});
    CHECK(article.word_count == 2);
    CHECK(article.published_at == k_now - 1h);
    collect::add_hashes(article);
    CHECK(article.hashes[0].size() == 64);
    CHECK_FALSE(article.summary);
}

TEST_CASE("build_article: a guid that is an address stands in for a missing link") {
    auto e = entry();
    e.link.clear(), e.id = "https://a.example/guid";
    CHECK(collect::build_article(e, k_now).article->url == "https://a.example/guid");
    e.id = "urn:1";
    CHECK(collect::build_article(e, k_now).drop_reason == DropReason::no_address);
}

TEST_CASE(
    "build_article: the summary is the text where there is no other, and nothing at all is dropped with its reason") {
    auto e = entry();
    e.content.clear(), e.summary = "Short.";
    CHECK(collect::build_article(e, k_now).article->content == "Short.");
    e.summary = "<img src=x>";
    CHECK(collect::build_article(e, k_now).drop_reason == DropReason::no_text);
}

TEST_CASE("build_article: a title that is missing is the head of the text") {
    auto e = entry();
    e.title.clear();
    CHECK(collect::build_article(e, k_now).article->title == "First.");
}

TEST_CASE("build_article: a date that cannot be right is replaced, and the metadata say so") {
    auto e = entry();
    CHECK(date_source(e) == "published");
    e.published = k_now + 400 * 24h;
    CHECK(date_source(e) == "collected");
    e.updated = k_now - 2h;
    CHECK(date_source(e) == "updated");
    e.published = Time{20 * 24h}; // 1970-01-21
    e.updated.reset();
    CHECK(collect::build_article(e, k_now).article->published_at == k_now);
}
