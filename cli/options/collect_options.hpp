#pragma once
#include "cli/command.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/thread_board.hpp"
#include "core/monitor/watchdog.hpp"
#include "core/ops/collect_sources.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

// What `collect` and `monitor` share.
namespace cti::cli {

struct CollectArguments {
    ops::CollectSettings settings;
    int db_wait_s = 30;
};
void add_network_options(Options& app, ops::CollectSettings& settings); // how a source is asked
// workers: what the option for threads that read texts is called.
void add_collect_options(Options& app, CollectArguments& arguments, const char* workers = "--workers");

// How long the database is waited for while it is restarted or fails over; a stop ends the waiting.
db::OutagePolicy outage_policy(const CollectArguments& arguments);

// Tells of each source as it comes (-v), of failures always, and keeps the progress line.
class CollectView {
public:
    // on_tick: called several times a second.
    explicit CollectView(const Context& context, std::function<void()> on_tick = {});
    CollectView(const CollectView&) = delete;
    CollectView& operator=(const CollectView&) = delete;

    ops::CollectObserver observer(); // is not to be used any more once the view has gone

private:
    bool is_told_often(const CheckResult& result);
    void show(const collect::Progress& progress);

    bool m_on_terminal;
    std::function<void()> m_on_tick;
    std::map<std::string, int> m_faults; // of those that were told or counted
    SteadyTime m_begun{};
    std::optional<ProgressLine> m_line;
};

// What is said of a source that could not be read, with the address that was asked.
std::string failure_text(const collect::Outcome& outcome);
void summarise(const collect::Report& report);
// Says why and ends the process, without cleaning up, when one of them hangs, or what `settings` watch beside
// them; as long as it lives itself.
std::unique_ptr<monitor::Watchdog> watch_threads(const ThreadBoard& threads,
                                                 monitor::WatchdogSettings settings = {});
}
