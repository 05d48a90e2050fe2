#include "core/collect/process.hpp"

#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/build_article.hpp"
#include "core/collect/count_check.hpp"
#include "core/collect/judge.hpp"
#include "core/collect/schedule.hpp"
#include "core/feed/feed.hpp"
#include "core/net/fault.hpp"
#include "core/net/fetcher.hpp"
#include "core/store/host_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::collect {
namespace {

// Changes with the rules by which entries are judged: a body that was read by older rules is read again.
constexpr std::string_view k_rules = "1";

std::string not_a_feed(const feed::Feed& feed, std::string_view body) {
    constexpr std::ptrdiff_t most_feeds = 3;
    if (trim(body).empty()) return "the answer is empty";
    if (feed.format != "html") return "the answer is not a feed in any known format";
    std::string text = "this is a web page, not a feed";
    const std::vector<std::string> some(feed.feeds.begin(), feed.feeds.begin() + std::min(most_feeds, std::ssize(feed.feeds)));
    return some.empty() ? text : text + "; it announces " + join(some, ", ");
}

// Reads the feed; returns why there is nothing to read, or "".
std::string read_feed(const net::Response& response, feed::Feed& feed) {
    if (auto fault = net::find_fault(response); !fault.empty()) return fault;
    feed = feed::parse(response.body, {.url = net::document_url(response), .content_type = response.content_type});
    return feed.format.empty() || feed.format == "html" ? not_a_feed(feed, response.body) : std::string();
}

std::string hash_of(std::string_view body) { return fmt::format("{}:{}", k_rules, sha256_hex(body)); }

// One source on its way from the answer to the row.
class Process {
public:
    Process(store::Database& database, const store::Schema& schema, Fetched& fetched, Time now, const Intelligence* intelligence)
        : m_database(database), m_schema(schema), m_fetched(fetched), m_response(fetched.response), m_now(now), m_intelligence(intelligence) {}

    Outcome run(bool dry_run) {
        read_answer();
        std::string().swap(m_response.body);
        if (m_result.status == CheckStatus::ok) judge_entries();
        if (!dry_run) read_texts();
        if (!dry_run) return m_response.failure == net::Failure::held ? postpone() : record();
        m_result.inserted = static_cast<int>(m_judgement.articles.size());
        return {std::move(m_result)};
    }

private:
    const Source& source() const { return m_fetched.claim.source; }

    // What the answer says before the database is asked.
    void read_answer() {
        m_result.identifier = source().identifier;
        m_result.http_status = m_response.status;
        m_result.duration = m_response.duration;
        m_result.bytes = static_cast<std::int64_t>(m_response.body.size());
        if (m_response.failure == net::Failure::held) {
            m_result.status = CheckStatus::postponed, m_result.error = m_response.error;
        } else if (m_response.error.empty() && m_response.status == 304) {
            m_result.status = CheckStatus::not_modified;
        } else if (is_same_body()) {
            // The server knows no conditional requests; nothing of it needs to be read again.
            m_result.status = CheckStatus::not_modified;
        } else if (m_result.error = read_feed(m_response, m_feed); !m_result.error.empty()) {
            m_result.status = CheckStatus::failed, m_result.method = "all_failed";
        }
        m_result.entries = static_cast<int>(m_feed.entries.size());
    }

    bool is_same_body() {
        if (m_response.status != 200 || !m_response.error.empty()) return false;
        m_body_hash = hash_of(m_response.body);
        return m_body_hash == m_fetched.claim.state.body_hash;
    }

    // The database is asked in a transaction of its own, so that none is open while texts are cleaned and hashed.
    void judge_entries() {
        const auto keys = keys_of(m_feed);
        std::vector<KnownEntry> known;
        store::with_retry(m_database, [&](store::Transaction& tx) { known = find_known(tx, keys); });
        m_judgement = judge(m_feed, keys, known, m_now);
        m_feed.entries = {}; // Their texts are in the articles now.
        m_result.duplicate = m_judgement.duplicate;
        m_result.filtered = m_judgement.filtered;
    }

    void read_texts() {
        if (m_intelligence == nullptr) return;
        for (auto& article : m_judgement.articles) m_intelligence->read(article, m_schema.generation);
        for (auto& update : m_judgement.updates) m_intelligence->read(update.article, m_schema.generation);
    }

    std::vector<KnownEntry> find_known(store::Transaction& tx, const std::vector<EntryKeys>& keys) const {
        std::vector<store::EntryKey> wanted;
        std::vector<std::string> urls;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            wanted.push_back({keys[i].entry, keys[i].link});
            urls.push_back(article_url(m_feed.entries[i]));
        }
        auto seen = store::find_seen(tx, source().id, wanted);
        const auto has_article = store::find_known_urls(tx, urls);
        std::vector<KnownEntry> known(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) known[i] = {std::move(seen[i]), has_article[i]};
        return known;
    }

    NextCheck next_check() const {
        ScheduleInput input;
        input.check_frequency = std::chrono::seconds{source().check_frequency_s};
        if (m_feed.ttl_minutes) input.feed_asks = std::chrono::minutes{*m_feed.ttl_minutes};
        input.fresh_for = m_response.fresh_for;
        input.retry_after = m_response.retry_after;
        if (m_result.status == CheckStatus::failed) input.failures = source().consecutive_failures + 1, input.error = m_result.error;
        // The token is drawn by lot anyway.
        const auto digits = m_fetched.claim.token.substr(0, 8);
        input.lot = digits.empty() ? 0 : static_cast<double>(std::strtoul(digits.c_str(), nullptr, 16)) / 4294967296.0;
        return schedule(input);
    }

