#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/snapshot.hpp"

#include <string>
#include <vector>

// /metrics and the text files of node_exporter. Pure.
namespace cti::monitor {

enum class Exposition { prometheus, open_metrics }; // text format 0.0.4; OpenMetrics 1.0

struct Process { // of this process, see proc(5)
    double cpu_s = 0;
    long resident_bytes = 0, open_fds = 0, max_fds = 0;
    double start_s = 0; // Unix time
};
Process read_process();

struct MetricsInput {
    const Snapshot& snapshot;
    Instant now;
    const LoopView* loop = nullptr; // without: not of a monitor
    const ServerView* server = nullptr;
    const Process* process = nullptr;
    std::size_t max_sources = 500; // above it no metric of single sources
    const std::vector<ThreadStatus>* threads = nullptr;
};
std::string render_metrics(const MetricsInput& input, Exposition exposition);
}
