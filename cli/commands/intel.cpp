#include "cli/command.hpp"
#include "cli/database.hpp"
#include "cli/intel_files.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/collect/backfill.hpp"
#include "core/pipeline/step.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct BackfillCommand {
    IntelOptions intel;
    int batch = 200;
    bool again = false;
    std::vector<std::string> steps; // none: all
};

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

// A step that had nothing to do is only told of where it was asked for, or where it is the one that people
// wait for.
void tell(const pipeline::Step& step, const collect::BackfillProgress& done, bool is_chosen,
          std::chrono::microseconds duration) {
    if (done.done == 0 && !is_chosen && step.name != "indicators") return;
    const auto left = stop_signal() != 0 ? std::max(done.total - done.done, 0L) : 0;
    log::notice("{}{}{}", fmt::format(fmt::runtime(said_of(step.name)), count_of(done.done, "article")),
                step.name == "indicators" ? " in " + format_duration(duration) : std::string(),
                left > 0 ? fmt::format(", {} left for the next run", left) : "");
}

ExitCode run_backfill(Context& context, const BackfillCommand& command) {
    const auto intelligence = make_intelligence(command.intel);
    auto database = open_database(context);
    std::optional<db::Schema> schema;
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
    }
    const pipeline::StepTools tools{intelligence.get(), schema->generation == db::Generation::web_2025};
    ProgressLine line(context.progress);
    collect::BackfillOptions options;
    options.batch = command.batch;
    options.again = command.again;
    options.stop = &stop_signal();
    for (const auto& name : command.steps.empty() ? step_names() : command.steps) {
        if (stop_signal() != 0) break;
        const auto begun = steady_time();
        options.on_progress = [&](const collect::BackfillProgress& progress) {
            const auto seconds = std::max(std::chrono::duration<double>(steady_time() - begun).count(), 1e-3);
            line.show(fmt::format("{}: {}/{} articles, {:.0f} articles/s, {:.1f} MB/s", name, progress.done,
                                  progress.total, static_cast<double>(progress.done) / seconds,
                                  static_cast<double>(progress.bytes) / 1e6 / seconds));
        };
        const auto& step = pipeline::get_step(name);
        const auto done = collect::backfill(database, *schema, step, tools, options);
        tell(step, done, !command.steps.empty(), steady_time() - begun);
    }
    return stopped_or(ExitCode::ok);
}

std::string describe_steps() {
    std::string text = "Steps, each for articles that it was not run on, or that have changed since:\n";
    for (const auto& step : pipeline::steps()) text += fmt::format("  {:<12}{}\n", step.name, step.summary);
    return text;
}

Action setup_backfill(Options& app) {
    auto command = std::make_shared<BackfillCommand>();
    app.add_option("--step", command->steps, "Only this step; may be given several times")
        .one_of(step_names())
        .one_each()
        .type_name("STEP");
    app.add_flag("--again", command->again,
                 "Look through all articles, those too that this version has read");
    app.add_option("--batch", command->batch, "Articles in one transaction")
        .between(1, 5000)
        .type_name("N")
        .capture_default_str();
    add_extractor_options(app, command->intel);
    add_lexicon_option(app, command->intel);
    app.footer(describe_steps() + R"(What was done stays done when it is stopped; the next call goes on there.
Examples:
  cti intel backfill
  cti intel backfill --step words
  cti intel backfill --again --galaxy misp-galaxy)");
    return [command](Context& context) { return run_backfill(context, *command); };
}

constexpr Command k_commands[] = {
    {"backfill", "Find what is missing of articles that are stored: indicators, score, words, likeness",
     setup_backfill},
};
}

Action setup_intel(Options& app) { return app.choose_from(k_commands); }
}
