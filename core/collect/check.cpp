#include "core/collect/check.hpp"

#include "core/base/log.hpp"
#include "core/base/shown_url.hpp"
#include "core/base/text.hpp"
#include "core/collect/check_record.hpp"
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

std::vector<Ask> as_list_asks(std::vector<source::Ask> asks) {
    std::vector<Ask> out;
    for (auto& ask : asks) out.push_back({std::move(ask), false});
    return out;
}

// The web service looks at titles of feeds only.
bool uses_service_titles(const CheckOptions& options, const source::Kind* kind) {
    return options.has_service_titles && kind != nullptr && !kind->has_only_links;
}
}

Check::Check(const db::Schema& schema, store::Claim claim, const CheckOptions& options, Time now)
    : m_schema(schema), m_claim(std::move(claim)), m_options(options), m_now(now),
      m_settings(sources::read_page_settings(source().config_json)),
      m_kind(source::find_kind(source(), options.kinds)), m_logins(source(), options.secrets.get()),
      m_selection(schema, m_settings, uses_service_titles(options, m_kind)),
      m_pages(m_settings, options_of_article(), now) {
    m_out.result.identifier = source().identifier;
    if (m_kind == nullptr) return;
    // What was deleted is only found in a document that is read, changed or not.
    const bool is_anew = options.deleted == store::DeletedArticles::come_back;
    m_reader =
        m_kind->make_reader({source(), m_settings, is_anew ? "" : m_claim.state.cursor, now, options.pages});
    m_out.result.method = method_of(*m_kind);
}

bool Check::is_2025() const { return m_schema.generation == Generation::web_2025; }

CheckMethod Check::method_of(const source::Kind& kind) const {
    return is_2025() ? kind.method_2025 : kind.method_2026;
}

// Of a source whose kind is known. Another than its own where that had nothing to say.
const source::Kind& Check::kind_of_entries() const {
    return m_found.read_as != nullptr ? *m_found.read_as : *m_kind;
}

// What the kind says of the articles that are made of its entries.
BuildOptions Check::options_of_article() const {
    BuildOptions options;
    if (m_kind == nullptr) return options;
    const auto& kind = kind_of_entries();
    options.is_link = kind.has_only_links, options.extraction_method = kind.extraction_method;
    return options;
}

// Why nothing can be asked for, or "".
std::string Check::find_fault() const {
    if (m_kind == nullptr) return unknown_kind(source(), m_options.kinds);
    return m_reader ? m_logins.fault() : "it has no address of its kind";
}

telemetry::Span Check::begin_database_span(std::string_view name) const {
    telemetry::Span span(name, trace(), telemetry::SpanKind::client);
    span.set("db.system.name", "postgresql");
    span.set("db.operation.name", name);
    return span;
}

Check::Step Check::begin() {
    auto& result = m_out.result;
    if (auto fault = find_fault(); !fault.empty()) {
        result.status = CheckStatus::failed, result.error = std::move(fault);
        return {{}, Next::record};
    }
    m_out.warnings = m_selection.warnings(m_kind->has_only_links);
    auto asks = as_list_asks(m_reader->begin());
    if (!asks.empty()) return settle({std::move(asks)});
    result.status = CheckStatus::failed, result.error = m_reader->finish().fault;
    return {{}, Next::record};
}

Check::Step Check::accept(const Ask& ask, net::Response response) {
    --m_open;
    note(ask, response);
    telemetry::Span span("read document", trace());
    span.set("cti.document.kind", ask.is_page ? "page" : "list");
    span.set("cti.document.size", response.body.size());
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
    m_selection.begin(m_found.feed, {options_of_article(), kind_of_entries().has_only_links, m_options.pages,
                                     m_options.deleted});
    if (m_options.ignore_known) return {plan(Known(m_selection.size()))};
    return {{}, Next::find};
}

// What every answer adds, whatever it is.
void Check::note(const Ask& ask, net::Response& response) {
    m_out.result.bytes += static_cast<std::int64_t>(response.body.size());
    if (response.retry_after && (response.status == 429 || response.status == 503))
        m_holds[net::host_of(response.url)] = *response.retry_after;
    if (m_first || ask.is_page) return;
    m_first = head_of(response);
    m_out.address = shown_url(ask.document.request.url);
    m_out.result.http_status = response.status;
    m_out.result.duration = response.duration;
    if (response.failure == net::Failure::held)
        m_out.result.status = CheckStatus::postponed, m_out.result.error = response.error;
}

