#include "cli/monitor_jobs.hpp"

#include "core/base/log.hpp"

#include <csignal>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;
constexpr auto k_try_again = 5s;
}

MonitorJobs::MonitorJobs(work::WorkerSettings settings) : m_settings(std::move(settings)) {
    m_settings.environment.stop = &m_stop;
    m_thread.emplace(k_try_again, [this] { work(); });
}

MonitorJobs::~MonitorJobs() { stop(); }

void MonitorJobs::stop() { m_stop = SIGTERM; }

// The rounds tell of a database that is away, so this is told once.
void MonitorJobs::work() {
    if (m_stop != 0) return;
    try {
        work::Worker worker(m_settings);
        m_is_told = false;
        worker.run();
    } catch (const Error& error) {
        if (!std::exchange(m_is_told, true)) log::warning("no jobs are done: {}", error.what());
    }
}
}
