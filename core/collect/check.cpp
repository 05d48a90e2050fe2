#include "core/collect/check.hpp"

#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/count_check.hpp"
#include "core/feed/feed.hpp"
#include "core/net/fault.hpp"
#include "core/net/fetcher.hpp"
#include "core/search/article_words.hpp"
#include "core/store/own/host_state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::collect {
namespace {

// Changes with the rules by which entries are judged: a body that was read by older rules is read again.
constexpr std::string_view k_rules = "2";

std::string not_a_feed(const feed::Feed& feed, std::string_view body) {
    constexpr std::ptrdiff_t most_feeds = 3;
    if (trim(body).empty()) return "the answer is empty";
    if (feed.format != "html") return "the answer is not a feed in any known format";
    std::string text = "this is a web page, not a feed";
    const std::vector<std::string> some(feed.feeds.begin(),
                                        feed.feeds.begin() + std::min(most_feeds, std::ssize(feed.feeds)));
    return some.empty() ? text : text + "; it announces " + join(some, ", ");
}

// Reads the feed; returns why there is nothing to read, or "".
std::string read_feed(const net::Response& response, feed::Feed& feed) {
    if (auto fault = net::find_fault(response); !fault.empty()) return fault;
    feed = feed::parse(response.body,
                       {.url = net::document_url(response), .content_type = response.content_type});
    return feed.format.empty() || feed.format == "html" ? not_a_feed(feed, response.body) : std::string();
}

std::string hash_of(std::string_view body) { return fmt::format("{}:{}", k_rules, sha256_hex(body)); }

// The body may have 10 MiB, so it is not copied.
net::Response without_body(net::Response& response) {
    auto body = std::exchange(response.body, {});
    auto head = response;
    response.body = std::move(body);
    return head;
}
}

std::string find_fault(const net::Response& response) {
    feed::Feed feed;
    return read_feed(response, feed);
}

Check::Check(const db::Schema& schema, store::Claim claim, const CheckOptions& options, Time now)
    : m_schema(schema), m_claim(std::move(claim)), m_options(options), m_now(now),
      m_settings(sources::read_page_settings(source().config_json)),
      m_filter(m_settings.allow, m_settings.post_url_regex), m_has_feed(sources::has_feed(source())),
      m_pages(m_settings, m_has_feed, now) {
    m_out.result.identifier = source().identifier;
    // The web service's words, which differ between its generations.
    if (!m_has_feed)
        m_out.result.method =
            schema.generation == db::Generation::web_2025 ? "modern_scraping" : "basic_scraping";
}

Check::Step Check::begin() {
    if (m_has_feed) {
        m_open = 1;
        m_out.warnings = m_filter.warnings();
        return {{{*source().rss_url, net::Accept::feed, m_claim.state.validators}}};
    }
    m_discovery.emplace(source(), m_settings, m_now);
    auto asks = ask_lists();
    m_open = asks.size();
    if (!asks.empty()) return {std::move(asks)};
    m_out.result.status = CheckStatus::failed, m_out.result.error = "its address is no http or https address";
    return {{}, Next::record};
}

std::vector<Ask> Check::ask_lists() {
    std::vector<Ask> asks;
    for (auto& url : m_discovery->next()) asks.push_back({std::move(url), net::Accept::any, {}, false, true});
    return asks;
}

Check::Step Check::accept(const Ask& ask, net::Response response) {
    --m_open;
    note(ask, response);
    return settle(read(ask, response));
}

Check::Step Check::settle(Step step) {
    m_open += step.asks.size();
    if (step.next == Next::wait && m_open == 0) step.next = Next::record;
    return step;
}

// What the document leads to.
Check::Step Check::read(const Ask& ask, net::Response& response) {
    if (ask.is_page) {
        m_pages.take(ask.url, response);
        return {};
    }
    if (m_has_feed) {
        accept_feed(response);
    } else {
        accept_list(ask, response);
        if (auto more = ask_lists(); !more.empty() || m_open > 0) return {std::move(more)};
        m_feed.entries = m_discovery->entries();
        m_feed.warnings = m_discovery->warnings();
        m_out.result.error = m_discovery->fault();
        if (!m_out.result.error.empty() && m_out.result.status != CheckStatus::postponed)
            m_out.result.status = CheckStatus::failed;
    }
    std::string().swap(response.body);
    m_out.result.entries = static_cast<int>(m_feed.entries.size());
    if (m_out.result.status == CheckStatus::failed) m_out.result.method = "all_failed";
    if (m_out.result.status != CheckStatus::ok) return {};
    m_keys = keys_of(m_feed);
    if (m_options.ignore_known) return {plan(Known(m_keys.size()))};
    return {{}, Next::find};
}

