#include "core/store/own/notifications.hpp"

#include "core/store/own/progress.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/score.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
constexpr int k_window = 2000; // newest articles that are looked at

// Articles up to here were there before anybody wanted to hear of new ones.
long read_watermark(db::Transaction& transaction) {
    run(transaction, R"sql(
        INSERT INTO cti.progress (task, version, done_to)
        SELECT 'notify', 1, coalesce(max(id), 0) FROM public.articles
        ON CONFLICT DO NOTHING)sql");
    return read_progress(transaction, {"notify", 1});
}

void end_delivery(db::Transaction& transaction, const std::string& key, const std::string& error,
                  const std::optional<std::chrono::seconds>& wait) {
    db::Params params;
    const auto k = params.add(key), why = params.add(error);
    const auto next =
        wait ? fmt::format("now() + make_interval(secs => {}::float8)", params.add(wait->count()))
             : std::string("NULL");
    run(transaction,
        fmt::format(R"sql(
        UPDATE cti.notifications
        SET next_attempt_at = {2}, error = {1}, delivered_at = CASE WHEN {1} = '' THEN now() END
        WHERE event_key = {0})sql",
                    k, why + "::text", next),
        params);
}
}

long add_events(db::Transaction& transaction, const std::vector<Event>& events) {
    if (events.empty()) return 0;
    db::TextArray keys, payloads;
    for (const auto& event : events) {
        keys.add(event.key);
        payloads.add(event.payload);
    }
    db::Params params;
    const auto k = params.add(keys.finish()), p = params.add(payloads.finish());
    return static_cast<long>(run(transaction,
                                 fmt::format(R"sql(
        INSERT INTO cti.notifications (event_key, payload)
        SELECT e.key, e.payload
        FROM unnest({}::text[], {}::text[]) AS e (key, payload)
        ORDER BY e.key
        ON CONFLICT DO NOTHING)sql",
                                             k, p),
                                 params)
                                 .affected_rows());
}

std::vector<std::string> event_keys(db::Transaction& transaction, const std::string& prefix) {
    db::Params params;
    std::vector<std::string> keys;
    for (const auto& row :
         run(transaction,
             fmt::format("SELECT event_key FROM cti.notifications WHERE starts_with(event_key, {})",
                         params.add(prefix)),
             params))
        keys.push_back(text(row[0]));
    return keys;
}

std::optional<Delivery> claim_delivery(db::Transaction& transaction, std::chrono::seconds lease) {
    db::Params params;
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        UPDATE cti.notifications
        SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => {}::float8)
        WHERE event_key = (SELECT event_key
                           FROM cti.notifications
                           WHERE next_attempt_at <= now()
                           ORDER BY created_at, event_key
                           LIMIT 1
                           FOR UPDATE SKIP LOCKED)
        RETURNING event_key, payload, attempts)sql",
                                      params.add(lease.count())),
                          params);
    if (rows.empty()) return std::nullopt;
    return Delivery{{text(rows[0][0]), text(rows[0][1])}, number<int>(rows[0][2])};
}

void finish_delivery(db::Transaction& transaction, const std::string& key) {
    end_delivery(transaction, key, "", std::nullopt);
}

void fail_delivery(db::Transaction& transaction, const std::string& key, const std::string& error,
                   std::optional<std::chrono::seconds> wait) {
    end_delivery(transaction, key, error, wait);
}

std::vector<ScoredArticle> find_high_scores(db::Transaction& transaction, const db::Schema& schema,
                                            double min_score) {
    std::vector<ScoredArticle> found;
    if (!schema.articles.has("article_metadata")) return found;
    db::Params params;
    const auto after = params.add(read_watermark(transaction));
    const auto sql = fmt::format(R"sql(
        SELECT a.id, coalesce(s.identifier, ''), left(a.title, 300), left(a.canonical_url, 2000), a.article_metadata::text
        FROM (SELECT * FROM public.articles ORDER BY id DESC LIMIT {}) AS a
        LEFT JOIN public.sources s ON s.id = a.source_id
        WHERE a.id > {}::bigint AND position('threat_hunting_score' IN a.article_metadata::text) > 0
        ORDER BY a.id)sql",
                                 k_window, after);
    for (const auto& row : run(transaction, sql, params)) {
        const auto score = read_score(view(row[4]));
        if (score && *score >= min_score)
            found.push_back({number<int>(row[0]), text(row[1]), text(row[2]), text(row[3]), *score});
    }
    return found;
}
}
