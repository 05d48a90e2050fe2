#include "core/collect/process.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/build_article.hpp"
#include "core/feed/feed.hpp"
#include "core/net/fault.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cti::collect {
namespace {

std::string not_a_feed(const feed::Feed& feed, std::string_view body) {
    if (trim(body).empty()) return "the answer is empty";
    if (feed.format != "html") return "the answer is not a feed in any known format";
    std::string text = "this is a web page, not a feed";
    if (!feed.feeds.empty()) text += fmt::format("; it announces {}", join({feed.feeds.begin(), feed.feeds.begin() + std::min<std::ptrdiff_t>(3, std::ssize(feed.feeds))}, ", "));
    return text;
}

// Reads the feed; returns why there is nothing to read, or "".
std::string read_feed(const net::Response& response, feed::Feed& feed) {
    if (auto fault = net::find_fault(response); !fault.empty()) return fault;
    feed = feed::parse(response.body, {.url = net::document_url(response), .content_type = response.content_type});
    return feed.format.empty() || feed.format == "html" ? not_a_feed(feed, response.body) : std::string();
}

// The candidates that are worth an INSERT, with the entries that fall away counted in the result.
std::vector<Article> build_new(store::Transaction& tx, const feed::Feed& feed, Time now, CheckResult& result) {
    std::vector<std::string> urls;
    for (const auto& entry : feed.entries) urls.push_back(article_url(entry));
    const auto known = store::find_known_urls(tx, urls);
    std::set<std::string_view> seen;
    std::vector<Article> articles;
    for (std::size_t i = 0; i < urls.size(); ++i) {
        if (!urls[i].empty() && (known[i] || !seen.insert(urls[i]).second)) {
            ++result.duplicate;
            continue;
        }
        auto built = build_article(feed.entries[i], now);
        if (built.article) {
            articles.push_back(std::move(*built.article));
        } else {
            ++result.filtered[built.drop_reason];
        }
    }
    // Newest first: with equal texts the newest address wins, and the order never depends on the server's.
    std::ranges::stable_sort(articles, std::greater{}, &Article::published_at);
    return articles;
}

// What the check saw, for source_checks: the reasons why entries are not there, and what had to be repaired.
std::string check_metadata(const CheckResult& result, const feed::Feed& feed) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("http_status", result.http_status).member("bytes", result.bytes);
    json.key("filtered").begin_object();
    for (const auto& [reason, count] : result.filtered) json.member(reason, count);
    json.end_object().key("warnings").begin_array();
    constexpr std::size_t most_warnings = 20, longest_warning = 300;
    for (std::size_t i = 0; i < std::min(feed.warnings.size(), most_warnings); ++i) {
        json.value(printable(head_code_points(feed.warnings[i], longest_warning)));
    }
    json.end_array().end_object();
    return out;
}

// Validators are kept only for a document that was read to its end: of a cut one the rest would never be asked for again.
std::optional<Validators> validators_of(const Fetched& fetched, const feed::Feed& feed) {
    if (feed.truncated || fetched.response.status != 200) return std::nullopt;
    return Validators{*fetched.source.rss_url, fetched.response.etag, fetched.response.last_modified};
}

void count(const store::Recorded& recorded, std::size_t candidates, CheckResult& result) {
    result.inserted = recorded.count;
    result.duplicate += static_cast<int>(candidates - recorded.refused.size()) - recorded.count;
    if (!recorded.refused.empty()) result.filtered["refused_by_database"] += static_cast<int>(recorded.refused.size());
    for (const auto& [index, reason] : recorded.refused) log::warning("source '{}': an article was refused: {}", result.identifier, reason);
}

void record(store::Transaction& tx, const store::Schema& schema, const Fetched& fetched, const feed::Feed& feed, Time now, CheckResult& result) {
    store::CheckRecord record;
    record.source_id = fetched.source.id;
    record.success = result.status != CheckStatus::failed;
    record.method = result.method;
    record.error = result.error;
    record.response_time_s = static_cast<double>(fetched.response.duration.count()) / 1e6;
    record.articles_found = result.entries;
    if (result.status == CheckStatus::ok) {
        record.articles = build_new(tx, feed, now, result);
        record.validators = validators_of(fetched, feed);
    }
    record.metadata_json = check_metadata(result, feed);
    count(store::record_check(tx, schema, record), record.articles.size(), result);
}

// What the answer says before the database is asked.
CheckResult judge(const Fetched& fetched, feed::Feed& feed, Time now) {
    const auto& response = fetched.response;
    CheckResult result;
    result.identifier = fetched.source.identifier;
    result.http_status = response.status;
    result.duration = response.duration;
    result.bytes = static_cast<std::int64_t>(response.body.size());
    result.next_check = now + std::chrono::seconds{fetched.source.check_frequency_s};
    if (response.error.empty() && response.status == 304) {
        result.status = CheckStatus::not_modified;
        return result;
    }
    result.error = read_feed(response, feed);
    result.entries = static_cast<int>(feed.entries.size());
    if (!result.error.empty()) result.status = CheckStatus::failed, result.method = "all_failed";
    return result;
}
}

std::string find_fault(const net::Response& response) {
    feed::Feed feed;
    return read_feed(response, feed);
}

CheckResult process(store::Database& database, const store::Schema& schema, const Fetched& fetched, Time now, bool dry_run) {
    feed::Feed feed;
    const CheckResult judged = judge(fetched, feed, now);
    CheckResult result = judged;
    if (dry_run) {
        if (judged.status != CheckStatus::ok) return result;
        store::Transaction tx(database, store::Access::read_only);
        result.inserted = static_cast<int>(build_new(tx, feed, now, result).size());
        return result;
    }
    store::with_retry(database, [&](store::Transaction& tx) {
        result = judged; // A second try counts from the start.
        record(tx, schema, fetched, feed, now, result);
    });
    return result;
}
}
