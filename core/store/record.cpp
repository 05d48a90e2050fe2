#include "core/store/record.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/store/own/source_state_row.hpp"
#include "core/store/record_articles.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_update.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr std::size_t k_max_error = 2000; // characters

// The row of cti.source_state, locked: the first of a check's locks. Then come the row of public.sources, its
// articles and lock_article_keys(): everybody keeps to this order, so that nobody waits in a circle.
struct LockedState {
    SourceState state;
    std::string lease_token, done_token;
};
std::optional<LockedState> lock_state(db::Transaction& transaction, int source_id) {
    db::Params params;
    const auto sql = fmt::format(
        "SELECT {}, t.lease_token, t.done_token FROM cti.source_state t WHERE t.source_id = {}::int FOR UPDATE",
        state_columns(), params.add(source_id));
    const auto rows = run(transaction, sql, params);
    if (rows.empty()) return std::nullopt;
    const auto row = rows[0];
    return LockedState{read_state(row), text(row[k_state_column_count]), text(row[k_state_column_count + 1])};
}

// Nothing where the source has been deleted.
std::optional<LockedState> lock_or_create_state(db::Transaction& transaction, int source_id) {
    if (auto locked = lock_state(transaction, source_id)) return locked;
    db::Params params;
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.source_state (source_id)
        SELECT DISTINCT id FROM public.sources WHERE id = {}::int
        ON CONFLICT DO NOTHING)sql",
                    params.add(source_id)),
        params);
    return lock_state(transaction, source_id);
}

struct LockedSource {
    std::string rss_url, rss_login; // as in Source
    bool active = false;
    int check_frequency_s = 0;
};
// NO KEY: the web service's inserts of articles refer to this row, and need not wait.
std::optional<LockedSource> lock_source(db::Transaction& transaction, int id) {
    db::Params params;
    const auto rows = run(
        transaction,
        fmt::format(
            "SELECT rss_url, active, check_frequency FROM public.sources WHERE id = {}::int FOR NO KEY UPDATE",
            params.add(id)),
        params);
    if (rows.empty()) return std::nullopt;
    const auto address = view(rows[0][0]);
    return LockedSource{without_userinfo(address), std::string(userinfo_of(address)), flag(rows[0][1]),
                        number<int>(rows[0][2])};
}

// No other check of this source adds to it: the lock of its state is held.
long count_articles(db::Transaction& transaction, const db::Schema& schema, int source_id) {
    db::Params params;
    const auto sql =
        fmt::format("SELECT count(*) FROM public.articles WHERE source_id = {}::int{}", params.add(source_id),
                    schema.articles.has("archived") ? " AND archived IS NOT TRUE" : "");
    return number<long>(run(transaction, sql, params)[0][0]);
}

void insert_check(db::Transaction& transaction, const db::Schema& schema, const CheckRecord& record) {
    db::Params params;
    db::InsertList row("public.source_checks", schema.source_checks, params.add(schema.time_zone));
    const auto set = [&](const char* column, const auto& value) { row.bind(column, params, value); };
    const auto error = std::string(head_code_points(record.error, k_max_error));
    set("source_id", record.source_id);
    set("success", record.success);
    set("method", name_of(record.method));
    set("articles_found", record.articles_found);
    set("response_time", record.response_time_s);
    set("error_message", error.empty() ? std::nullopt : std::optional<std::string>(error));
    set("check_metadata", record.metadata_json);
    row.set_time("check_time", "now()");
    row.fill_required();
    run(transaction,
        fmt::format("INSERT INTO public.source_checks ({})\nSELECT {}", row.names(), row.values()), params);
}