// What every answer adds, whatever it is.
void Check::note(const Ask& ask, net::Response& response) {
    m_out.result.bytes += static_cast<std::int64_t>(response.body.size());
    if (response.retry_after && (response.status == 429 || response.status == 503))
        m_holds[net::host_of(response.url)] = *response.retry_after;
    if (m_has_first || ask.is_page) return;
    m_has_first = true;
    m_first = without_body(response);
    m_out.result.http_status = response.status;
    m_out.result.duration = response.duration;
    if (response.failure == net::Failure::held)
        m_out.result.status = CheckStatus::postponed, m_out.result.error = response.error;
}

void Check::accept_feed(const net::Response& response) {
    auto& result = m_out.result;
    if (result.status == CheckStatus::postponed) return;
    if (response.error.empty() && response.status == 304) {
        result.status = CheckStatus::not_modified;
    } else if (is_same_body(response)) {
        // The server knows no conditional requests; nothing of it needs to be read again.
        result.status = CheckStatus::not_modified;
    } else if (result.error = read_feed(response, m_feed); !result.error.empty()) {
        result.status = CheckStatus::failed;
    }
}

bool Check::is_same_body(const net::Response& response) {
    if (response.status != 200 || !response.error.empty()) return false;
    m_body_hash = hash_of(response.body);
    return m_body_hash == m_claim.state.body_hash && !m_options.ignore_known;
}

void Check::accept_list(const Ask& ask, const net::Response& response) {
    m_discovery->take(ask.url, {response.body, response.content_type, net::document_url(response),
                                net::find_fault(response)});
}

Check::Step Check::triage(const Known& known) { return settle({plan(known)}); }

std::vector<Ask> Check::plan(const Known& known) {
    m_judgement = judge(m_feed, m_keys, known, m_now,
                        {m_has_feed, m_options.pages || !m_has_feed, m_has_feed ? &m_filter : nullptr});
    if (m_discovery)
        for (const auto& [reason, count] : m_discovery->filtered()) m_judgement.filtered[reason] += count;
    return plan_pages();
}

Check::Known Check::find_known(db::Transaction& tx) const {
    std::vector<store::EntryKey> keys;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        keys.push_back({m_keys[i].entry, m_keys[i].link});
        urls.push_back(article_url(m_feed.entries[i]));
    }
    auto seen = store::find_seen(tx, source().id, keys);
    const auto has_article = store::find_known_urls(tx, urls);
    Known known(m_keys.size());
    for (std::size_t i = 0; i < m_keys.size(); ++i) known[i] = {std::move(seen[i]), has_article[i]};
    return known;
}

std::vector<Ask> Check::plan_pages() {
    std::vector<Ask> asks;
    if (!m_options.pages) return asks;
    for (auto& url : m_pages.plan(m_feed, m_judgement))
        asks.push_back({std::move(url), net::Accept::page, {}, true, true});
    return asks;
}

void Check::cut_short() {
    m_pages.cut_short();
    m_open = 0;
}

void Check::finish() {
    auto& result = m_out.result;
    m_out.pages = m_pages.read(), m_out.pages_failed = m_pages.failed();
    result.duplicate = m_judgement.duplicate;
    result.filtered = m_judgement.filtered;
    std::ranges::copy(m_feed.warnings, std::back_inserter(m_out.warnings));
    std::ranges::copy(m_pages.warnings(), std::back_inserter(m_out.warnings));
    if (m_options.explain) report();
    if (m_options.dry_run || result.status == CheckStatus::postponed) return;
    const auto next = next_check();
    result.next_check = m_now + next.in;
    m_record = make_record(next);
}

