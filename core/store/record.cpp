#include "core/store/record.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/store/own/derived.hpp"
#include "core/store/own/locks.hpp"
#include "core/store/own/source_state_row.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_insert.hpp"
#include "core/store/web/article_update.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

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

// For the entries whose candidate was there already: which article it is.
std::unordered_map<std::size_t, int> find_holders(db::Transaction& transaction,
                                                  const std::vector<Article>& articles,
                                                  const std::vector<std::size_t>& candidates) {
    std::unordered_map<std::size_t, int> holders;
    if (candidates.empty()) return holders;
    db::TextArray positions, urls, hashes[3];
    for (const auto i : candidates) {
        positions.add(std::to_string(i));
        urls.add(articles[i].url);
        for (std::size_t n = 0; n < 3; ++n) hashes[n].add(articles[i].hashes[n]);
    }
    db::Params params;
    const auto position = params.add(positions.finish()), url = params.add(urls.finish());
    const auto hash0 = params.add(hashes[0].finish()), hash1 = params.add(hashes[1].finish()),
               hash2 = params.add(hashes[2].finish());
    const auto sql = fmt::format(R"sql(
        SELECT c.position,
               coalesce((SELECT a.id FROM public.articles a WHERE a.canonical_url = c.url LIMIT 1),
                        (SELECT a.id FROM public.articles a WHERE a.content_hash IN (c.hash0, c.hash1, c.hash2) LIMIT 1))
        FROM unnest({}::text[], {}::text[], {}::text[], {}::text[], {}::text[]) AS c (position, url, hash0, hash1, hash2))sql",
                                 position, url, hash0, hash1, hash2);
    for (const auto& row : run(transaction, sql, params))
        if (const auto id = maybe_number<int>(row[1])) holders.emplace(number<std::size_t>(row[0]), *id);
    return holders;
}

// Candidates that are articles which somebody has deleted, and which nobody has stored since: with the ids
// that they had.
Deleted find_deleted_candidates(db::Transaction& transaction, const CheckRecord& record) {
    if (record.deleted == DeletedArticles::come_back) return {};
    std::vector<ArticleMarks> marks;
    for (const auto& entry : record.seen) {
        if (!entry.candidate) continue;
        auto& mark = marks.emplace_back(ArticleMarks{*entry.candidate, entry.link_key, {}});
        for (const auto& hash : record.articles.at(*entry.candidate).hashes)
            if (const auto key = make_text_key(hash)) mark.text_keys.push_back(*key);
    }
    if (marks.empty()) return {};
    auto deleted = find_deleted(transaction, marks);
    std::vector<std::size_t> candidates;
    for (const auto& [candidate, id] : deleted) candidates.push_back(candidate);
    for (const auto& [candidate, id] : find_holders(transaction, record.articles, candidates))
        deleted.erase(candidate);
    return deleted;
}

// Entries with a candidate learn what became of it.
std::vector<SeenEntry> with_articles(db::Transaction& transaction, const CheckRecord& record,
                                     const InsertedArticles& inserted, const Deleted& deleted) {
    std::vector<bool> is_refused(record.articles.size(), false);
    for (const auto& [candidate, why] : inserted.refused) is_refused.at(candidate) = true;
    std::vector<std::size_t> there_already;
    for (const auto& entry : record.seen)
        if (entry.candidate && !inserted.ids.at(*entry.candidate) && !is_refused.at(*entry.candidate) &&
            !deleted.contains(*entry.candidate))
            there_already.push_back(*entry.candidate);
    const auto holders = find_holders(transaction, record.articles, there_already);

    std::vector<SeenEntry> entries;
    for (auto entry : record.seen) {
        if (entry.candidate) {
            if (is_refused.at(*entry.candidate)) continue;
            const auto id = inserted.ids.at(*entry.candidate);
            const auto holder = holders.find(*entry.candidate);
            entry.reason = id ? DropReason::none : DropReason::duplicate;
            entry.article_id = id ? std::optional(id) : std::nullopt;
            if (holder != holders.end()) entry.article_id = holder->second;
            if (const auto gone = deleted.find(*entry.candidate); gone != deleted.end())
                entry.reason = DropReason::deleted, entry.article_id = gone->second;
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

Recorded make_deleted(const CheckRecord& record) {
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

// Articles, and what was made of them.
InsertedArticles write_articles(db::Transaction& transaction, const db::Schema& schema,
                                const CheckRecord& record, const std::vector<ArticleUpdate>& updates,
                                const Deleted& deleted, Recorded& recorded) {
    auto inserted = insert_articles(transaction, schema, record.source_id, record.articles, deleted);
    std::vector<DerivedArticle> fresh, changed;
    for (std::size_t i = 0; i < inserted.ids.size(); ++i) {
        recorded.inserted.push_back(inserted.ids[i] != 0);
        if (inserted.ids[i]) fresh.push_back({inserted.ids[i], &record.articles[i]});
    }
    const auto updated = update_articles(transaction, schema, updates);
    for (const auto& update : updates)
        if (std::ranges::find(updated, update.article_id) != updated.end())
            changed.push_back({update.article_id, &update.article});
    recorded.near_duplicate = write_derived(transaction, schema, fresh, changed);
    recorded.count = static_cast<int>(fresh.size());
    recorded.deleted = static_cast<int>(deleted.size());
    recorded.updated = static_cast<int>(updated.size());
    for (const auto& article : fresh) recorded.written.push_back(article.article_id);
    recorded.written.insert(recorded.written.end(), updated.begin(), updated.end());
    recorded.refused = inserted.refused;
    return inserted;
}

// The last lock of those that others wait for: what only looks comes before it.
void lock_keys(db::Transaction& transaction, const std::vector<Article>& articles,
               const std::vector<ArticleUpdate>& updates) {
    std::vector<std::string> keys;
    const auto add = [&](const Article& article) {
        keys.push_back(article.url);
        keys.insert(keys.end(), article.hashes.begin(), article.hashes.end());
    };
    for (const auto& article : articles) add(article);
    for (const auto& update : updates) add(update.article);
    lock_article_keys(transaction, std::move(keys));
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
    const auto deleted = find_deleted_candidates(transaction, record);
    const auto inserted = write_articles(transaction, schema, record, updates, deleted, recorded);
    remember_seen(transaction, record.source_id, with_articles(transaction, record, inserted, deleted));
    update_health(transaction, schema, record, recorded, *source,
                  recorded.count > 0 ? std::optional(before + recorded.count) : std::nullopt);
    keep_state(transaction, record, state, source->check_frequency_s);
    return recorded;
}
}
