#include "core/collect/page_work.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;

collect::BuildOptions article_of(bool has_feed) {
    collect::BuildOptions article;
    article.is_link = !has_feed;
    return article;
}

struct Sample {
    explicit Sample(std::vector<feed::Entry> entries, bool has_feed = true, const std::string& config = "{}")
        : settings(sources::read_page_settings(config)), work(settings, article_of(has_feed), k_now) {
        feed.entries = std::move(entries);
        keys = collect::keys_of(feed);
        triaged = collect::triage_entries(feed, keys, std::vector<collect::KnownEntry>(keys.size()), k_now,
                                          {article_of(has_feed), true, nullptr});
        asked = work.plan(feed, triaged);
    }
    const collect::ArticleDraft& draft(std::size_t i) const { return triaged.drafts.at(i); }
    const store::SeenEntry& seen(std::size_t i) const { return triaged.seen.at(triaged.drafts.at(i).seen); }

    sources::PageSettings settings;
    feed::Feed feed;
    std::vector<collect::EntryKeys> keys;
    collect::Triage triaged;
    collect::PageWork work;
    std::vector<std::string> asked;
};

feed::Entry entry(const std::string& slug, const std::string& text, Time published = k_now - 1h) {
    feed::Entry one;
    one.link = "https://a.example/" + slug, one.title = "Title of " + slug, one.content = text,
    one.published = published;
    return one;
}
feed::Entry link(const std::string& slug) {
    feed::Entry one;
    one.link = "https://a.example/" + slug;
    return one;
}
const std::string k_long = [] {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "The loader writes its configuration to disk again. ";
    return text;
}();
net::Response answer_of(const std::string& url, const std::string& body, int status = 200) {
    net::Response response;
    response.status = status, response.url = url, response.content_type = "text/html", response.body = body;
    return response;
}
}

TEST_CASE("collect::PageWork: only what is not whole is asked for, newest first") {
    const Sample sample({entry("old", "<p>A teaser</p>", k_now - 5h), entry("whole", "<p>" + k_long + "</p>"),
                         entry("new", "<p>Another teaser</p>", k_now - 2h)});
    CHECK(sample.asked == std::vector<std::string>{"https://a.example/new", "https://a.example/old"});
    CHECK(Sample({entry("a", "x")}, true, R"({"rss_only": true})").asked.empty());
    CHECK(Sample({entry("a", "<p>Short, but enough.</p>")}, true, R"({"min_content_length": 10})")
              .asked.empty());
}

TEST_CASE("collect::PageWork: a page's text replaces the teaser, and the metadata say so") {
    Sample sample({entry("a", "<p>The loader writes its configuration</p>")});
    sample.work.accept_page("https://a.example/a",
                            answer_of("https://a.example/a", "<html><body><article><h1>Other title</h1><p>" +
                                                                 k_long + "</p></article></body></html>"));
    const auto& article = sample.draft(0).built.article.value();
    CHECK(article.content.size() > 2000);
    CHECK(article.title == "Title of a");
    CHECK(article.metadata_json.find("\"content_source\":\"page:") != std::string::npos);
    CHECK(sample.work.read() == 1);
    CHECK(!sample.work.is_pending());
}

TEST_CASE("collect::PageWork: what may come later is stored as it is and tried again, with an end") {
    Sample sample({entry("a", "<p>Teaser</p>")});
    sample.work.accept_page("https://a.example/a", answer_of("https://a.example/a", "", 503));
    CHECK(sample.work.is_pending());
    CHECK(!sample.draft(0).is_out);
    CHECK(sample.seen(0).page_tries == 1);

    Sample last({entry("a", "<p>Teaser</p>")});
    last.triaged.drafts[0].tries = 19;
    last.work.accept_page("https://a.example/a", answer_of("https://a.example/a", "", 503));
    CHECK(!last.work.is_pending());
    CHECK(!last.seen(0).page_tries);
    CHECK(last.seen(0).content_key == last.keys[0].content);
}

TEST_CASE("collect::PageWork: a link without a page is no article") {
    Sample sample({link("gone"), link("late"), link("pdf"), link("home")}, false);
    REQUIRE(sample.asked.size() == 4);
    sample.work.accept_page("https://a.example/gone", answer_of("https://a.example/gone", "", 404));
    sample.work.accept_page("https://a.example/late", answer_of("https://a.example/late", "", 500));
    sample.work.accept_page("https://a.example/pdf", answer_of("https://a.example/pdf", "%PDF-1.4"));
    sample.work.accept_page("https://a.example/home",
                            answer_of("https://a.example/", "<p>" + k_long + "</p>"));
    for (const auto& draft : sample.triaged.drafts) CHECK(draft.is_out);
    CHECK(sample.triaged.filtered == DropCounts{{DropReason::page_failed, 1},
                                                {DropReason::page_missing, 1},
                                                {DropReason::no_html, 1},
                                                {DropReason::home_page, 1}});
    CHECK(sample.work.failed() == 2);
}

TEST_CASE("collect::PageWork: more pages than one check asks for are put off without counting as tried") {
    Sample sample({link("a"), link("b"), link("c")}, false, R"({"fetch": {"max_pages": 1}})");
    CHECK(sample.asked == std::vector<std::string>{"https://a.example/a"});
    CHECK(sample.seen(1).page_tries == 0);
    sample.work.cut_short();
    CHECK(sample.seen(0).page_tries == 0);
    CHECK(sample.draft(0).is_out);
}

TEST_CASE("collect::PageWork: a changed teaser does not replace the text of a page that cannot be had now") {
    feed::Feed feed;
    feed.entries = {entry("a", "<p>New teaser</p>")};
    const auto keys = collect::keys_of(feed);
    std::vector<collect::KnownEntry> known(1);
    known[0].seen = store::SeenEntry{
        .entry_key = keys[0].entry, .link_key = keys[0].link, .content_key = "other", .article_id = 7};
    auto triaged = collect::triage_entries(feed, keys, known, k_now, {article_of(true), true, nullptr});
    const auto settings = sources::read_page_settings("{}");
    collect::PageWork work(settings, article_of(true), k_now);
    REQUIRE(work.plan(feed, triaged).size() == 1);
    work.accept_page("https://a.example/a", answer_of("https://a.example/a", "", 404));
    CHECK(triaged.drafts[0].is_out);
    CHECK(triaged.seen[0].article_id == 7);
}

TEST_CASE("triage_entries: an entry whose page is still to be read is triaged anew, with the tries so far") {
    feed::Feed feed;
    feed.entries = {entry("a", "<p>Teaser</p>")};
    const auto keys = collect::keys_of(feed);
    std::vector<collect::KnownEntry> known(1);
    known[0].seen = store::SeenEntry{.entry_key = keys[0].entry,
                                     .link_key = keys[0].link,
                                     .content_key = keys[0].content,
                                     .page_tries = 3,
                                     .reason = DropReason::page_missing};
    const auto decide = [&] {
        return collect::triage_entries(feed, keys, known, k_now, {article_of(true), true, nullptr});
    };
    const auto pending = decide();
    REQUIRE(pending.drafts.size() == 1);
    CHECK(pending.drafts[0].tries == 3);
    CHECK(!pending.seen[0].page_tries); // unless it fails once more
    known[0].seen->page_tries.reset();
    CHECK(decide().drafts.empty());
}