// One UPDATE with the arithmetic in SQL: the web service writes the same counters at the same time.
void update_health(db::Transaction& transaction, const db::Schema& schema, const CheckRecord& record,
                   const Recorded& recorded, const LockedSource& source, std::optional<long> total_articles) {
    const auto& table = schema.sources;
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    std::string assignments;
    const auto set = [&](std::string_view column, const std::string& value) {
        if (table.has(column))
            assignments += fmt::format("{}{} = {}", assignments.empty() ? "" : ", ", column, value);
    };
    const auto now = [&](std::string_view column) {
        const auto found = table.columns.find(column);
        return found == table.columns.end() ? std::string() : as_column_time(found->second, "now()", zone);
    };
    set("last_check", now("last_check"));
    set("updated_at", now("updated_at"));
    if (record.success) set("last_success", now("last_success"));
    set("consecutive_failures", record.success   ? "0"
                                : record.by_hand ? "greatest(consecutive_failures, 1)"
                                                 : "coalesce(consecutive_failures, 0) + 1");
    if (record.response_time_s > 0)
        set("average_response_time",
            fmt::format("CASE WHEN coalesce(average_response_time, 0) = 0 THEN {0}::float8 "
                        "ELSE (average_response_time + {0}::float8) / 2 END",
                        params.add(record.response_time_s)));
    if (total_articles) set("total_articles", params.add(*total_articles) + "::int");
    if (const auto& url = recorded.moved_to; !url.empty())
        set("rss_url",
            params.add(with_userinfo(url, is_same_origin(source.rss_url, url) ? source.rss_login : "")));
    if (!recorded.disabled_reason.empty()) set("active", "false");
    const auto id = params.add(record.source_id);
    run(transaction, fmt::format("UPDATE public.sources SET {} WHERE id = {}::int", assignments, id), params);
}

// The rest of the source's row says how its checks go, and stays.
void update_total(db::Transaction& transaction, const db::Schema& schema, int source_id, long total) {
    const auto updated = schema.sources.columns.find("updated_at");
    db::Params params;
    auto set = fmt::format("total_articles = {}::int", params.add(total));
    if (updated != schema.sources.columns.end())
        set += fmt::format(", updated_at = {}",
                           as_column_time(updated->second, "now()", params.add(schema.time_zone)));
    const auto id = params.add(source_id);
    run(transaction, fmt::format("UPDATE public.sources SET {} WHERE id = {}::int", set, id), params);
}

// What is true of a source after this check. What was remembered of another address is forgotten.
SourceState next_state(const SourceState& before, const CheckRecord& record, const LockedSource& source) {
    SourceState after;
    const auto& url = after.feed_url = record.feed_url.empty() ? source.rss_url : record.feed_url;
    const bool same = before.feed_url == url;
    after.cursor = record.cursor ? *record.cursor : same ? before.cursor : std::string();
    after.wait_reason = head_code_points(record.wait_reason, k_max_error);
    after.disabled_reason = source.active ? std::string() : before.disabled_reason;
    if (record.moved_to && *record.moved_to != url && url_refusal(*record.moved_to).empty()) {
        after.moved_to = *record.moved_to;
        after.moved_seen = same && before.moved_to == after.moved_to ? before.moved_seen + 1 : 1;
    }
    if (record.gone) after.gone_seen = same ? before.gone_seen + 1 : 1;
    return after;
}

// A redirect or a 410 that was seen often enough is believed. Not when the operator has changed the source
// meanwhile.
void believe(SourceState& state, const LockedSource& source, Recorded& recorded) {
    if (state.moved_seen >= k_sightings && state.feed_url == source.rss_url) {
        recorded.moved_to = state.moved_to;
        const auto wait_reason = state.wait_reason;
        state = {};
        state.wait_reason = wait_reason;
    }
    if (state.gone_seen >= k_sightings && source.active) {
        recorded.disabled_reason = state.disabled_reason =
            fmt::format("the server said {} times in a row that the feed is gone (HTTP 410)", k_sightings);
        state.gone_seen = 0;
    }
}

// The lease ends here, unless the check was recorded without one.
constexpr const char* k_no_later =
    "next_check_at = CASE WHEN next_check_at > clock_timestamp() "
    "THEN least(next_check_at, clock_timestamp() + {0}) ELSE clock_timestamp() + {0} END, ";

void keep_state(db::Transaction& transaction, const CheckRecord& record, const SourceState& state,
                int frequency_s) {
    constexpr std::chrono::seconds longest = std::chrono::hours(24 * 366);
    db::Params params;
    std::string set;
    for (const auto& [column, value] : {std::pair{"feed_url", &state.feed_url},
                                        {"cursor", &state.cursor},
                                        {"moved_to", &state.moved_to},
                                        {"wait_reason", &state.wait_reason},
                                        {"disabled_reason", &state.disabled_reason}})
        set += fmt::format("{} = {}, ", column, params.add(*value));
    set += fmt::format("moved_seen = {}::int, gone_seen = {}::int, ", params.add(state.moved_seen),
                       params.add(state.gone_seen));
    set += fmt::format("frequency_s = {}::int, ", params.add(frequency_s));
    const bool keeps_plan = record.by_hand && !record.success;
    set += record.next_check_in
               ? fmt::format(
                     fmt::runtime(keeps_plan ? k_no_later : "next_check_at = clock_timestamp() + {}, "),
                     fmt::format(
                         "make_interval(secs => {}::float8)",
                         params.add(
                             std::clamp(*record.next_check_in, std::chrono::seconds(0), longest).count())))
               : "next_check_at = NULL, ";
    if (!record.lease_token.empty())
        set += "done_token = lease_token, lease_token = NULL, lease_owner = '', lease_until = NULL, ";
    const auto id = params.add(record.source_id);
    run(transaction,
        fmt::format(
            "UPDATE cti.source_state SET {}checked_at = clock_timestamp(), updated_at = now() WHERE source_id = {}::int",
            set, id),
        params);
}

