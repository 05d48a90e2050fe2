#include "cli/command.hpp"
#include "cli/database.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/ops/backfill.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

std::vector<std::string> step_names() {
    std::vector<std::string> names;
    for (const auto& step : pipeline::steps()) names.emplace_back(step.name);
    return names;
}

// What is said when a step is through; "{}": "7 articles".
const char* said_of(std::string_view step) {
    if (step == "words") return "{} brought into the search index";
    if (step == "score") return "{} scored";
    return step == "simhash" ? "{} brought among those that near-duplicates are looked for in"
                             : "{} looked through";
}

// Draws the progress line, and says of each step when it is done.
class BackfillView {
public:
    BackfillView(const Context& context, bool is_chosen) : m_line(context.progress), m_is_chosen(is_chosen) {}

    ops::BackfillObserver observer() {
        ops::BackfillObserver observer;
        observer.on_begin = [this](const pipeline::Step&) { m_begun = steady_time(); };
        observer.on_progress = [this](const auto& step, const auto& progress) { show(step, progress); };
        observer.on_end = [this](const auto& step, const auto& done) { tell(step, done); };
        return observer;
    }

private:
    void show(const pipeline::Step& step, const collect::BackfillProgress& progress) {
        const auto seconds = std::max(std::chrono::duration<double>(steady_time() - m_begun).count(), 1e-3);
        m_line.show(fmt::format("{}: {}/{} articles, {:.0f} s, {:.0f} articles/s, {:.1f} MB/s", step.name,
                                progress.done, progress.total, seconds,
                                static_cast<double>(progress.done) / seconds,
                                static_cast<double>(progress.bytes) / 1e6 / seconds));
    }

    // A step that had nothing to do is only told of where it was asked for, or where people wait for it.
    void tell(const pipeline::Step& step, const collect::BackfillProgress& done) const {
        const bool is_indicators = step.name == "indicators";
        if (done.done == 0 && !m_is_chosen && !is_indicators) return;
        const auto left = std::max(done.total - done.done, 0L);
        log::notice("{}{}{}", fmt::format(fmt::runtime(said_of(step.name)), count_of(done.done, "article")),
                    is_indicators ? " in " + format_duration(steady_time() - m_begun) : std::string(),
                    stop_signal() != 0 ? fmt::format(", {} left for the next run", left) : "");
    }

    ProgressLine m_line;
    bool m_is_chosen;
    SteadyTime m_begun{};
};

ExitCode run_backfill(const Context& context, const ops::BackfillOptions& options) {
    BackfillView view(context, !options.steps.empty());
    ops::backfill(make_environment(context), options, view.observer());
    return stopped_or(ExitCode::ok);
}

std::string describe_steps() {
    std::string text = "Steps, each for articles that it was not run on, or that have changed since:\n";
    for (const auto& step : pipeline::steps()) text += fmt::format("  {:<12}{}\n", step.name, step.summary);
    return text;
}

Action setup_backfill(Options& app) {
    auto options = std::make_shared<ops::BackfillOptions>();
    app.add_option("--step", options->steps, "Only this step; may be given several times")
        .one_of(step_names())
        .one_each()
        .type_name("STEP");
    app.add_flag("--again", options->again,
                 "Look through all articles, those too that this version has read");
    app.add_option("--batch", options->batch, "Articles in one transaction")
        .between(1, 5000)
        .type_name("N")
        .capture_default_str();
    add_extractor_options(app, options->intelligence);
    add_lexicon_option(app, options->intelligence);
    app.footer(describe_steps() + R"(What was done stays done when it is stopped; the next call goes on there.
Examples:
  cti intel backfill
  cti intel backfill --step words
  cti intel backfill --again --galaxy misp-galaxy)");
    return [options](Context& context) { return run_backfill(context, *options); };
}

constexpr Command k_intel_commands[] = {
    {"backfill", "Find what is missing of articles that are stored: indicators, score, words, likeness",
     setup_backfill},
};
}

Action setup_intel(Options& app) {
    app.footer(R"(Examples:
  cti intel backfill                     what is missing for stored articles
  cti intel backfill --step indicators)");
    return app.choose_from(k_intel_commands);
}
}
