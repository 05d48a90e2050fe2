#include "cli/command.hpp"
#include "cli/database.hpp"
#include "cli/fetching.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/ops/backfill.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {

// Draws the progress line, and says when the first half is done.
class BackfillView {
public:
    explicit BackfillView(const Context& context) : m_on_terminal(context.progress) {}

    ops::BackfillObserver observer() {
        ops::BackfillObserver observer;
        observer.on_begin = [this] {
            m_line.emplace(m_on_terminal);
            m_begun = steady_time();
        };
        observer.on_progress = [this](const collect::BackfillProgress& progress) { show(progress); };
        observer.on_read = [this](const collect::BackfillProgress& done) { tell(done); };
        observer.on_index_progress = [this](long articles) {
            m_line->show(fmt::format("{} articles into the search index", articles));
        };
        return observer;
    }

private:
    void show(const collect::BackfillProgress& progress) {
        const auto seconds = std::max(std::chrono::duration<double>(steady_time() - m_begun).count(), 1e-3);
        m_line->show(fmt::format("{}/{} articles, {:.0f} articles/s, {:.1f} MB/s", progress.read,
                                 progress.total, static_cast<double>(progress.read) / seconds,
                                 static_cast<double>(progress.bytes) / 1e6 / seconds));
    }

    void tell(const collect::BackfillProgress& done) const {
        const auto left = std::max(done.total - done.read, 0L);
        log::notice("{} looked through in {}{}", count_of(done.read, "article"),
                    format_duration(steady_time() - m_begun),
                    stop_signal() != 0 ? fmt::format(", {} left for the next run", left) : "");
    }

    bool m_on_terminal;
    std::optional<ProgressLine> m_line;
    SteadyTime m_begun{};
};

ExitCode run_backfill(const Context& context, const ops::BackfillOptions& options) {
    BackfillView view(context);
    const auto result = ops::backfill(make_environment(context), options, view.observer());
    if (result.indexed > 0)
        log::notice("{} brought into the search index", count_of(result.indexed, "article"));
    return stopped_or(ExitCode::ok);
}

Action setup_backfill(Options& app) {
    auto options = std::make_shared<ops::BackfillOptions>();
    app.add_flag("--again", options->again,
                 "Look through all articles, those too that this version has read");
    app.add_option("--batch", options->batch, "Articles in one transaction")
        .between(1, 5000)
        .type_name("N")
        .capture_default_str();
    add_extractor_options(app, options->intelligence);
    app.footer(R"(What was done stays done when it is stopped; the next call goes on there.
Examples:
  cti intel backfill
  cti intel backfill --again --galaxy misp-galaxy)");
    return [options](Context& context) { return run_backfill(context, *options); };
}

constexpr Command k_commands[] = {
    {"backfill", "Find the indicators and words of articles that were stored without them", setup_backfill},
};
}

Action setup_intel(Options& app) { return app.choose_from(k_commands); }
}
