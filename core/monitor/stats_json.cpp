#include "core/monitor/stats_json.hpp"

#include "core/base/json.hpp"

namespace cti::monitor {
std::string stats_json(const store::Stats& stats) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object().key("sources").begin_object();
    json.member("total", stats.sources)
        .member("active", stats.active_sources)
        .member("failing", stats.failing_sources)
        .member("warning", stats.warning_sources);
    json.member("silent", stats.silent_sources).end_object();
    json.key("articles")
        .begin_object()
        .member("total", stats.articles)
        .member("last_24h", stats.articles_24h);
    json.member("last_7d", stats.articles_7d).member("last_30d", stats.articles_30d);
    json.member("oldest", format_rfc3339(stats.oldest)).member("newest", format_rfc3339(stats.newest));
    json.member("last_discovered", format_rfc3339(stats.last_discovered))
        .member("near_duplicates", stats.near_duplicates)
        .end_object();
    json.member("database_bytes", stats.database_bytes).key("by_source").begin_array();
    for (const auto& source : stats.per_source) {
        json.begin_object().member("identifier", source.identifier).member("articles", source.articles);
        json.member("newest", format_rfc3339(source.newest)).end_object();
    }
    json.end_array().key("by_day").begin_array();
    for (const auto& [day, articles] : stats.per_day)
        json.begin_object().member("day", day).member("articles", articles).end_object();
    json.end_array().key("by_type").begin_array();
    for (const auto& [type, indicators, marked] : stats.per_type)
        json.begin_object()
            .member("type", type)
            .member("indicators", indicators)
            .member("marked", marked)
            .end_object();
    json.end_array().key("by_table").begin_array();
    for (const auto& [table, bytes] : stats.per_table)
        json.begin_object().member("table", table).member("bytes", bytes).end_object();
    json.end_array().end_object();
    return out + '\n';
}
}
