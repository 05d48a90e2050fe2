#include "core/monitor/job_requests.hpp"

#include "core/base/text.hpp"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace cti::monitor {
namespace {
constexpr std::string_view k_jobs_path = "/jobs/";
constexpr int k_max_limit = 1000;

// The whole text, or nothing.
std::optional<long> parse_number(std::string_view text) {
    long number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string state_names() {
    std::string names;
    for (const auto name : k_names<JobState>) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

JobRequest read_list(const StatusRequest& request) {
    JobQuery query;
    if (!request.limit.empty()) {
        const auto limit = parse_number(request.limit);
        if (!limit || *limit < 1 || *limit > k_max_limit)
            return error_answer(400, fmt::format("'limit' is not between 1 and {}", k_max_limit));
        query.list.limit = static_cast<int>(*limit);
    }
    if (request.state.empty()) return query;
    for (const auto name : split(request.state, ',')) {
        const auto state = find_value<JobState>(name);
        if (!state) return error_answer(400, "'state' is none of " + state_names());
        if (query.list.states.size() < k_names<JobState>.size()) query.list.states.push_back(*state);
    }
    return query;
}
}

bool is_job_query(std::string_view path) { return path.starts_with(k_jobs_path) && path != "/jobs/status"; }

std::optional<long> find_job_id(std::string_view path) {
    if (!path.starts_with(k_jobs_path)) return std::nullopt;
    const auto id = parse_number(path.substr(k_jobs_path.size()));
    return id && *id > 0 ? id : std::nullopt;
}

JobRequest read_job_request(const StatusRequest& request) {
    if (request.path == k_jobs_path) return read_list(request);
    const auto id = find_job_id(request.path);
    if (!id) return error_answer(404, "a job has a number: /jobs/1");
    JobQuery query;
    query.what = JobQuery::What::show;
    query.id = *id;
    return query;
}
}