Recorded make_deleted(const ArticleRecord& record) {
    Recorded nothing;
    nothing.inserted.resize(record.articles.size(), false);
    for (std::size_t i = 0; i < record.articles.size(); ++i)
        nothing.refused.emplace_back(i, "the source has been deleted meanwhile");
    return nothing;
}

Recorded make_unwritten(const CheckRecord& record, bool repeated) {
    Recorded nothing;
    nothing.inserted.resize(record.articles.size(), false);
    (repeated ? nothing.repeated : nothing.fenced) = true;
    return nothing;
}

}

std::vector<std::optional<int>> find_known_urls(db::Transaction& transaction,
                                                const std::vector<std::string>& urls) {
    std::vector<std::optional<int>> known(urls.size());
    if (urls.empty()) return known;
    db::TextArray array;
    for (const auto& url : urls) array.add(url);
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT u.position, a.id
        FROM unnest({}::text[]) WITH ORDINALITY AS u (url, position)
        CROSS JOIN LATERAL (SELECT id FROM public.articles WHERE canonical_url = u.url LIMIT 1) AS a)sql",
                                 params.add(array.finish()));
    for (const auto& row : run(transaction, sql, params))
        known.at(number<std::size_t>(row[0]) - 1) = number<int>(row[1]);
    return known;
}

std::map<int, Time> find_published(db::Transaction& transaction, const db::Schema& schema,
                                   const std::vector<int>& article_ids) {
    std::map<int, Time> published;
    if (article_ids.empty()) return published;
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto sql = fmt::format("SELECT id, {} FROM public.articles WHERE id = ANY ({}::int[])",
                                 read_time(schema, schema.articles, "published_at", zone),
                                 params.add(fmt::format("{{{}}}", fmt::join(article_ids, ","))));
    for (const auto& row : run(transaction, sql, params))
        if (const auto time = maybe_time(row[1])) published.emplace(number<int>(row[0]), *time);
    return published;
}

Recorded record_check(db::Transaction& transaction, const db::Schema& schema, const CheckRecord& record) {
    const auto locked = lock_or_create_state(transaction, record.source_id);
    if (!locked) return make_deleted(record);
    if (!record.lease_token.empty() && record.lease_token != locked->lease_token)
        return make_unwritten(record, record.lease_token == locked->done_token);
    const auto source = lock_source(transaction, record.source_id);
    if (!source) return make_deleted(record);
    const auto updates = lock_updates(transaction, schema, record.source_id, record.updates);
    const auto before = record.articles.empty() ? 0 : count_articles(transaction, schema, record.source_id);
    lock_keys(transaction, record.articles, updates);

    Recorded recorded;
    auto state = next_state(locked->state, record, *source);
    believe(state, *source, recorded);
    insert_check(transaction, schema, record);
    record_articles(transaction, schema, record, updates, recorded);
    update_health(transaction, schema, record, recorded, *source,
                  recorded.count > 0 ? std::optional(before + recorded.count) : std::nullopt);
    keep_state(transaction, record, state, source->check_frequency_s);
    return recorded;
}

Recorded record_import(db::Transaction& transaction, const db::Schema& schema, const ArticleRecord& record) {
    if (!lock_or_create_state(transaction, record.source_id)) return make_deleted(record);
    if (!lock_source(transaction, record.source_id)) return make_deleted(record);
    const auto before = count_articles(transaction, schema, record.source_id);
    lock_keys(transaction, record.articles, {});
    Recorded recorded;
    record_articles(transaction, schema, record, {}, recorded);
    if (recorded.count > 0) update_total(transaction, schema, record.source_id, before + recorded.count);
    return recorded;
}
}
