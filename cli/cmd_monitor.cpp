#include "cli/collecting.hpp"
#include "cli/database.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/store/sources.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <memory>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;

struct MonitorOptions {
    CollectOptions collecting;
    int interval_s = 300;
    bool once = false;
};

// Waits until the interval is over or a signal asks to stop. A signal between the look and the wait is not lost: they are
// blocked in between, and sigtimedwait() would be told of them.
void wait_interval(std::chrono::seconds interval) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    if (stop_signal() == 0) {
        const timespec limit{interval.count(), 0};
        if (const int number = sigtimedwait(&signals, nullptr, &limit); number > 0) raise(number);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr); // A raised signal is delivered here, to the usual handler.
}

// One round: what is due now, on a connection of its own, so that a database that went away meanwhile is simply met again.
void collect_due(Context& context, const MonitorOptions& options) {
    auto database = open_database(context);
    database.set_outage_policy(outage_policy(options.collecting));
    auto run = to_options(context, options.collecting);
    std::optional<store::Schema> schema;
    {
        store::Transaction tx(database, store::Access::read_only);
        schema = store::read_schema(tx);
        run.sources = store::find_due(tx, *schema);
    }
    std::erase_if(run.sources, [](const Source& source) { return !source.rss_url; });
    if (!run.sources.empty()) summarise(collect_with_progress(context, database, *schema, std::move(run)));
}

ExitCode monitor(Context& context, const MonitorOptions& options) {
    collect_due(context, options); // The first round tells what is wrong with the settings, by failing.
    if (options.once) return stopped_or(ExitCode::ok);
    log::notice("collecting every {} s", options.interval_s);
    while (stop_signal() == 0) {
        wait_interval(std::chrono::seconds{options.interval_s});
        if (stop_signal() != 0) break;
        try {
            collect_due(context, options);
        } catch (const Error& error) {
            if (error.code() != ExitCode::database) throw;
            log::error("{}, next try in {} s", error.what(), options.interval_s);
        }
    }
    log::notice("stopped");
    return stopped_or(ExitCode::ok);
}
}

Action setup_monitor(CLI::App& app) {
    auto options = std::make_shared<MonitorOptions>();
    app.footer(R"(Examples:
  cti monitor                  collect what is due every 5 minutes, for ever
  cti monitor --interval 60    look every minute
  cti monitor --once           one round, then end)");
    app.add_option("--interval", options->interval_s, "Seconds between two rounds")
        ->check(CLI::Range(1, 86400))
        ->type_name("S")
        ->envname("CTI_INTERVAL")
        ->capture_default_str()
        ->group("Behaviour");
    app.add_flag("--once", options->once, "One round, then end")->group("Behaviour");
    add_collect_options(app, options->collecting);
    return [options](Context& context) { return monitor(context, *options); };
}
}
