#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/monitor/control.hpp"
#include "core/work/job_kind.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace cti::monitor {
namespace {
using Json = nlohmann::json;
constexpr int k_max_depth = 2; // an object with a list
constexpr std::size_t k_max_sources = 100, k_max_name_bytes = 255, k_max_query_bytes = 500;

// What is wrong with an order, for whoever sent it.
struct Fault {
    std::string what;
};

// Throws Fault. nlohmann-json takes the last of two members with one name; whoever looked at the first would
// have seen another order.
Json parse(std::string_view body) {
    if (is_nested_deeper(body, k_max_depth)) throw Fault{"the body is nested too deeply"};
    std::set<std::string> names;
    std::string doubled;
    const auto look = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::key && !names.insert(value.get<std::string>()).second)
            doubled = value.get<std::string>();
        return true;
    };
    auto json = Json::parse(body, look, false);
    if (!json.is_object()) throw Fault{"the body is no JSON object"};
    if (!doubled.empty()) throw Fault{fmt::format("'{}' is there twice", printable(doubled))};
    return json;
}

std::string read_text(const Json& value, std::string_view name, std::size_t max_bytes) {
    if (!value.is_string()) throw Fault{fmt::format("'{}' is not a text", name)};
    auto text = value.get<std::string>();
    if (trim(text).empty() || text.size() > max_bytes || printable(text) != text)
        throw Fault{
            fmt::format("'{}' is not a text of 1 to {} bytes without control characters", name, max_bytes)};
    return text;
}

// One name, or a list of them.
std::vector<std::string> read_sources(const Json& value) {
    std::vector<std::string> sources;
    if (!value.is_array()) return {read_text(value, "source", k_max_name_bytes)};
    if (value.empty() || value.size() > k_max_sources)
        throw Fault{fmt::format("'source' is not a list of 1 to {}", k_max_sources)};
    for (const auto& each : value) sources.push_back(read_text(each, "source", k_max_name_bytes));
    return sources;
}

long read_number(const Json& value, std::string_view name, long least, long most) {
    const bool is_whole =
        value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
    if (!is_whole || value.get<long>() < least || value.get<long>() > most)
        throw Fault{fmt::format("'{}' is not a whole number between {} and {}", name, least, most)};
    return value.get<long>();
}

JobQuery read_order(const Json& json) {
    JobQuery query;
    query.what = JobQuery::What::add;
    std::string arguments;
    JsonWriter out(arguments);
    out.begin_object();
    for (const auto& [name, value] : json.items()) {
        if (name == "source")
            query.sources = read_sources(value), out.member(name, query.sources);
        else if (name == "query")
            out.member(name, read_text(value, name, k_max_query_bytes));
        else if (name == "limit")
            out.member(name, read_number(value, name, 1, work::k_max_limit));
        else if (name == "priority")
            query.job.priority =
                static_cast<int>(read_number(value, name, -work::k_max_priority, work::k_max_priority));
        else
            throw Fault{fmt::format("there is no '{}': the names are source, query, limit and priority",
                                    printable(name))};
    }
    out.end_object();
    query.job.arguments_json = arguments;
    return query;
}
}

JobRequest read_scrape_order(std::string_view body, const std::string& client) {
    try {
        auto query = read_order(parse(body));
        query.job.kind = work::k_collect_job.name;
        query.job.max_attempts = work::k_collect_job.max_attempts;
        query.job.created_by = "http " + client;
        return query;
    } catch (const Fault& fault) {
        return error_answer(400, fault.what);
    }
}
}
