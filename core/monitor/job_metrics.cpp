#include "core/monitor/job_metrics.hpp"

#include "core/store/own/job_totals.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
constexpr std::array k_shown_states{JobState::ready, JobState::scheduled, JobState::running, JobState::failed,
                                    JobState::dead};
constexpr std::array k_results{JobState::done, JobState::failed, JobState::dead, JobState::cancelled};
constexpr std::size_t k_max_workers = 100;
constexpr std::string_view k_other = "other"; // kinds of a newer version, all together

std::vector<std::string_view> kind_labels() {
    std::vector<std::string_view> kinds;
    for (const auto& kind : work::job_kinds()) kinds.push_back(kind.name);
    kinds.push_back(k_other);
    return kinds;
}

std::string_view kind_label(std::string_view kind) {
    return work::find_job_kind(kind) == nullptr ? k_other : kind;
}

// collect of `kind="collect",result="done"`.
std::string_view kind_in(std::string_view labels) {
    constexpr std::string_view k_begin = "kind=\"";
    if (!labels.starts_with(k_begin)) return {};
    labels.remove_prefix(k_begin.size());
    return labels.substr(0, labels.find('"'));
}

// The kind's own, or for `other` those of all that are not known.
double sum_of(const store::Counters& totals, std::string_view name, std::string_view kind,
              std::string_view rest) {
    double sum = 0;
    for (const auto& [key, value] : totals)
        if (key.first == name && kind_label(kind_in(key.second)) == kind && key.second.ends_with(rest))
            sum += value;
    return sum;
}

class Writer {
public:
    Writer(Families& out, const Snapshot& snapshot) : m_out(out), m_snapshot(snapshot) {}

    void operator()() {
        if (m_snapshot.jobs) {
            write_counts(m_snapshot.jobs->counts);
            write_workers(m_snapshot.jobs->workers);
        }
        if (!m_snapshot.job_totals) return;
        write_finished(*m_snapshot.job_totals);
        write_by_kind("cti_job_retries_total", "Times that a job waited again after a try that failed.");
        write_by_kind("cti_job_lease_expirations_total",
                      "Times that the worker of a job was not heard of any more.");
        write_waits(*m_snapshot.job_totals);
    }

private:
    void write_counts(const store::JobCounts& counts) {
        m_out.head("cti_jobs", "gauge", "Jobs by kind and state; failed and dead ones of the last 24 hours.");
        for (const auto kind : kind_labels())
            for (const auto state : k_shown_states) {
                long count = 0;
                for (const auto& [key, jobs] : counts.by_kind)
                    if (key.second == state && kind_label(key.first) == kind) count += jobs;
                m_out.sample("cti_jobs", label("kind", kind) + "," + label("state", name_of(state)),
                             static_cast<double>(count));
            }
        m_out.gauge("cti_job_oldest_ready_age_seconds",
                    "How long the job waits that has been ready longest; 0: none waits.",
                    std::max(0.0, counts.oldest_ready_s.value_or(0)));
    }

    void write_workers(const std::vector<store::Worker>& workers) {
        m_out.gauge("cti_workers", "Workers that were heard of in the last minute.",
                    static_cast<double>(workers.size()));
        if (workers.empty() || workers.size() > k_max_workers) return;
        const auto* const name = "cti_worker_last_heartbeat_timestamp_seconds";
        m_out.head(name, "gauge", "When a worker was heard of last, by the server's clock.");
        for (const auto& worker : workers)
            m_out.sample(name, label("worker", worker.name),
                         std::chrono::duration<double>(worker.heartbeat_at.time_since_epoch()).count());
    }

    void write_finished(const store::Counters& totals) {
        const std::string name = "cti_jobs_finished_total";
        m_out.head(name, "counter", "Jobs that have ended, by kind and how.");
        for (const auto kind : kind_labels())
            for (const auto result : k_results) {
                const auto rest = label("result", name_of(result));
                m_out.sample(name, label("kind", kind) + "," + rest, sum_of(totals, name, kind, rest));
            }
    }

    void write_by_kind(const std::string& name, const char* help) {
        m_out.head(name, "counter", help);
        for (const auto kind : kind_labels())
            m_out.sample(name, label("kind", kind), sum_of(*m_snapshot.job_totals, name, kind, ""));
    }

    static double find(const store::Counters& totals, const std::string& name, const std::string& labels) {
        const auto found = totals.find({name, labels});
        return found == totals.end() ? 0 : found->second;
    }

    void write_waits(const store::Counters& totals) {
        const std::string name = "cti_job_wait_seconds";
        m_out.head(name, "histogram",
                   "Time from when a job that has ended was ready until its last try began.");
        double sum = 0;
        for (const auto bound : store::k_job_wait_bounds) {
            const auto labels = label("le", fmt::format("{}", bound));
            m_out.sample(name + "_bucket", labels, sum += find(totals, name + "_bucket", labels));
        }
        const auto above = label("le", "+Inf");
        m_out.sample(name + "_bucket", above, sum += find(totals, name + "_bucket", above));
        m_out.sample(name + "_sum", {}, find(totals, name + "_sum", ""));
        m_out.sample(name + "_count", {}, sum);
    }

    Families& m_out;
    const Snapshot& m_snapshot;
};
}

void write_job_metrics(Families& out, const Snapshot& snapshot) { Writer(out, snapshot)(); }
}
