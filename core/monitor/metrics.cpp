#include "core/monitor/metrics.hpp"

#include "core/analysis/reject_reason.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/collect/count_check.hpp"
#include "core/monitor/exposition.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/job_metrics.hpp"
#include "core/sources/source_json.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <span>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace cti::monitor {
namespace {

double unix_seconds(Time time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

// Each counter with the values of its label, so that it is there before its first event: a rate needs two
// samples.
struct CounterFamily {
    const char* name;
    const char* help;
    const char* label; // "" without
    std::span<const std::string_view> values;
};
constexpr std::array<std::string_view, 6> k_codes{"1xx", "2xx", "3xx", "4xx", "429", "5xx"};
constexpr std::array<std::string_view, 3> k_limits{"size", "time", "redirects"};
constexpr std::array k_counters{
    CounterFamily{"cti_fetches_total", "Checks of sources by what came of them.", "result",
                  k_names<FetchResult>},
    CounterFamily{"cti_http_responses_total", "Final answers of servers by status.", "code", k_codes},
    CounterFamily{"cti_fetched_bytes_total", "Bytes of bodies as they came over the wire.", "", {}},
    CounterFamily{"cti_decoded_bytes_total", "Bytes of bodies after decompression.", "", {}},
    CounterFamily{"cti_articles_total", "Entries of feeds by what became of them.", "result",
                  k_names<ArticleResult>},
    CounterFamily{"cti_ssrf_refused_total", "Fetches refused because the address is not public.", "", {}},
    CounterFamily{"cti_tls_failures_total", "Fetches that failed in TLS.", "", {}},
    CounterFamily{"cti_analysis_requests_total", "Requests to language models that were answered.", "", {}},
    CounterFamily{"cti_analysis_tokens_total", "Tokens of these requests and their answers.", "", {}},
    CounterFamily{"cti_analysis_items_total", "Findings of language models that were proved.", "", {}},
    CounterFamily{"cti_analysis_rejected_total", "Findings and answers that were not, by why.", "reason",
                  k_names<analysis::RejectReason>},
    CounterFamily{"cti_limits_hit_total", "Fetches that a limit ended.", "limit", k_limits},
};

class Writer {
public:
    Writer(const MetricsInput& input, Exposition exposition) : m_in(input), m_out(exposition) {}

    std::string operator()() {
        write_build();
        write_database();
        if (m_in.snapshot.fast) {
            write_sources(m_in.snapshot.fast->sources);
            write_oldest_due(*m_in.snapshot.fast);
            write_counters(m_in.snapshot.fast->counters);
            write_durations(m_in.snapshot.fast->counters);
            write_runs(*m_in.snapshot.fast);
        }
        write_job_metrics(m_out, m_in.snapshot);
        if (m_in.snapshot.slow) write_contents(m_in.snapshot.slow->contents);
        if (m_in.loop != nullptr) write_loop(*m_in.loop);
        if (m_in.threads != nullptr) write_threads(*m_in.threads);
        if (m_in.server != nullptr) write_server(*m_in.server);
        if (m_in.process != nullptr) write_process(*m_in.process);
        return m_out.finish();
    }

private:
    void write_build() {
        m_out.head("cti_build_info", "gauge", "1, with what was built in the labels.");
        m_out.sample("cti_build_info", label("version", version()) + "," + label("revision", revision()), 1);
    }

    void write_database() {
        const auto& snapshot = m_in.snapshot;
        m_out.gauge("cti_database_up", "1 while the database answers.",
                    is_database_up(snapshot, m_in.now.steady) ? 1 : 0);
        m_out.gauge("cti_database_response_seconds",
                    "Time of the database's last answer to the simplest question.", snapshot.response_s);
        int schema = 0;
        std::from_chars(snapshot.schema_version.data(),
                        snapshot.schema_version.data() +
                            std::min<std::size_t>(4, snapshot.schema_version.size()),
                        schema);
        m_out.gauge("cti_schema_version", "Number of the last migration of the schema cti; 0: not known.",
                    schema);
    }

    void write_sources(const std::vector<SourceStatus>& sources) {
        double active = 0, disabled = 0, failing = 0;
        for (const auto& status : sources) {
            (status.source.active ? active : disabled) += 1;
            if (sources::health_of(status.source) == "failing") failing += 1;
        }
        m_out.head("cti_sources", "gauge", "Sources by state; the failing ones are active ones too.");
        m_out.sample("cti_sources", label("state", "active"), active);
        m_out.sample("cti_sources", label("state", "disabled"), disabled);
        m_out.sample("cti_sources", label("state", "failing"), failing);
        if (sources.size() > m_in.max_sources) return;
        m_out.head("cti_source_last_success_timestamp_seconds", "gauge",
                   "When an active source was read last; 0: never.");
        for (const auto& status : sources)
            if (status.source.active)
                m_out.sample(
                    "cti_source_last_success_timestamp_seconds", label("source", status.source.identifier),
                    status.source.last_success ? std::floor(unix_seconds(*status.source.last_success)) : 0);
        m_out.head("cti_source_consecutive_failures", "gauge", "Failed checks in a row of an active source.");
        for (const auto& status : sources)
            if (status.source.active)
                m_out.sample("cti_source_consecutive_failures", label("source", status.source.identifier),
                             status.source.consecutive_failures);
    }

    // Of those that were read once: before that nobody has said when a source is due.
    void write_oldest_due(const FastStatus& fast) {
        Time::duration oldest{0};
        for (const auto& status : fast.sources)
            if (status.source.active && status.next_check && !store::is_internal(status.source))
                oldest = std::max(oldest, server_time_at(fast, m_in.now.steady) - *status.next_check);
        m_out.gauge("cti_source_oldest_due_age_seconds",
                    "How long the active source has been due that is due longest; 0: none is due.",
                    std::chrono::duration<double>(oldest).count());
    }

    static double find(const store::Counters& counters, const std::string& name, const std::string& labels) {
        const auto found = counters.find({name, labels});
        return found == counters.end() ? 0 : found->second;
    }

    void write_counters(const store::Counters& counters) {
        for (const auto& family : k_counters) {
            m_out.head(family.name, "counter", family.help);
            if (*family.label == '\0') {
                m_out.sample(family.name, {}, find(counters, family.name, ""));
                continue;
            }
            for (const auto value : family.values) {
                const auto labels = label(family.label, value);
                m_out.sample(family.name, labels, find(counters, family.name, labels));
            }
        }
    }

    void write_durations(const store::Counters& counters) {
        const std::string name = "cti_fetch_duration_seconds";
        m_out.head(name, "histogram", "Time of a check's requests, without the waiting between them.");
        double sum = 0;
        for (const auto bound : collect::k_duration_bounds) {
            const auto labels = label("le", fmt::format("{}", bound));
            m_out.sample(name + "_bucket", labels, sum += find(counters, name + "_bucket", labels));
        }
        m_out.sample(name + "_bucket", label("le", "+Inf"),
                     sum += find(counters, name + "_bucket", label("le", "+Inf")));
        m_out.sample(name + "_sum", {}, find(counters, name + "_sum", ""));
        m_out.sample(name + "_count", {}, sum);
    }

    void write_runs(const FastStatus& fast) {
        m_out.head("cti_runs_total", "counter", "Runs that came to their end, by result.");
        for (const char* result : {"ok", "partial", "failed", "locked", "interrupted"})
            write_run(fast.counters, "collect", result);
        write_run(fast.counters, "export", "ok");
        write_times(fast.schedules, "cti_last_run_timestamp_seconds",
                    "When the last run ended, by whichever process.",
                    [](const store::ScheduleRow& row) { return to_seconds(row.last_run_at); });
        write_times(fast.schedules, "cti_last_run_duration_seconds", "How long the last run took.",
                    [](const store::ScheduleRow& row) {
                        return row.last_run_at ? std::optional(row.last_duration_s) : std::nullopt;
                    });
        write_times(
            fast.schedules, "cti_last_successful_run_timestamp_seconds",
            "When the last run ended in which not every source failed; rounds with nothing due count.",
            [](const store::ScheduleRow& row) { return to_seconds(row.last_success_at); });
        write_backups(fast);
    }

    // By the names that cti::ops marks them with.
    void write_backups(const FastStatus& fast) {
        write_mark(fast, "backup", "cti_backup_last_success_timestamp_seconds",
                   "When the last backup of this database was made.");
        write_mark(fast, "backup_verify", "cti_backup_last_verified_timestamp_seconds",
                   "When a backup was last restored on trial, and was whole.");
    }

    void write_mark(const FastStatus& fast, std::string_view mark, const char* name, const char* help) {
        const auto row = std::ranges::find(fast.schedules, mark, &store::ScheduleRow::name);
        if (row == fast.schedules.end() || !row->last_success_at) return;
        m_out.head(name, "gauge", help);
        m_out.sample(name, {}, unix_seconds(*row->last_success_at));
    }

    void write_run(const store::Counters& counters, const char* command, const char* result) {
        const auto labels = label("command", command) + "," + label("result", result);
        m_out.sample("cti_runs_total", labels, find(counters, "cti_runs_total", labels));
    }

    static std::optional<double> to_seconds(const std::optional<Time>& time) {
        return time ? std::optional(unix_seconds(*time)) : std::nullopt;
    }

    template <class Value>
    void write_times(const std::vector<store::ScheduleRow>& schedules, const char* name, const char* help,
                     const Value& value_of) {
        bool headed = false;
        for (const auto& row : schedules) {
            const auto value = value_of(row);
            if (!value) continue;
            if (!std::exchange(headed, true)) m_out.head(name, "gauge", help);
            m_out.sample(name, label("command", row.name), *value);
        }
    }

    void write_contents(const store::Contents& contents) {
        m_out.gauge("cti_articles_stored", "Articles in the database; above a million an estimate.",
                    static_cast<double>(contents.articles));
        if (contents.newest_published)
            m_out.gauge("cti_newest_article_timestamp_seconds", "Publication of the newest article.",
                        unix_seconds(*contents.newest_published));
        m_out.gauge("cti_database_size_bytes", "Size of the whole database.",
                    static_cast<double>(contents.database_bytes));
        m_out.head("cti_table_dead_rows", "gauge", "Dead rows by the database's statistics.");
        for (const auto& [table, rows] : contents.dead_rows)
            m_out.sample("cti_table_dead_rows", label("table", table), static_cast<double>(rows));
    }

    void write_loop(const LoopView& loop) {
        m_out.gauge("cti_loop_heartbeat_timestamp_seconds", "When the loop of this monitor turned last.",
                    unix_seconds(m_in.now.date_of(loop.heartbeat)));
        if (const auto next = next_round_of(loop, m_in.now))
            m_out.gauge("cti_next_round_timestamp_seconds", "When this monitor looks for due sources next.",
                        unix_seconds(*next));
    }

    // Two threads of one name are one sample: a series may stand there once only.
    void write_threads(const std::vector<ThreadStatus>& threads) {
        std::map<std::string, std::chrono::microseconds> silences;
        for (const auto& thread : threads) {
            auto& silence = silences[thread.name];
            if (thread.is_busy) silence = std::max(silence, thread.silent_for);
        }
        if (silences.empty()) return;
        m_out.head("cti_thread_silence_seconds", "gauge",
                   "How long a thread of this monitor that has work has not got on with it; 0: it has none.");
        for (const auto& [name, silence] : silences)
            m_out.sample("cti_thread_silence_seconds", label("thread", name),
                         std::chrono::duration<double>(silence).count());
    }

    void write_server(const ServerView& server) {
        m_out.head("cti_status_requests_total", "counter", "Requests to this status server.");
        for (const auto& [key, count] : server.requests)
            m_out.sample("cti_status_requests_total",
                         label("path_class", key.first) + "," + label("code", std::to_string(key.second)),
                         static_cast<double>(count));
        m_out.gauge("cti_status_connections", "Connections to this status server that are open.",
                    static_cast<double>(server.connections));
    }

    void write_process(const Process& process) {
        m_out.head("process_cpu_seconds_total", "counter", "CPU time of this process, user and system.");
        m_out.sample("process_cpu_seconds_total", {}, process.cpu_s);
        m_out.gauge("process_resident_memory_bytes", "Resident memory of this process.",
                    static_cast<double>(process.resident_bytes));
        m_out.gauge("process_open_fds", "Open descriptors of this process.",
                    static_cast<double>(process.open_fds));
        m_out.gauge("process_max_fds", "Descriptors that this process may open.",
                    static_cast<double>(process.max_fds));
        m_out.gauge("process_start_time_seconds", "When this process started.", process.start_s);
    }

    const MetricsInput& m_in;
    Families m_out;
};

// The 22nd field of /proc/self/stat is the start in ticks since boot; the 2nd may hold anything but ends at
// the last ')'.
double read_start() {
    std::ifstream stat("/proc/self/stat"), uptime("/proc/uptime");
    std::string line;
    std::getline(stat, line);
    double since_boot = 0;
    uptime >> since_boot;
    const auto fields = split(std::string_view(line).substr(std::min(line.rfind(')') + 1, line.size())), ' ');
    double ticks = 0;
    if (fields.size() > 20) std::from_chars(fields[20].data(), fields[20].data() + fields[20].size(), ticks);
    return unix_seconds(current_time()) - since_boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}
}

Process read_process() {
    Process process;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    process.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    std::ifstream statm("/proc/self/statm");
    long size = 0, resident = 0;
    if (statm >> size >> resident) process.resident_bytes = resident * sysconf(_SC_PAGESIZE);
    std::error_code error;
    const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
    process.open_fds = error ? 0 : std::distance(descriptors, {}) - 1; // less the one that reads the folder
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    process.max_fds = static_cast<long>(limit.rlim_cur);
    static const double start = read_start();
    process.start_s = start;
    return process;
}

std::string render_metrics(const MetricsInput& input, Exposition exposition) {
    return Writer(input, exposition)();
}
}
