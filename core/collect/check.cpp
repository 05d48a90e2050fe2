#include "core/collect/check.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/shown_url.hpp"
#include "core/base/text.hpp"
#include "core/collect/count_check.hpp"
#include "core/net/fault.hpp"
#include "core/net/fetcher.hpp"
#include "core/net/gate.hpp"
#include "core/pipeline/step.hpp"
#include "core/store/own/host_state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::collect {
namespace {

constexpr const char* k_accept_page = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5";

// Without its body, which may have 10 MiB.
net::Response head_of(net::Response& response) {
    auto body = std::exchange(response.body, {});
    auto head = response;
    response.body = std::move(body);
    return head;
}

std::string unknown_kind(const Source& source, std::span<const source::Kind> kinds) {
    std::vector<std::string> names;
    for (const auto& kind : kinds) names.emplace_back(kind.name);
    return fmt::format("its config.kind is '{}', and cti knows {}",
                       printable(sources::read_kind(source.config_json)), join(names, ", "));
}
}

Check::Check(const db::Schema& schema, store::Claim claim, const CheckOptions& options, Time now)
    : m_schema(schema), m_claim(std::move(claim)), m_options(options), m_now(now),
      m_settings(sources::read_page_settings(source().config_json)),
      m_filter(m_settings.allow, m_settings.post_url_regex),
      m_kind(source::find_kind(source(), options.kinds)), m_logins(source(), options.secrets.get()),
      m_wanted(rules_of_entries()), m_pages(m_settings, options_of_article(), now) {
    m_out.result.identifier = source().identifier;
    if (m_kind == nullptr) return;
    // What was deleted is only found in a document that is read, changed or not.
    const bool is_anew = options.deleted == store::DeletedArticles::come_back;
    m_reader =
        m_kind->make_reader({source(), m_settings, is_anew ? "" : m_claim.state.cursor, now, options.pages});
    m_out.result.method = method_of(*m_kind);
}

// Why nothing can be asked for, or "".
std::string Check::find_fault() const {
    if (m_kind == nullptr) return unknown_kind(source(), m_options.kinds);
    return m_reader ? m_logins.fault() : "it has no address of its kind";
}

Check::Step Check::begin() {
    auto& result = m_out.result;
    if (auto fault = find_fault(); !fault.empty()) {
        result.status = CheckStatus::failed, result.error = std::move(fault);
        return {{}, Next::record};
    }
    if (!m_kind->has_only_links) m_out.warnings = m_filter.warnings();
    std::ranges::copy(m_wanted.warnings(), std::back_inserter(m_out.warnings));
    auto asks = as_list_asks(m_reader->begin());
    if (!asks.empty()) return settle({std::move(asks)});
    result.status = CheckStatus::failed, result.error = m_reader->finish().fault;
    return {{}, Next::record};
}

std::vector<Ask> Check::as_list_asks(std::vector<source::Ask> asks) {
    std::vector<Ask> out;
    for (auto& ask : asks) out.push_back({std::move(ask), false});
    return out;
}

Check::Step Check::accept(const Ask& ask, net::Response response) {
    --m_open;
    note(ask, response);
    return settle(read(ask, response));
}

Check::Step Check::settle(Step step) {
    for (auto& ask : step.asks) m_logins.add_to(ask.document.request);
    m_open += step.asks.size();
    if (step.next == Next::wait && m_open == 0) step.next = Next::record;
    return step;
}

// What the document leads to.
Check::Step Check::read(const Ask& ask, net::Response& response) {
    if (ask.is_page) {
        m_pages.accept_page(ask.document.request.url, response);
        return {};
    }
    auto more = as_list_asks(m_reader->accept_answer(ask.document, response));
    std::string().swap(response.body);
    if (!more.empty() || m_open > 0) return {std::move(more)};
    m_found = m_reader->finish();
    return select_entries();
}