Outcome Check::record(db::Database& database) {
    auto& result = m_out.result;
    if (m_options.dry_run)
        result.inserted = static_cast<int>(std::ranges::count_if(
            m_judgement.drafts, [&](const Draft& draft) { return !draft.is_out && !draft.article_id; }));
    else if (result.status == CheckStatus::postponed)
        postpone(database);
    else
        write(database);
    return std::move(m_out);
}

Outcome Check::defer(const std::string& reason) {
    m_out.result.status = CheckStatus::postponed;
    m_out.result.error = reason;
    m_out.result.next_check = m_now;
    m_out.pages = m_out.pages_failed = 0;
    return std::move(m_out);
}

NextCheck Check::next_check() const {
    const auto& result = m_out.result;
    ScheduleInput input;
    input.check_frequency = std::chrono::seconds{source().check_frequency_s};
    if (m_feed.ttl_minutes) input.feed_asks = std::chrono::minutes{*m_feed.ttl_minutes};
    input.fresh_for = m_first.fresh_for;
    input.retry_after = m_first.retry_after;
    if (result.status == CheckStatus::failed)
        input.failures = source().consecutive_failures + 1, input.error = result.error;
    // The token is drawn by lot anyway.
    const auto digits = m_claim.token.substr(0, 8);
    input.lot =
        digits.empty() ? 0 : static_cast<double>(std::strtoul(digits.c_str(), nullptr, 16)) / 4294967296.0;
    return schedule(input);
}

// Validators and the body's hash are kept only for a document that was read to its end, with all that it led
// to: of any other the rest would never be asked for again.
bool Check::is_whole() const {
    return m_has_feed && m_first.status == 200 && m_out.result.status != CheckStatus::failed &&
           !m_feed.truncated && !m_pages.is_pending();
}

store::CheckRecord Check::make_record(const NextCheck& next) {
    const auto& result = m_out.result;
    store::CheckRecord record;
    record.source_id = source().id;
    record.lease_token = m_claim.token;
    record.success = result.status != CheckStatus::failed;
    record.method = result.method;
    record.error = result.error;
    record.response_time_s = static_cast<double>(m_first.duration.count()) / 1e6;
    record.articles_found = result.entries;
    record.metadata_json = metadata();
    if (m_has_feed) record.feed_url = *source().rss_url;
    if (is_whole()) {
        record.validators = Validators{*source().rss_url, m_first.etag, m_first.last_modified};
        record.body_hash = m_body_hash;
    } else if (m_pages.is_pending() && m_has_feed) {
        record.validators = Validators{*source().rss_url, {}, {}};
        record.body_hash = std::string();
    }
    record.next_check_in = next.in;
    record.wait_reason = next.reason;
    // A 304 from there says as much: its validators came with a body that was read.
    if (m_has_feed && result.status != CheckStatus::failed && !m_first.permanent_url.empty())
        record.moved_to = m_first.permanent_url;
    record.gone = m_has_feed && m_first.status == 410;
    for (auto& draft : pick_drafts()) {
        if (draft.article_id) {
            record.updates.push_back({*draft.article_id, std::move(*draft.built.article)});
        } else {
            m_judgement.seen.at(draft.seen).candidate = record.articles.size();
            record.articles.push_back(std::move(*draft.built.article));
        }
    }
    record.seen = std::move(m_judgement.seen);
    return record;
}

// Those that are to be stored, newest first: the pages have told more dates.
std::vector<Draft> Check::pick_drafts() {
    auto drafts = std::move(m_judgement.drafts);
    std::erase_if(drafts, [](const Draft& draft) { return draft.is_out || !draft.built.article; });
    std::ranges::stable_sort(drafts, std::greater{},
                             [](const Draft& draft) { return draft.built.article->published_at; });
    if (m_options.intelligence != nullptr)
        for (auto& draft : drafts) m_options.intelligence->read(*draft.built.article, m_schema.generation);
    for (auto& draft : drafts) {
        auto& article = *draft.built.article;
        article.words = search::find_article_words(article.title, article.content);
    }
    return drafts;
}

