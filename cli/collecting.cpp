#include "cli/collecting.hpp"

#include "cli/progress.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cti::cli {
namespace {
std::string reasons(const collect::Totals& totals) {
    std::vector<std::string> parts;
    for (const auto& [reason, count] : totals.filtered_by_reason) parts.push_back(fmt::format("{} {}", count, reason));
    return parts.empty() ? "" : " (" + join(parts, ", ") + ")";
}

void tell(const CheckResult& result) {
    if (result.status == CheckStatus::failed) {
        log::write(log::Level::warning, fmt::format("source '{}': {}", result.identifier, result.error),
                   {{"source", result.identifier}, {"error", result.error}, {"duration_ms", std::to_string(result.duration.count() / 1000)}});
        return;
    }
    const auto what = result.status == CheckStatus::not_modified
                          ? std::string("not modified")
                          : fmt::format("{} entries, {} new, {} duplicate", result.entries, result.inserted, result.duplicate);
    log::write(log::Level::info, fmt::format("source '{}': {}, {}", result.identifier, what, format_duration(result.duration)),
               {{"source", result.identifier}, {"new", std::to_string(result.inserted)}, {"duration_ms", std::to_string(result.duration.count() / 1000)}});
}
}

void add_collect_options(CLI::App& app, CollectOptions& options) {
    app.add_option("-j,--jobs", options.jobs, "Sources at the same time")
        ->check(CLI::Range(1, 500))
        ->type_name("N")
        ->envname("CTI_JOBS")
        ->capture_default_str()
        ->group("Network");
    add_fetch_options(app, options.fetch);
}

collect::Options to_options(const Context&, const CollectOptions& options) {
    const auto request = to_request(options.fetch, "");
    collect::Options out;
    out.jobs = options.jobs;
    out.allow_private = request.allow_private;
    out.user_agent = request.user_agent;
    out.limits = request.limits;
    out.stop = &stop_signal();
    return out;
}

void leave_out_feedless(std::vector<Source>& sources) {
    const auto count = std::erase_if(sources, [](const Source& source) { return !source.rss_url || source.rss_url->empty(); });
    if (count > 0) log::notice("{} without a feed address left out", count == 1 ? std::string("1 source") : fmt::format("{} sources", count));
}

collect::Report collect_with_progress(const Context& context, store::Database& database, const store::Schema& schema, collect::Options options) {
    ProgressLine line(context.progress);
    const auto begun = current_time();
    options.on_result = tell;
    options.on_progress = [&](const collect::Progress& progress) {
        const auto elapsed = static_cast<double>((current_time() - begun).count()) / 1e6;
        line.show(fmt::format("{}/{} sources, {} new, {:.0f} articles/s{}", progress.done, progress.total, progress.inserted,
                              elapsed > 0 ? static_cast<double>(progress.inserted) / elapsed : 0.0,
                              progress.slowest.empty() ? "" : ", waiting for " + progress.slowest));
    };
    return collect::collect(database, schema, options, begun);
}

void summarise(const collect::Report& report) {
    if (report.results.empty() && report.not_begun == 0) return;
    const auto totals = collect::add_up(report);
    log::notice("{} sources in {}: {} read, {} not modified, {} failed{}", totals.sources, format_duration(report.finished_at - report.started_at),
                totals.sources - totals.not_modified - totals.failed, totals.not_modified, totals.failed,
                report.not_begun > 0 ? fmt::format(", {} left for the next run", report.not_begun) : "");
    log::notice("{} entries: {} {}, {} duplicate, {} filtered{}", totals.entries, totals.inserted, report.dry_run ? "would be new" : "new",
                totals.duplicate, totals.filtered, reasons(totals));
}

Error unknown_source(const std::string& wanted, const std::vector<std::string>& identifiers) {
    const auto near = closest(wanted, identifiers);
    return {ExitCode::usage, fmt::format("unknown source '{}'", wanted),
            near.empty() ? "See 'cti sources list'." : fmt::format("Did you mean '{}'?", near)};
}
}