// All lists have come.
Check::Step Check::select_entries() {
    auto& result = m_out.result;
    if (!m_found.fault.empty()) result.error = m_found.fault;
    if (result.status != CheckStatus::postponed)
        result.status = !m_found.fault.empty() ? CheckStatus::failed
                        : m_found.is_unchanged ? CheckStatus::not_modified
                                               : CheckStatus::ok;
    result.entries = static_cast<int>(m_found.feed.entries.size());
    if (result.status == CheckStatus::failed) result.method = CheckMethod::all_failed;
    if (result.status != CheckStatus::ok) return {};
    if (m_found.read_as != nullptr) {
        result.method = method_of(*m_found.read_as);
        m_pages.set_article_options(options_of_article());
    }
    m_is_shared = kind_of_entries().has_only_links ? std::vector<bool>(m_found.feed.entries.size(), false)
                                                   : separate_shared_links(m_found.feed);
    m_keys = keys_of(m_found.feed, m_is_shared);
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
    m_first = head_of(response);
    m_out.address = shown_url(ask.document.request.url);
    m_out.result.http_status = response.status;
    m_out.result.duration = response.duration;
    if (response.failure == net::Failure::held)
        m_out.result.status = CheckStatus::postponed, m_out.result.error = response.error;
}

Check::Step Check::triage(const Known& known) { return settle({plan(known)}); }

std::vector<Ask> Check::plan(Known known) {
    adopt_links(known);
    separate_newcomers(known);
    const bool are_links = kind_of_entries().has_only_links;
    TriageOptions options;
    options.article = options_of_article();
    options.has_pages = m_options.pages || are_links;
    options.filter = are_links ? nullptr : &m_filter;
    options.wanted = are_links ? nullptr : &m_wanted;
    m_triage = triage_entries(m_found.feed, m_keys, known, m_now, options);
    for (const auto& [reason, count] : m_found.filtered) m_triage.filtered[reason] += count;
    for (auto& draft : m_triage.drafts) draft.has_own_page = !m_is_shared.at(draft.entry);
    return plan_pages();
}

Check::Known Check::find_known(db::Transaction& tx) const {
    std::vector<store::EntryKey> keys;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        keys.push_back({m_keys[i].entry, m_keys[i].link});
        urls.push_back(article_url(m_found.feed.entries[i]));
    }
    auto seen = store::find_seen(tx, source().id, keys, m_options.deleted);
    const auto holders = store::find_known_urls(tx, urls);
    Known known(m_keys.size());
    for (std::size_t i = 0; i < m_keys.size(); ++i) known[i] = {std::move(seen[i]), holders[i]};
    add_dates(tx, known);
    return known;
}

std::vector<Ask> Check::plan_pages() {
    std::vector<Ask> asks;
    if (!m_options.pages) return asks;
    for (auto& url : m_pages.plan(m_found.feed, m_triage)) {
        Ask ask{{{}, true}, true};
        ask.document.request.url = std::move(url);
        ask.document.request.accept = k_accept_page;
        asks.push_back(std::move(ask));
    }
    return asks;
}

void Check::cut_short() {
    m_pages.cut_short();
    m_open = 0;
}

void Check::finish() {
    auto& result = m_out.result;
    drop_unwanted();
    m_out.pages = m_pages.read(), m_out.pages_failed = m_pages.failed();
    result.duplicate = m_triage.duplicate;
    result.filtered = m_triage.filtered;
    std::ranges::copy(m_found.feed.warnings, std::back_inserter(m_out.warnings));
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
            m_triage.drafts, [&](const ArticleDraft& draft) { return !draft.is_out && !draft.article_id; }));
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
    if (m_found.feed.ttl_minutes) input.feed_asks = std::chrono::minutes{*m_found.feed.ttl_minutes};
    input.fresh_for = m_first.fresh_for;
    input.retry_after = m_first.retry_after;
    if (result.status == CheckStatus::failed)
        input.failures = m_options.by_hand ? std::max(source().consecutive_failures, 1)
                                           : source().consecutive_failures + 1,
        input.error = result.error;
    // The token is drawn at random anyway.
    const auto digits = m_claim.token.substr(0, 8);
    input.jitter =
        digits.empty() ? 0 : static_cast<double>(std::strtoul(digits.c_str(), nullptr, 16)) / 4294967296.0;
    return schedule(input);
}

// Where the next check begins: after a document that was read to its end, with all that it led to. Of any
// other the rest would never be asked for again, so that the next check begins anew.
std::optional<std::string> Check::next_cursor() const {
    if (m_out.result.status == CheckStatus::failed) return m_found.unfinished_cursor;
    return m_pages.is_pending() && m_found.cursor ? m_found.unfinished_cursor.value_or("") : m_found.cursor;
}

