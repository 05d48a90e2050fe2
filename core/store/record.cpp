#include "core/store/record.hpp"

#include "core/base/text.hpp"
#include "core/store/article_insert.hpp"
#include "core/store/columns.hpp"
#include "core/store/locks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr std::size_t k_max_validator = 1000; // A longer one is left out, as half of it would be a lie.
constexpr std::size_t k_max_error = 2000;     // characters

// NO KEY: the web service's inserts of articles refer to this row, and need not wait.
bool lock_source(Transaction& transaction, int id) {
    Params params;
    const auto sql =
        fmt::format("SELECT 1 FROM public.sources WHERE id = {}::int FOR NO KEY UPDATE", params.add(id));
    return !run(transaction, sql, params).empty();
}

void insert_check(Transaction& transaction, const Schema& schema, const CheckRecord& record) {
    constexpr std::size_t max_method = 50; // varchar(50)
    Params params;
    InsertList row("public.source_checks", schema.source_checks, params.add(schema.time_zone));
    const auto set = [&](const char* column, const auto& value) { row.bind(column, params, value); };
    const auto error = std::string(head_code_points(record.error, k_max_error));
    set("source_id", record.source_id);
    set("success", record.success);
    set("method", head_code_points(record.method, max_method));
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
void update_health(Transaction& transaction, const Schema& schema, const CheckRecord& record, bool recount) {
    const auto& table = schema.sources;
    Params params;
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
    set("consecutive_failures", record.success ? "0" : "coalesce(consecutive_failures, 0) + 1");
    if (record.response_time_s > 0)
        set("average_response_time",
            fmt::format("CASE WHEN coalesce(average_response_time, 0) = 0 THEN {0}::float8 "
                        "ELSE (average_response_time + {0}::float8) / 2 END",
                        params.add(record.response_time_s)));
    const auto id = params.add(record.source_id);
    if (recount)
        set("total_articles",
            fmt::format("(SELECT count(*) FROM public.articles a WHERE a.source_id = {}::int{})", id,
                        schema.articles.has("archived") ? " AND a.archived IS NOT TRUE" : ""));
    run(transaction, fmt::format("UPDATE public.sources SET {} WHERE id = {}::int", assignments, id), params);
}

void keep_validators(Transaction& transaction, int source_id, const Validators& validators) {
    const auto fitting = [](const std::string& text) {
        return text.size() <= k_max_validator ? text : std::string();
    };
    Params params;
    const auto id = params.add(source_id), url = params.add(validators.url);
    const auto etag = params.add(fitting(validators.etag)),
               modified = params.add(fitting(validators.last_modified));
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.source_state (source_id, feed_url, etag, last_modified)
        VALUES ({}::int, {}, {}, {})
        ON CONFLICT (source_id) DO UPDATE
        SET feed_url = excluded.feed_url, etag = excluded.etag, last_modified = excluded.last_modified, updated_at = now())sql",
                    id, url, etag, modified),
        params);
}
}

void take_turn(Transaction& transaction) { run(transaction, "SELECT pg_advisory_xact_lock(6582889002)"); }

std::vector<bool> find_known_urls(Transaction& transaction, const std::vector<std::string>& urls) {
    std::vector<bool> known(urls.size(), false);
    if (urls.empty()) return known;
    TextArray array;
    for (const auto& url : urls) array.add(url);
    Params params;
    const auto sql = fmt::format(R"sql(
        SELECT u.position
        FROM unnest({}::text[]) WITH ORDINALITY AS u (url, position)
        WHERE EXISTS (SELECT 1 FROM public.articles a WHERE a.canonical_url = u.url))sql",
                                 params.add(array.finish()));
    for (const auto& row : run(transaction, sql, params)) known.at(number<std::size_t>(row[0]) - 1) = true;
    return known;
}

Recorded record_check(Transaction& transaction, const Schema& schema, const CheckRecord& record) {
    take_turn(transaction);
    if (!lock_source(transaction, record.source_id)) {
        Recorded nothing;
        nothing.inserted.resize(record.articles.size(), false);
        for (std::size_t i = 0; i < record.articles.size(); ++i)
            nothing.refused.emplace_back(i, "the source has been deleted meanwhile");
        return nothing;
    }
    auto recorded = insert_articles(transaction, schema, record.source_id, record.articles);
    insert_check(transaction, schema, record);
    update_health(transaction, schema, record, recorded.count > 0);
    if (record.validators) keep_validators(transaction, record.source_id, *record.validators);
    return recorded;
}
}
