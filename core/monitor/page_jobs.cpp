#include "core/monitor/page_jobs.hpp"

#include "core/base/plural.hpp"
#include "core/monitor/page_html.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <span>

namespace cti::monitor {
namespace {
constexpr std::size_t k_max_shown_workers = 10, k_max_kinds = 20,
                      k_max_jobs = 5; // the others are in the JSON

template <class Value>
std::span<const Value> first_of(const std::vector<Value>& values, std::size_t count) {
    return std::span(values).first(std::min(count, values.size()));
}

// Of those that first_of() leaves out.
template <class Value>
long count_left(const std::vector<Value>& values, std::size_t count) {
    return std::ssize(values) - std::ssize(first_of(values, count));
}

std::string count_cell(const store::JobCounts& counts, const std::string& kind, JobState state) {
    const auto found = counts.by_kind.find({kind, state});
    return fmt::format("<td data-name=\"{0}\" class=\"n\">{1}</td>", name_of(state),
                       found == counts.by_kind.end() ? 0 : found->second);
}

std::string queue_table(const store::JobCounts& counts) {
    std::vector<std::string> kinds;
    for (const auto& [key, count] : counts.by_kind)
        if (kinds.empty() || kinds.back() != key.first) kinds.push_back(key.first);
    std::string out = "<table class=\"cards\">\n<tr><th>Kind</th>";
    for (const auto state : k_names<JobState>) out += fmt::format("<th class=\"n\">{}</th>", state);
    out += "</tr>\n";
    for (const auto& kind : first_of(kinds, k_max_kinds)) {
        out += fmt::format("<tr><td data-name=\"Kind\">{}</td>", safe_html(kind));
        for (const auto state : k_names<JobState>)
            out += count_cell(counts, kind, *find_value<JobState>(state));
        out += "</tr>\n";
    }
    return out + "</table>\n";
}

std::string waiting_line(const store::JobCounts& counts, bool has_worker) {
    if (!counts.oldest_ready_s) return {};
    const auto seconds = std::chrono::seconds(std::max(0L, std::lround(*counts.oldest_ready_s)));
    return fmt::format("<p{}>The oldest that is ready has waited for {}{}.</p>\n",
                       has_worker ? "" : " class=\"also warn\"", format_duration(seconds),
                       has_worker ? "" : ", and nobody works: <code>cti worker</code>");
}

std::string jobs_of(const store::Worker& worker) {
    std::string links;
    for (const auto id : first_of(worker.jobs, k_max_jobs))
        links += fmt::format("<a href=\"/jobs/{0}\">{0}</a> ", id);
    const auto left = count_left(worker.jobs, k_max_jobs);
    return left > 0 ? links + fmt::format("and {} more", left) : links;
}

std::string worker_table(const std::vector<store::Worker>& workers, Time now) {
    if (workers.empty()) return {};
    std::string out = "<table class=\"cards\">\n<tr><th>Worker</th><th>State</th><th class=\"n\">Threads</th>"
                      "<th>Last seen</th><th>Jobs</th></tr>\n";
    for (const auto& worker : first_of(workers, k_max_shown_workers))
        out += fmt::format(
            "<tr><td data-name=\"Worker\">{}</td><td data-name=\"State\">{}</td><td data-name=\"Threads\" "
            "class=\"n\">{}</td><td data-name=\"Last seen\">{}</td><td data-name=\"Jobs\">{}</td></tr>\n",
            safe_html(worker.name), store::state_of(worker), worker.concurrency,
            time_html(worker.heartbeat_at, now), jobs_of(worker));
    out += "</table>\n";
    const auto left = count_left(workers, k_max_shown_workers);
    return left > 0 ? out + fmt::format("<p>And {}.</p>\n", count_of(left, "more worker")) : out;
}
}

std::string render_jobs(const Snapshot& snapshot, Time now) {
    if (!snapshot.jobs) return {};
    const auto& [read_at, counts, workers] = *snapshot.jobs;
    if (counts.by_kind.empty() && workers.empty()) return {};
    std::string out = "<h2 id=\"jobs\">Jobs</h2>\n";
    if (!counts.by_kind.empty()) out += queue_table(counts);
    return out + waiting_line(counts, !workers.empty()) + worker_table(workers, now);
}
}
