#include "core/store/web/sources.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/store/own/due.hpp"
#include "core/store/own/locks.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/source_config.hpp"
#include "core/store/web/source_row.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {

Source read_source(const pqxx::row& row) {
    Source source;
    source.id = number<int>(row[0]);
    source.identifier = text(row[1]);
    source.name = text(row[2]);
    source.url = without_userinfo(view(row[3]));
    source.url_login = userinfo_of(view(row[3]));
    if (!view(row[4]).empty()) source.rss_url = without_userinfo(view(row[4]));
    source.rss_login = userinfo_of(view(row[4]));
    source.check_frequency_s = number<int>(row[5], source.check_frequency_s);
    source.lookback_days = maybe_number<int>(row[6]);
    source.active = flag(row[7]);
    source.config_json = flat_config(view(row[8]));
    source.last_check = maybe_time(row[9]);
    source.last_success = maybe_time(row[10]);
    source.consecutive_failures = number<int>(row[11]);
    source.total_articles = number<int>(row[12]);
    source.average_response_time_s = number<double>(row[13]);
    return source;
}

// "column = value" for an UPDATE, where the table has the column.
class Assignments {
public:
    Assignments(const db::Schema& schema, db::Params& params) : m_table(schema.sources), m_params(params) {
        const auto updated = m_table.columns.find("updated_at");
        if (updated != m_table.columns.end())
            m_sql = "updated_at = " + as_column_time(updated->second, "now()", params.add(schema.time_zone));
    }
    template <class T>
    void set(std::string_view column, const T& value) {
        const auto found = m_table.columns.find(column);
        if (found == m_table.columns.end()) return;
        if (!m_sql.empty()) m_sql += ", ";
        m_sql += fmt::format("{} = CAST({}::text AS {})", column, m_params.add(value), found->second.type);
    }
    const std::string& sql() const { return m_sql; }

private:
    const db::Table& m_table;
    db::Params& m_params;
    std::string m_sql;
};

void update(db::Transaction& transaction, const Assignments& assignments, db::Params& params, int id) {
    const auto where = params.add(id);
    const auto sql = fmt::format("UPDATE public.sources SET {} WHERE id = {}::int", assignments.sql(), where);
    if (!assignments.sql().empty()) run(transaction, sql, params);
}

// As it is stored. Who gives an address without a login, as they are shown and exported, leaves the row's.
std::optional<std::string> with_login(const std::optional<std::string>& url, const std::string& login,
                                      std::string_view before = {}) {
    if (!url || url->empty()) return std::nullopt;
    const bool is_kept = login.empty() && is_same_origin(before, *url);
    return with_userinfo(*url, is_kept ? userinfo_of(before) : login);
}

db::InsertList new_source(const db::Schema& schema, const SourceSpec& spec, db::Params& params) {
    const int usual_frequency_s =
        schema.generation == db::Generation::web_2026 ? 14400 : 3600; // what the web service itself gives
    db::InsertList row("public.sources", schema.sources, params.add(schema.time_zone));
    const auto set = [&](const char* column, const auto& value) { row.bind(column, params, value); };
    set("identifier", spec.identifier);
    set("name", spec.name.empty() ? spec.identifier : spec.name);
    set("url", with_userinfo(spec.url, spec.url_login));
    set("rss_url", with_login(spec.rss_url, spec.rss_login));
    set("tier", spec.tier.value_or(3));
    set("weight", spec.weight.value_or(1.0));
    set("check_frequency", spec.check_frequency_s.value_or(usual_frequency_s));
    set("lookback_days", spec.lookback_days.value_or(180));
    set("active", spec.active.value_or(true));
    set("config", merged_config("{}", spec.config_json, schema.generation));
    for (const char* counter :
         {"consecutive_failures", "total_articles", "success_rate", "average_response_time"})
        row.set(counter, "0");
    row.set_time("created_at", "now()");
    row.set_time("updated_at", "now()");
    row.fill_required();
    return row;
}
}

