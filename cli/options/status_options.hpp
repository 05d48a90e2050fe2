#pragma once
#include "cli/options/options.hpp"
#include "core/base/thread_board.hpp"
#include "core/monitor/http_server.hpp"
#include "core/monitor/loop.hpp"
#include "core/monitor/observer.hpp"

#include <memory>
#include <optional>
#include <string>

// The status server, as `monitor` and `serve` have it.
namespace cti::cli {

struct StatusOptions {
    std::optional<Option> listen_option; // tells whether it was given
    std::string listen = monitor::k_default_listen;
    int max_sources = 500;
    bool enable_control = false;
    std::string control_token_file;
};
void add_status_options(Options& app, StatusOptions& options);

// What it reads the database by: the first thread beside the main one of both, so the libraries are started
// before it.
std::unique_ptr<monitor::Observer> start_observer(const Context& context, ThreadBoard& threads);

// What it tells of; all of it outlives the server.
struct StatusParts {
    const Context& context;
    const monitor::Observer& observer;
    const monitor::LoopState& loop;
    ThreadBoard& threads;
};
// Throws Error(usage) for an address or a token that is none, Error(failure) where nobody can listen there.
std::unique_ptr<monitor::HttpServer> start_status_server(const StatusOptions& options,
                                                         const StatusParts& parts);
}
