#include "core/sources/source_json.hpp"

namespace cti::sources {
namespace {

constexpr int k_failing = 3;

std::optional<std::string> text_of(const std::optional<Time>& time) {
    if (!time) return {};
    return format_rfc3339(*time);
}

}

std::string_view health_of(const Source& source) {
    if (!source.active) return "disabled";
    if (!source.last_check) return "never";
    if (source.consecutive_failures >= k_failing) return "failing";
    return source.consecutive_failures > 0 ? "warning" : "ok";
}

std::optional<Time> next_check(const Source& source) {
    if (!source.active || !source.last_check) return {};
    return *source.last_check + std::chrono::seconds(source.check_frequency_s);
}

void write_source(JsonWriter& json, const Source& source, const std::optional<Time>& next_check) {
    json.member("id", source.id)
        .member("identifier", source.identifier)
        .member("name", source.name)
        .member("url", source.url)
        .member("rss_url", source.rss_url)
        .member("active", source.active)
        .member("check_frequency", source.check_frequency_s)
        .member("last_check", text_of(source.last_check))
        .member("last_success", text_of(source.last_success))
        .member("next_check", text_of(next_check))
        .member("consecutive_failures", source.consecutive_failures)
        .member("total_articles", source.total_articles)
        .member("average_response_time", source.average_response_time_s)
        .member("health", health_of(source));
}

std::string sources_json(const std::vector<Source>& sources, const std::map<int, Time>& next_checks) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_array();
    for (const auto& source : sources) {
        json.begin_object();
        const auto scheduled = next_checks.find(source.id);
        write_source(json, source, scheduled == next_checks.end() ? next_check(source) : scheduled->second);
        json.end_object();
    }
    json.end_array();
    out += '\n';
    return out;
}
}