// The columns in the order of read_source().
std::string select_sources(const db::Schema& schema, db::Params& params) {
    const auto zone = params.add(schema.time_zone);
    const auto& table = schema.sources;
    return fmt::format(R"sql(
        SELECT s.id, s.identifier, s.name, s.url, s.rss_url, s.check_frequency, {}, s.active, s.config, {}, {},
               s.consecutive_failures, s.total_articles, s.average_response_time
        FROM public.sources s)sql",
                       read_column(table, "lookback_days"), read_time(schema, table, "last_check", zone),
                       read_time(schema, table, "last_success", zone));
}

std::vector<Source> query_sources(db::Transaction& transaction, const std::string& sql,
                                  const db::Params& params) {
    std::vector<Source> sources;
    for (const auto& row : run(transaction, sql, params)) {
        auto source = read_source(row);
        if (!is_internal(source)) sources.push_back(std::move(source));
    }
    return sources;
}

// A check in the future was written by a clock or in a time zone that was wrong: it does not count. An
// address that is not the one that was asked last is due at once, and another check_frequency counts from the
// last check: both may be changed by the web service, which knows nothing of cti.source_state. feed_url is
// without a login (userinfo_of()). A check of our own in the future: the server's clock was set back since,
// and what was planned by it would be as much too late.
std::string due_moment(const db::Schema& schema, const std::string& zone) {
    const auto& column = schema.sources.columns.find("last_check")->second;
    const auto last = column.type == "timestamp with time zone"
                          ? as_column_time(column, "s.last_check", zone)
                          : fmt::format("(s.last_check AT TIME ZONE {}::text)", zone);
    return fmt::format(R"sql((CASE
                   WHEN t.feed_url <> '' AND t.feed_url <> regexp_replace(s.rss_url, '^([^/?#]*//)[^/?#]*@', E'\\1')
                        THEN '-infinity'::timestamptz
                   WHEN s.last_check IS NULL THEN '-infinity'::timestamptz
                   WHEN {0} < t.checked_at - interval '1 minute' THEN {0} + make_interval(secs => s.check_frequency)
                   WHEN t.checked_at > now() + interval '5 minutes' THEN '-infinity'::timestamptz
                   WHEN t.next_check_at IS NOT NULL AND t.frequency_s = s.check_frequency THEN t.next_check_at
                   WHEN {0} > now() + interval '5 minutes' THEN
                        coalesce(t.checked_at + make_interval(secs => s.check_frequency), '-infinity'::timestamptz)
                   ELSE greatest({0}, t.checked_at) + make_interval(secs => s.check_frequency)
               END))sql",
                       last);
}

// Not what somebody asked to wait for.
std::string early_allowance(const std::string& seconds) {
    return fmt::format(
        "CASE WHEN coalesce(t.wait_reason, '') = '' THEN make_interval(secs => least({}::float8, s.check_frequency * 0.1)) ELSE interval '0' END",
        seconds);
}

bool is_internal(const Source& source) {
    const bool is_http = istarts_with(source.url, "http://") || istarts_with(source.url, "https://");
    return source.identifier == "manual" || source.identifier == "eval_articles" || !is_http;
}

std::vector<Source> list_sources(db::Transaction& transaction, const db::Schema& schema) {
    db::Params params;
    const auto sql = select_sources(schema, params) + " ORDER BY identifier COLLATE \"C\", id";
    return query_sources(transaction, sql, params);
}

std::optional<Source> find_source(db::Transaction& transaction, const db::Schema& schema,
                                  std::string_view identifier) {
    db::Params params;
    auto sql = select_sources(schema, params);
    // Where the unique index is gone there may be two: the web service shows and checks the active one.
    sql += fmt::format(" WHERE identifier = {} ORDER BY active DESC, id", params.add(identifier));
    auto found = query_sources(transaction, sql, params);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Source> find_due(db::Transaction& transaction, const db::Schema& schema) {
    db::Params params;
    auto sql = select_sources(schema, params);
    const auto due_at = due_moment(schema, "$1");
    sql += fmt::format(R"sql(
        LEFT JOIN cti.source_state t ON t.source_id = s.id
        WHERE s.active AND {0} <= now()
        ORDER BY {0}, s.identifier COLLATE "C")sql",
                       due_at);
    return query_sources(transaction, sql, params);
}