    // Validators and the body's hash are kept only for a document that was read to its end: of a cut one the rest would never be
    // asked for again.
    bool is_whole() const { return m_response.status == 200 && m_result.status != CheckStatus::failed && !m_feed.truncated; }

    store::CheckRecord make_record(const NextCheck& next) {
        store::CheckRecord record;
        record.source_id = source().id;
        record.lease_token = m_fetched.claim.token;
        record.success = m_result.status != CheckStatus::failed;
        record.method = m_result.method;
        record.error = m_result.error;
        record.response_time_s = static_cast<double>(m_response.duration.count()) / 1e6;
        record.articles_found = m_result.entries;
        record.metadata_json = metadata();
        record.feed_url = *source().rss_url;
        if (is_whole()) {
            record.validators = Validators{*source().rss_url, m_response.etag, m_response.last_modified};
            record.body_hash = m_body_hash;
        }
        record.next_check_in = next.in;
        record.wait_reason = next.reason;
        // A 304 from there says as much: its validators came with a body that was read.
        if (m_result.status != CheckStatus::failed && !m_response.permanent_url.empty()) record.moved_to = m_response.permanent_url;
        record.gone = m_response.status == 410;
        record.articles = std::move(m_judgement.articles);
        record.updates = std::move(m_judgement.updates);
        record.seen = std::move(m_judgement.seen);
        return record;
    }

    // What the check saw, for source_checks: the reasons why entries are not there, and what had to be repaired.
    std::string metadata() const {
        constexpr std::size_t most_warnings = 20, longest_warning = 300;
        std::string out;
        JsonWriter json(out);
        json.begin_object().member("http_status", m_result.http_status).member("bytes", m_result.bytes);
        json.member("attempts", m_response.attempts).member("duplicate", m_result.duplicate).key("filtered").begin_object();
        for (const auto& [reason, count] : m_result.filtered) json.member(reason, count);
        json.end_object().key("warnings").begin_array();
        for (std::size_t i = 0; i < std::min(m_feed.warnings.size(), most_warnings); ++i)
            json.value(printable(head_code_points(m_feed.warnings[i], longest_warning)));
        json.end_array().end_object();
        return out;
    }

    Outcome record() {
        const auto next = next_check();
        m_result.next_check = m_now + next.in;
        const auto record = make_record(next);
        store::Recorded recorded, first;
        store::with_retry(m_database, [&](store::Transaction& tx) {
            recorded = store::record_check(tx, m_schema, record);
            if (m_response.retry_after && is_refusal()) store::hold_host(tx, net::host_of(m_response.url), *m_response.retry_after);
            if (recorded.repeated || recorded.fenced) return;
            first = recorded; // Committed perhaps, though the answer is lost.
            store::add_counters(tx, count_check(m_response, m_result, record, recorded));
        });
        if (recorded.fenced) return {std::move(m_result), true};
        count(recorded.repeated ? first : recorded, record);
        return {std::move(m_result)};
    }

    bool is_refusal() const { return m_response.status == 429 || m_response.status == 503; }

    Outcome postpone() {
        const auto in = std::min(m_response.retry_after.value_or(std::chrono::seconds{60}), k_longest_wait);
        m_result.next_check = m_now + in;
        bool kept = false;
        store::with_retry(m_database, [&](store::Transaction& tx) {
            kept = store::postpone(tx, source().id, m_fetched.claim.token, in, m_result.error);
        });
        return {std::move(m_result), !kept};
    }

    void count(const store::Recorded& recorded, const store::CheckRecord& record) {
        const auto candidates = static_cast<int>(record.articles.size()), refused = static_cast<int>(recorded.refused.size());
        m_result.inserted = recorded.count;
        m_result.near_duplicate = recorded.near_duplicate;
        m_result.updated = recorded.updated;
        m_result.duplicate += candidates - refused - recorded.count + static_cast<int>(record.updates.size()) - recorded.updated;
        if (refused > 0) m_result.filtered["refused_by_database"] += refused;
        for (const auto& [index, reason] : recorded.refused) log::warning("source '{}': an article was refused: {}", m_result.identifier, reason);
        if (!recorded.moved_to.empty()) log::notice("source '{}' has moved for good: its address is now {}", m_result.identifier, printable(recorded.moved_to));
        if (!recorded.disabled_reason.empty()) log::warning("source '{}' is disabled: {}", m_result.identifier, recorded.disabled_reason);
    }

    store::Database& m_database;
    const store::Schema& m_schema;
    const Fetched& m_fetched;
    net::Response& m_response;
    Time m_now;
    const Intelligence* m_intelligence;
    CheckResult m_result;
    feed::Feed m_feed;
    Judgement m_judgement;
    std::string m_body_hash;
};
}

std::string find_fault(const net::Response& response) {
    feed::Feed feed;
    return read_feed(response, feed);
}

Outcome process(store::Database& database, const store::Schema& schema, Fetched& fetched, Time now, bool dry_run, const Intelligence* intelligence) {
    return Process(database, schema, fetched, now, intelligence).run(dry_run);
}
}