store::CheckRecord Check::make_record(const NextCheck& next) {
    const auto& result = m_out.result;
    store::CheckRecord record;
    record.source_id = source().id;
    record.lease_token = m_claim.token;
    record.success = result.status != CheckStatus::failed;
    record.by_hand = m_options.by_hand;
    record.method = result.method;
    record.error = result.error;
    record.response_time_s = static_cast<double>(m_first.duration.count()) / 1e6;
    record.articles_found = result.entries;
    record.metadata_json = metadata();
    record.feed_url = source().rss_url.value_or("");
    record.cursor = next_cursor();
    record.next_check_in = next.in;
    record.wait_reason = next.reason;
    if (result.status != CheckStatus::failed && !m_found.moved_to.empty()) record.moved_to = m_found.moved_to;
    record.gone = m_found.is_gone;
    record.deleted = m_options.deleted;
    for (auto& draft : pick_drafts()) {
        m_triage.seen.at(draft.seen).text_key = store::make_text_key(draft.built.article->hashes[0]);
        if (draft.article_id) {
            record.updates.push_back({*draft.article_id, std::move(*draft.built.article)});
        } else {
            m_triage.seen.at(draft.seen).candidate = record.articles.size();
            record.articles.push_back(std::move(*draft.built.article));
        }
    }
    record.seen = std::move(m_triage.seen);
    return record;
}

// Those that are to be stored, newest first: the pages have told more dates.
std::vector<ArticleDraft> Check::pick_drafts() {
    auto drafts = std::move(m_triage.drafts);
    std::erase_if(drafts, [](const ArticleDraft& draft) { return draft.is_out || !draft.built.article; });
    std::ranges::stable_sort(drafts, std::greater{},
                             [](const ArticleDraft& draft) { return draft.built.article->published_at; });
    const pipeline::StepTools tools{m_options.intelligence.get(),
                                    m_schema.generation == Generation::web_2025};
    for (auto& draft : drafts) {
        add_hashes(*draft.built.article);
        pipeline::run_steps(tools, *draft.built.article);
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
    for (const auto& [reason, count] : result.filtered) json.member(reason.name(), count);
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
    const auto in = std::min(m_first.retry_after.value_or(std::chrono::seconds{60}), k_max_wait);
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
    result.duplicate += candidates - refused - recorded.deleted - recorded.count +
                        static_cast<int>(m_record.updates.size()) - recorded.updated;
    if (recorded.deleted > 0) result.filtered[DropReason::deleted] += recorded.deleted;
    if (refused > 0) result.filtered[DropReason::refused_by_database] += refused;
    for (const auto& [index, reason] : recorded.refused)
        log::warning("source '{}': an article was refused: {}", result.identifier, reason);
    if (!recorded.moved_to.empty())
        log::notice("source '{}' has moved for good: its address is now {}", result.identifier,
                    printable(recorded.moved_to));
    if (!recorded.disabled_reason.empty())
        log::warning("source '{}' is disabled: {}", result.identifier, recorded.disabled_reason);
}

EntryReport Check::report_of(const ArticleDraft& draft) const {
    const auto& seen = m_triage.seen.at(draft.seen);
    const auto& entry = m_found.feed.entries.at(draft.entry);
    EntryReport report;
    report.url = article_url(entry), report.title = entry.title;
    const bool is_stored = !draft.is_out && draft.built.article;
    report.outcome = is_stored && draft.article_id             ? EntryOutcome::updated
                     : is_stored                               ? EntryOutcome::added
                     : seen.reason == DropReason::page_missing ? EntryOutcome::later
                                                               : EntryOutcome::dropped;
    report.reason = draft.page_note.empty() ? seen.reason.name() : draft.page_note;
    report.provenance = draft.built.provenance;
    if (!draft.built.article) return report;
    const auto& article = *draft.built.article;
    report.url = article.url, report.title = article.title, report.published = article.published_at;
    report.authors = article.authors, report.word_count = article.word_count;
    return report;
}

void Check::report() {
    std::map<std::size_t, const ArticleDraft*> by_seen;
    for (const auto& draft : m_triage.drafts) by_seen.emplace(draft.seen, &draft);
    for (const auto& draft : m_triage.drafts) m_out.entries.push_back(report_of(draft));
    for (std::size_t i = 0; i < m_triage.seen.size(); ++i) {
        if (by_seen.contains(i)) continue;
        const auto& seen = m_triage.seen[i];
        const bool is_known = (seen.article_id && seen.reason != DropReason::deleted) ||
                              seen.reason == DropReason::none || seen.reason == DropReason::duplicate;
        EntryReport report;
        report.title = seen.label, report.outcome = is_known ? EntryOutcome::known : EntryOutcome::dropped,
        report.reason = seen.reason.name();
        m_out.entries.push_back(std::move(report));
    }
}
}
