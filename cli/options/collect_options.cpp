#include "cli/options/collect_options.hpp"

#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/charts.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/collect/report.hpp"
#include "core/sources/reading.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <unistd.h>

namespace cti::cli {
namespace {
constexpr int k_max_same_fault = 3; // lines about sources with one kind of fault
constexpr int k_max_hints = 5;      // at the end of a run

std::string reasons(const collect::Totals& totals) {
    std::vector<std::string> parts;
    for (const auto& [reason, count] : totals.filtered_by_reason)
        parts.push_back(fmt::format("{} {}", count, reason.name()));
    return parts.empty() ? "" : " (" + join(parts, ", ") + ")";
}

void tell(const collect::Outcome& outcome) {
    const auto& result = outcome.result;
    if (result.status == CheckStatus::failed || result.status == CheckStatus::postponed) {
        log::write(result.status == CheckStatus::failed ? log::Level::warning : log::Level::info,
                   failure_text(outcome),
                   {{"source", result.identifier},
                    {"error", result.error},
                    {"address", outcome.address},
                    {"duration_ms", std::to_string(result.duration.count() / 1000)}});
        return;
    }
    const auto what =
        result.status == CheckStatus::not_modified
            ? std::string("not modified")
            : fmt::format("{} entries, {} new, {} duplicate{}", result.entries, result.inserted,
                          result.duplicate,
                          result.updated > 0 ? fmt::format(", {} updated", result.updated) : "");
    log::write(log::Level::info,
               fmt::format("source '{}': {}, {}", result.identifier, what, format_duration(result.duration)),
               {{"source", result.identifier},
                {"new", std::to_string(result.inserted)},
                {"duration_ms", std::to_string(result.duration.count() / 1000)}});
}
}

std::string failure_text(const collect::Outcome& outcome) {
    const auto& [identifier, error] = std::tie(outcome.result.identifier, outcome.result.error);
    return outcome.address.empty() ? fmt::format("source '{}': {}", identifier, error)
                                   : fmt::format("source '{}': {} ({})", identifier, error, outcome.address);
}

void add_network_options(Options& app, ops::CollectSettings& settings) {
    add_fetch_options(app, settings.fetch);
    app.add_option("--per-host", settings.per_host, "Connections to one host at the same time")
        .between(1, 100)
        .type_name("N")
        .envname("CTI_PER_HOST")
        .capture_default_str()
        .group("Network");
    app.add_option("--host-delay", settings.host_delay_s,
                   "Seconds between two requests to one host, at least")
        .between(0.0, 60.0)
        .seconds()
        .envname("CTI_HOST_DELAY")
        .capture_default_str()
        .group("Network");
    app.add_flag("--no-pages", settings.no_pages, "Keep to what feeds say, do not fetch the pages of teasers")
        .envname("CTI_NO_PAGES")
        .group("Network");
    app.add_option("--title-filter", settings.title_filter,
                   "service: the web service's own words for titles count too, in feeds")
        .one_of({"own", "service"})
        .type_name("WHOSE")
        .envname("CTI_TITLE_FILTER")
        .capture_default_str()
        .group("Behaviour");
    app.add_option("--proxy", settings.proxy, "HTTP proxy (http_proxy, https_proxy, no_proxy)")
        .type_name("URL")
        .envname("CTI_PROXY")
        .group("Network");
    add_secrets_option(app, settings.secrets_file);
}

void add_collect_options(Options& app, CollectArguments& arguments, const char* workers) {
    auto& settings = arguments.settings;
    app.add_option("-j,--jobs", settings.jobs, "Sources at the same time")
        .between(1, 500)
        .type_name("N")
        .envname("CTI_JOBS")
        .capture_default_str()
        .group("Network");
    app.add_option(workers, settings.workers,
                   "Threads that read texts (as many as there are cores, at most 8)")
        .between(1, 64)
        .type_name("N")
        .envname("CTI_WORKERS")
        .group("Behaviour");
    add_network_options(app, settings);
    app.add_option("--lease", settings.lease_s, "Seconds until the sources of a run that died are taken over")
        .between(3, 3600)
        .seconds()
        .envname("CTI_LEASE")
        .capture_default_str()
        .group("Behaviour");
    app.add_option("--db-wait", arguments.db_wait_s, "Seconds to wait for a database that went away")
        .between(0, 86400)
        .seconds()
        .envname("CTI_DB_WAIT")
        .capture_default_str()
        .group("Behaviour");
    add_extractor_options(app, settings.intelligence);
    add_lexicon_option(app, settings.intelligence);
}

db::OutagePolicy outage_policy(const CollectArguments& arguments) {
    return {std::chrono::seconds{arguments.db_wait_s}, {}, is_stop_asked_for};
}

CollectView::CollectView(const Context& context, std::function<void()> on_tick)
    : m_on_terminal(context.progress), m_on_tick(std::move(on_tick)) {}

ops::CollectObserver CollectView::observer() {
    ops::CollectObserver observer;
    observer.on_begin = [this](std::size_t) {
        m_begun = steady_time();
        m_line.emplace(m_on_terminal);
    };
    observer.on_result = [this](const collect::Outcome& outcome) {
        if (is_told_often(outcome.result)) return;
        tell(outcome);
    };
    observer.on_progress = [this](const collect::Progress& progress) { show(progress); };
    return observer;
}

// On a terminal, forty lines that differ in the host only hide what else there is; the summary counts them.
bool CollectView::is_told_often(const CheckResult& result) {
    if (!m_on_terminal || result.status != CheckStatus::failed) return false;
    return ++m_faults[std::string(sources::fault_of(result.error))] > k_max_same_fault;
}

void CollectView::show(const collect::Progress& progress) {
    if (m_on_tick) m_on_tick();
    const auto elapsed = std::chrono::duration<double>(steady_time() - m_begun).count();
    const auto rate = elapsed > 0 ? static_cast<double>(progress.inserted) / elapsed : 0.0;
    m_line->show(fmt::format("{}/{} sources, {} new, {:.0f} s, {:.0f} articles/s, {}, {}{}", progress.done,
                             progress.total, progress.inserted, elapsed, rate,
                             count_of(progress.documents, "document"), size_text(progress.bytes),
                             progress.slowest.empty() ? "" : ", waiting for " + progress.slowest));
}

namespace {
[[noreturn]] void end_hung_process(const std::string& why) {
    log::error("{}; ending the process so that others take over its work", why);
    // Nothing can be cleaned up: whoever hangs may hold what the cleaning needs.
    _exit(static_cast<int>(ExitCode::failure));
}
}

// A thread that hangs would keep the sources of this run for ever, as the others go on renewing its leases.
std::unique_ptr<monitor::Watchdog> watch_threads(const ThreadBoard& threads,
                                                 monitor::WatchdogSettings settings) {
    const SignalsForMainThread guard;
    settings.threads = &threads;
    settings.on_hang = end_hung_process;
    return std::make_unique<monitor::Watchdog>(std::move(settings));
}

namespace {
// The sources that failed, by their kind of fault.
using Faults = std::map<std::string, std::vector<const CheckResult*>, std::less<>>;

Faults faults_of(const collect::Report& report) {
    Faults faults;
    for (const auto& result : report.results)
        if (result.status == CheckStatus::failed)
            faults[std::string(sources::fault_of(result.error))].push_back(&result);
    return faults;
}

// What to do about a fault: of the machine, where every source has it, else of the first source's site.
void hint_at(const std::vector<const CheckResult*>& failed, bool is_all) {
    const auto& first = *failed.front();
    const auto shared = is_all ? sources::remedy_of(first.error) : std::string_view();
    log::hint(!shared.empty() ? std::string(shared) : sources::site_remedy(first.error, first.identifier));
}

// The kinds of fault, with what to do; how many sources share one, where it is more than a few.
void tell_faults(const collect::Report& report, const collect::Totals& totals) {
    int hints = 0;
    for (const auto& [fault, failed] : faults_of(report)) {
        const auto count = std::ssize(failed);
        const bool is_shared = count >= sources::k_min_shared, is_all = is_shared && count == totals.sources;
        if (is_shared)
            log::warning(
                "{} could not be read: {}",
                is_all ? fmt::format("all {}", count_of(count, "source")) : count_of(count, "source"), fault);
        // A remedy without the warning that it is for says nothing: with -q neither is told.
        const bool is_heard = is_all || log::settings().level >= log::Level::warning;
        if (is_heard && ++hints <= k_max_hints) hint_at(failed, is_all);
    }
}
}

void summarise(const collect::Report& report) {
    if (report.held_by_others > 0)
        log::notice("{} collected by another run at the same time",
                    count_of(static_cast<long>(report.held_by_others), "source"));
    if (report.results.empty() && report.not_begun == 0) return;
    const auto totals = collect::add_up(report);
    const auto also = [](long count, const char* what) {
        return count > 0 ? fmt::format(", {} {}", count, what) : std::string();
    };
    log::notice("{} in {}: {} read, {} not modified, {} failed{}{}", count_of(totals.sources, "source"),
                format_duration(report.finished_at - report.started_at),
                totals.sources - totals.not_modified - totals.failed - totals.postponed, totals.not_modified,
                totals.failed, also(totals.postponed, "postponed"),
                also(static_cast<long>(report.not_begun), "left for the next run"));
    log::notice("{} entries: {} {}, {} duplicate, {} filtered{}{}{}{}", totals.entries, totals.inserted,
                report.dry_run ? "would be new" : "new", totals.duplicate, totals.filtered, reasons(totals),
                also(totals.updated, "updated"), also(totals.near_duplicate, "nearly the same as another"),
                report.pages + report.pages_failed > 0
                    ? fmt::format("; {} read{}", count_of(report.pages, "page"),
                                  also(report.pages_failed, "not to be had"))
                    : "");
    tell_faults(report, totals);
}
}
