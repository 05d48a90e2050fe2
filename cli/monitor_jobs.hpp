#pragma once
#include "core/monitor/periodic.hpp"
#include "core/work/worker.hpp"

#include <atomic>
#include <optional>

namespace cti::cli {

// The jobs that a monitor does beside its rounds, in threads of their own. A database that is away, or not
// made ready yet, is waited for.
class MonitorJobs {
public:
    explicit MonitorJobs(work::WorkerSettings settings);
    ~MonitorJobs(); // stops, and waits for the jobs in hand as long as the settings say
    MonitorJobs(const MonitorJobs&) = delete;
    MonitorJobs& operator=(const MonitorJobs&) = delete;

    void stop(); // soon

private:
    void work();

    std::atomic<int> m_stop{0};
    work::WorkerSettings m_settings;
    bool m_is_told = false; // that they cannot be done now
    std::optional<monitor::Periodic> m_thread;
};
}