bool has_identifier(db::Transaction& transaction, const std::string& identifier) {
    db::Params params;
    const auto sql =
        fmt::format("SELECT 1 FROM public.sources WHERE identifier = {}", params.add(identifier));
    return !run(transaction, sql, params).empty();
}

int insert_source(db::Transaction& transaction, const db::Schema& schema, const SourceSpec& spec) {
    lock_new_sources(transaction);
    if (has_identifier(transaction, spec.identifier))
        throw Error(ExitCode::usage, fmt::format("the source '{}' exists already", spec.identifier));
    db::Params params;
    const auto row = new_source(schema, spec, params);
    const auto sql =
        fmt::format("INSERT INTO public.sources ({})\nSELECT {}\nRETURNING id", row.names(), row.values());
    return number<int>(run(transaction, sql, params)[0][0]);
}

void update_source(db::Transaction& transaction, const db::Schema& schema, int id, const SourceSpec& spec,
                   bool set_active) {
    db::Params read;
    const auto before = run(
        transaction,
        fmt::format("SELECT config, url, rss_url FROM public.sources WHERE id = {}::int FOR NO KEY UPDATE",
                    read.add(id)),
        read);
    if (before.empty()) return;
    db::Params params;
    Assignments row(schema, params);
    if (!spec.name.empty()) row.set("name", spec.name);
    if (!spec.url.empty()) row.set("url", with_login(spec.url, spec.url_login, view(before[0][1])));
    if (spec.rss_url) row.set("rss_url", with_login(spec.rss_url, spec.rss_login, view(before[0][2])));
    if (spec.tier) row.set("tier", *spec.tier);
    if (spec.weight) row.set("weight", *spec.weight);
    if (spec.check_frequency_s) row.set("check_frequency", *spec.check_frequency_s);
    if (spec.lookback_days) row.set("lookback_days", *spec.lookback_days);
    if (spec.active && set_active) row.set("active", *spec.active);
    if (flat_config(spec.config_json) != "{}")
        row.set("config", merged_config(view(before[0][0]), spec.config_json, schema.generation));
    update(transaction, row, params, id);
}

void set_config(db::Transaction& transaction, const db::Schema& schema, int id,
                const std::string& config_json) {
    db::Params params;
    Assignments row(schema, params);
    row.set("config", merged_config(config_json, "{}", schema.generation));
    update(transaction, row, params, id);
}

namespace {

// Who enables a source wants it collected, whatever kept it waiting or got it disabled.
void forget_waits(db::Transaction& transaction, int id) {
    db::Params params;
    run(transaction,
        fmt::format(R"sql(
        UPDATE cti.source_state
        SET next_check_at = NULL, wait_reason = '', disabled_reason = '', gone_seen = 0
        WHERE source_id = {}::int AND (wait_reason <> '' OR disabled_reason <> ''))sql",
                    params.add(id)),
        params);
}
}

void set_active(db::Transaction& transaction, const db::Schema& schema, int id, bool active) {
    db::Params params;
    Assignments row(schema, params);
    row.set("active", active);
    update(transaction, row, params, id);
    if (active) forget_waits(transaction, id);
}

std::vector<CheckRow> recent_checks(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                    int limit) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& table = schema.source_checks;
    const auto id = params.add(source_id), count = params.add(limit);
    const auto sql =
        fmt::format(R"sql(
        SELECT {}, success, method, {}, articles_found, {}, check_metadata
        FROM public.source_checks
        WHERE source_id = {}::int
        ORDER BY check_time DESC, id DESC
        LIMIT {}::int)sql",
                    read_time(schema, table, "check_time", zone), read_column(table, "error_message"),
                    read_column(table, "response_time"), id, count);
    std::vector<CheckRow> checks;
    for (const auto& row : run(transaction, sql, params))
        checks.push_back({maybe_time(row[0]).value_or(Time{}), flag(row[1]), text(row[2]), text(row[3]),
                          number<int>(row[4]), number<double>(row[5]), text(row[6])});
    return checks;
}
}