Check::Step Check::triage(const Known& known) { return settle({plan(known)}); }

std::vector<Ask> Check::plan(Known known) {
    m_triage = m_selection.triage(std::move(known), m_now);
    for (const auto& [reason, count] : m_found.filtered) m_triage.filtered[reason] += count;
    if (m_options.max_new > 0) m_pages.limit_new(m_triage, m_options.max_new);
    return plan_pages();
}

Check::Known Check::find_known(db::Transaction& transaction) const {
    const auto span = begin_database_span("find known entries");
    return m_selection.find_known(transaction, source().id);
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
    const telemetry::Span span("look through texts", trace());
    m_selection.drop_unwanted(m_triage);
    m_out.pages = m_pages.read(), m_out.pages_failed = m_pages.failed();
    result.duplicate = m_triage.duplicate;
    result.filtered = m_triage.filtered;
    std::ranges::copy(m_found.feed.warnings, std::back_inserter(m_out.warnings));
    std::ranges::copy(m_pages.warnings(), std::back_inserter(m_out.warnings));
    if (m_options.explain) m_out.entries = report_entries(m_found.feed, m_triage);
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
    describe();
    return std::move(m_out);
}

// Of the whole check, for traces.
void Check::describe() {
    if (!m_span.is_recording()) return;
    const auto& result = m_out.result;
    m_span.set("cti.source.id", result.identifier);
    m_span.set("cti.check.status", m_out.taken_over ? "taken_over" : name_of(result.status));
    m_span.set("cti.check.method", name_of(result.method));
    m_span.set("cti.check.entries", result.entries);
    m_span.set("cti.check.inserted", result.inserted);
    if (result.status == CheckStatus::failed)
        m_span.fail(result.http_status >= 400 ? std::to_string(result.http_status) : "failed", result.error);
}

Outcome Check::defer(const std::string& reason) {
    m_out.result.status = CheckStatus::postponed;
    m_out.result.error = reason;
    m_out.result.next_check = m_now;
    m_out.pages = m_out.pages_failed = 0;
    describe();
    return std::move(m_out);
}

// An empty one where none has come.
const net::Response& Check::first_answer() const {
    static const net::Response none;
    return m_first ? *m_first : none;
}

NextCheck Check::next_check() const {
    const auto& result = m_out.result;
    ScheduleInput input;
    input.check_frequency = std::chrono::seconds{source().check_frequency_s};
    if (m_found.feed.ttl_minutes) input.feed_asks = std::chrono::minutes{*m_found.feed.ttl_minutes};
    input.fresh_for = first_answer().fresh_for;
    input.retry_after = first_answer().retry_after;
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
    record.response_time_s = static_cast<double>(first_answer().duration.count()) / 1e6;
    record.articles_found = result.entries;
    record.metadata_json = describe_check(result, first_answer(), m_pages, m_out.warnings);
    record.feed_url = source().rss_url.value_or("");
    record.cursor = next_cursor();
    record.next_check_in = next.in;
    record.wait_reason = next.reason;
    if (result.status != CheckStatus::failed && !m_found.moved_to.empty()) record.moved_to = m_found.moved_to;
    record.gone = m_found.is_gone;
    record.deleted = m_options.deleted;
    add_articles(record, m_triage, {m_options.intelligence.get(), is_2025()});
    return record;
}

void Check::write(db::Database& database) {
    store::Recorded recorded, first;
    const auto span = begin_database_span("record check");
    db::with_retry(database, [&](db::Transaction& tx) {
        recorded = store::record_check(tx, m_schema, m_record);
        for (const auto& [host, hold] : m_holds) store::hold_host(tx, host, hold);
        if (recorded.repeated || recorded.fenced) return;
        first = recorded; // Committed perhaps, though the answer is lost.
        store::add_counters(tx, count_check(first_answer(), m_out.result, m_record, recorded));
    });
    m_out.taken_over = recorded.fenced;
    if (!recorded.fenced) count(recorded.repeated ? first : recorded);
}

void Check::postpone(db::Database& database) {
    const auto in = std::min(first_answer().retry_after.value_or(std::chrono::seconds{60}), k_max_wait);
    m_out.result.next_check = m_now + in;
    bool kept = false;
    const auto span = begin_database_span("postpone source");
    db::with_retry(database, [&](db::Transaction& tx) {
        // Kept by a try whose answer was lost, perhaps.
        kept = store::postpone(tx, source().id, m_claim.token, in, m_out.result.error) || kept;
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
}
