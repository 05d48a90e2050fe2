#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/answer.hpp"
#include "core/monitor/snapshot.hpp"

#include <memory>
#include <string>
#include <string_view>

// The paths of the status server. Pure: a request and what is known in, an answer out.
namespace cti::monitor {

// Where a monitor listens and `healthcheck` asks where nothing else is said.
inline constexpr const char* k_default_listen = "127.0.0.1:8080";

struct StatusRequest {
    std::string path;       // without the query
    std::string format;     // ?format=
    std::string accept;     // the header
    std::string state = {}; // ?state=: of sources on the page, of jobs in their list
    std::string limit = {}; // ?limit=
};

struct State {
    std::shared_ptr<const Snapshot> snapshot; // not empty
    LoopView loop;
    ServerView server;
    std::size_t max_sources = 500; // of /metrics
    Instant now;
    std::vector<ThreadStatus> threads; // of the monitor's process
    std::string source_filter = {};    // which sources the page shows; "": those that fail
};

Answer answer(const StatusRequest& request, const State& state);
// "/api/v1/sources" is "/api/sources", "/api/v1/jobs/7" and "/api/jobs/7" are "/jobs/7". What is asked of the
// rest here is a plain path.
std::string plain_path(std::string_view path);
// A closed set, for the metric of requests: "livez", "health", "metrics", "page", "other" …
std::string_view class_of_path(std::string_view path);
}
