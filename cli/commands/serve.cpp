#include "cli/options/collect_options.hpp"
#include "cli/options/status_options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/monitor/watchdog.hpp"

#include <memory>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;

constexpr auto k_beat = 1s;

monitor::LoopView view_of_server() {
    monitor::LoopView view;
    view.started_at = view.heartbeat = steady_time();
    view.collects = false;
    return view;
}

// The parts live in the order in which they need each other.
class Serving {
public:
    Serving(Context& context, const StatusOptions& options) : m_context(context), m_options(options) {}

    void run() {
        start_threads();
        log::notice("status on {}", m_server->url());
        while (stop_signal() == 0) {
            m_state.beat(steady_time());
            wait_for_signal(k_beat);
        }
        m_state.drain();
        log::notice("stopped");
    }

private:
    void start_threads() {
        const SignalsForMainThread guard;
        m_observer = start_observer(m_context, m_threads);
        m_server = start_status_server(m_options, {m_context, *m_observer, m_state, m_threads});
        monitor::WatchdogSettings watching;
        watching.loop = &m_state;
        m_watchdog = watch_threads(m_threads, std::move(watching));
    }

    Context& m_context;
    const StatusOptions& m_options;
    ThreadBoard m_threads;
    monitor::LoopState m_state{view_of_server(), &m_threads};
    std::unique_ptr<monitor::Observer> m_observer;
    std::unique_ptr<monitor::HttpServer> m_server;
    std::unique_ptr<monitor::Watchdog> m_watchdog;
};

ExitCode run_serve(Context& context, const StatusOptions& options) {
    if (options.listen == "none")
        throw Error{ExitCode::usage, "--listen none: a server that listens nowhere serves nobody",
                    "Write an address: --listen 127.0.0.1:8080."};
    Serving(context, options).run();
    return stopped_or(ExitCode::ok);
}
}

Action setup_serve(Options& app) {
    auto options = std::make_shared<StatusOptions>();
    app.footer(R"(What a monitor answers over HTTP, by a process that collects nothing.
Examples:
  cti serve
  cti serve --listen 127.0.0.1:9090
  cti serve --enable-control --control-token-file token)");
    add_status_options(app, *options);
    return [options](Context& context) { return run_serve(context, *options); };
}
}
