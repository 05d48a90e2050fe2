#include "core/db/time_base.hpp"

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/db/pqxx_impl.hpp"

#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace cti::db {
namespace {
constexpr std::string_view k_naive = "timestamp without time zone";

// Where rows tell who wrote them: cti writes down what it found in each check, the web service nothing.
struct Rows {
    const char *table, *moment, *is_foreign;
};
constexpr Rows k_rows[] = {
    {"source_checks", "check_time", "check_metadata::text = '{}'"},
    {"articles", "discovered_at", "article_metadata::text !~ '\"collector\": ?\"cti/'"},
};

const Table& table_of(const Schema& schema, std::string_view name) {
    return name == "articles"         ? schema.articles
           : name == "sources"        ? schema.sources
           : name == "content_hashes" ? schema.content_hashes
                                      : schema.source_checks;
}

bool is_naive(const Schema& schema, const Rows& rows) {
    const auto& table = table_of(schema, rows.table);
    const auto column = table.columns.find(std::string_view(rows.moment));
    return table.has("id") && column != table.columns.end() && column->second.type == k_naive;
}

struct Newest {
    std::string moment;                               // of the newest foreign row, as it stands there
    std::optional<long> ahead_s;                      // of the server's clock, by cti's zone
    std::optional<long> after_before_s, after_next_s; // of the rows of cti with the ids around it
    std::string zone;                                 // in which it is of the last half hour, ""
};
std::optional<Newest> find_newest(Transaction& transaction, const Rows& rows, const std::string& zone) {
    // Of the newest rows by id, so that a table of years is not read.
    Params params;
    const auto base = params.add(zone);
    const auto sql = fmt::format(R"sql(
        WITH recent AS (
            SELECT id, {1} AS moment, {2} AS is_foreign
            FROM public.{0}
            WHERE {1} IS NOT NULL
            ORDER BY id DESC
            LIMIT 2000
        ), newest AS (
            SELECT id, moment
            FROM recent
            WHERE is_foreign
            ORDER BY id DESC
            LIMIT 1
        )
        SELECT to_char(n.moment, 'YYYY-MM-DD HH24:MI'), extract(epoch FROM (n.moment AT TIME ZONE {3}::text) - now())::bigint,
               extract(epoch FROM n.moment - (SELECT r.moment FROM recent r WHERE NOT r.is_foreign AND r.id < n.id ORDER BY r.id DESC LIMIT 1))::bigint,
               extract(epoch FROM n.moment - (SELECT r.moment FROM recent r WHERE NOT r.is_foreign AND r.id > n.id ORDER BY r.id LIMIT 1))::bigint,
               (SELECT z.name
                FROM (VALUES (1, current_setting('TimeZone')), (2, 'America/New_York'), (3, 'UTC')) AS z (number, name)
                WHERE now() - (n.moment AT TIME ZONE z.name) BETWEEN interval '-5 minutes' AND interval '35 minutes'
                ORDER BY z.number
                LIMIT 1)
        FROM newest n)sql",
                                 rows.table, rows.moment, rows.is_foreign, base);
    const auto found = run(transaction, sql, params);
    if (found.empty()) return {};
    return Newest{text(found[0][0]), maybe_number<long>(found[0][1]), maybe_number<long>(found[0][2]),
                  maybe_number<long>(found[0][3]), maybe_text(found[0][4]).value_or("")};
}

// "5 h ahead of the server's clock", "" where it fits.
std::string misfit_of(const Newest& newest) {
    constexpr long k_slack_s = 5 * 60, k_between_s = 30 * 60;
    const auto hours = [](long seconds) { return format_duration(std::chrono::seconds(std::abs(seconds))); };
    const auto ahead = newest.ahead_s.value_or(0);
    if (ahead > k_slack_s) return hours(ahead) + " ahead of the server's clock";
    if (newest.after_next_s.value_or(0) > k_between_s)
        return hours(*newest.after_next_s) + " later than the row of cti after it";
    if (newest.after_before_s.value_or(0) < -k_between_s)
        return hours(*newest.after_before_s) + " earlier than the row of cti before it";
    if (ahead < -k_between_s && !newest.zone.empty()) return hours(ahead) + " behind the server's clock";
    return {};
}
}

std::optional<Fault> find_zone_fault(Transaction& transaction, const Schema& schema) {
    for (const auto& rows : k_rows) {
        if (!is_naive(schema, rows)) continue;
        const auto newest = find_newest(transaction, rows, schema.time_zone);
        if (!newest) continue;
        const auto misfit = misfit_of(*newest);
        if (misfit.empty()) continue;
        return Fault{
            fmt::format(
                "cti keeps times in {}; the newest row of public.{} that cti did not write says {}, which is {}{}",
                schema.time_zone, rows.table, newest->moment, misfit,
                newest->zone.empty() ? "" : fmt::format(", and of this half hour by {}", newest->zone)),
            fmt::format(
                "Let the web service keep {} (TZ of its containers), or, where only one of both has written rows, "
                "tell cti the service's zone: cti init --time-zone {}.",
                schema.time_zone, newest->zone.empty() ? "ZONE" : newest->zone)};
    }
    return {};
}

namespace {
bool has_rows(Transaction& transaction, bool foreign) {
    for (const auto& rows : k_rows)
        if (!run(transaction, fmt::format("SELECT 1 FROM public.{} WHERE {} ({}) LIMIT 1", rows.table,
                                          foreign ? "" : "NOT", rows.is_foreign))
                 .empty())
            return true;
    return false;
}

void shift(Transaction& transaction, const Schema& schema, const char* name, const std::string& from,
           const std::string& to) {
    Params params;
    const auto old_zone = params.add(from), new_zone = params.add(to);
    std::vector<std::string> settings;
    for (const auto& [column, kind] : table_of(schema, name).columns)
        if (kind.type == k_naive)
            settings.push_back(
                fmt::format("\"{0}\" = (\"{0}\" AT TIME ZONE {1}::text) AT TIME ZONE {2}::text", column,
                            old_zone, new_zone));
    if (!settings.empty())
        run(transaction, fmt::format("UPDATE public.{} SET {}", name, join(settings, ", ")), params);
}
}

void change_zone(Transaction& transaction, const Schema& schema, const std::string& from,
                 const std::string& to) {
    if (from == to || !has_rows(transaction, false)) return;
    if (has_rows(transaction, true))
        throw Error(
            ExitCode::usage,
            fmt::format("cannot change the time zone from {} to {}: cti and the web service have both "
                        "written rows, and one of them would be wrong",
                        from, to),
            fmt::format("Let the web service keep {} (TZ of its containers and of its server).", from));
    for (const char* table : {"sources", "articles", "source_checks", "content_hashes"})
        shift(transaction, schema, table, from, to);
}
}