// What the check saw, for source_checks: the reasons why entries are not there, and what had to be repaired.
std::string Check::metadata() const {
    constexpr std::size_t most_warnings = 20, longest_warning = 300;
    const auto& result = m_out.result;
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("http_status", result.http_status).member("bytes", result.bytes);
    json.member("attempts", m_first.attempts).member("duplicate", result.duplicate);
    json.member("pages", m_pages.read())
        .member("pages_failed", m_pages.failed())
        .key("filtered")
        .begin_object();
    for (const auto& [reason, count] : result.filtered) json.member(reason, count);
    json.end_object().key("warnings").begin_array();
    for (std::size_t i = 0; i < std::min(m_out.warnings.size(), most_warnings); ++i)
        json.value(printable(head_code_points(m_out.warnings[i], longest_warning)));
    json.end_array().end_object();
    return out;
}

void Check::write(db::Database& database) {
    store::Recorded recorded, first;
    db::with_retry(database, [&](db::Transaction& tx) {
        recorded = store::record_check(tx, m_schema, m_record);
        for (const auto& [host, hold] : m_holds) store::hold_host(tx, host, hold);
        if (recorded.repeated || recorded.fenced) return;
        first = recorded; // Committed perhaps, though the answer is lost.
        store::add_counters(tx, count_check(m_first, m_out.result, m_record, recorded));
    });
    m_out.taken_over = recorded.fenced;
    if (!recorded.fenced) count(recorded.repeated ? first : recorded);
}

void Check::postpone(db::Database& database) {
    const auto in = std::min(m_first.retry_after.value_or(std::chrono::seconds{60}), k_longest_wait);
    m_out.result.next_check = m_now + in;
    bool kept = false;
    db::with_retry(database, [&](db::Transaction& tx) {
        kept = store::postpone(tx, source().id, m_claim.token, in, m_out.result.error);
    });
    m_out.taken_over = !kept;
}

void Check::count(const store::Recorded& recorded) {
    auto& result = m_out.result;
    const auto candidates = static_cast<int>(m_record.articles.size()),
               refused = static_cast<int>(recorded.refused.size());
    m_out.written = recorded.written;
    result.inserted = recorded.count;
    result.near_duplicate = recorded.near_duplicate;
    result.updated = recorded.updated;
    result.duplicate +=
        candidates - refused - recorded.count + static_cast<int>(m_record.updates.size()) - recorded.updated;
    if (refused > 0) result.filtered["refused_by_database"] += refused;
    for (const auto& [index, reason] : recorded.refused)
        log::warning("source '{}': an article was refused: {}", result.identifier, reason);
    if (!recorded.moved_to.empty())
        log::notice("source '{}' has moved for good: its address is now {}", result.identifier,
                    printable(recorded.moved_to));
    if (!recorded.disabled_reason.empty())
        log::warning("source '{}' is disabled: {}", result.identifier, recorded.disabled_reason);
}

EntryReport Check::report_of(const Draft& draft) const {
    const auto& seen = m_judgement.seen.at(draft.seen);
    const auto& entry = m_feed.entries.at(draft.entry);
    EntryReport report;
    report.url = article_url(entry), report.title = entry.title;
    report.outcome = !draft.is_out && draft.built.article ? (draft.article_id ? "update" : "new")
                     : seen.reason == "page_missing"      ? "later"
                                                          : "dropped";
    report.reason = draft.page_note.empty() ? seen.reason : draft.page_note;
    report.provenance = draft.built.provenance;
    if (!draft.built.article) return report;
    const auto& article = *draft.built.article;
    report.url = article.url, report.title = article.title, report.published = article.published_at;
    report.authors = article.authors, report.word_count = article.word_count;
    return report;
}

void Check::report() {
    std::map<std::size_t, const Draft*> by_seen;
    for (const auto& draft : m_judgement.drafts) by_seen.emplace(draft.seen, &draft);
    for (const auto& draft : m_judgement.drafts) m_out.entries.push_back(report_of(draft));
    for (std::size_t i = 0; i < m_judgement.seen.size(); ++i) {
        if (by_seen.contains(i)) continue;
        const auto& seen = m_judgement.seen[i];
        const bool is_known = seen.article_id || seen.reason.empty() || seen.reason == "duplicate";
        EntryReport report;
        report.title = seen.label, report.outcome = is_known ? "known" : "dropped",
        report.reason = seen.reason;
        m_out.entries.push_back(std::move(report));
    }
}
}
