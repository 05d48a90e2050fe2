#include "cli/command.hpp"
#include "cli/database.hpp"
#include "cli/fetching.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/collect/backfill.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct BackfillCommand {
    ops::IntelligenceFiles intel;
    int batch = 200;
    bool again = false;
};

ExitCode run_backfill(Context& context, const BackfillCommand& command) {
    const auto intelligence = ops::make_intelligence(command.intel);
    auto database = open_database(context);
    std::optional<db::Schema> schema;
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
    }
    ProgressLine line(context.progress);
    const auto begun = steady_time();
    collect::BackfillOptions options;
    options.batch = command.batch;
    options.again = command.again;
    options.stop = &stop_signal();
    options.on_progress = [&](const collect::BackfillProgress& progress) {
        const auto seconds = std::max(std::chrono::duration<double>(steady_time() - begun).count(), 1e-3);
        line.show(fmt::format("{}/{} articles, {:.0f} articles/s, {:.1f} MB/s", progress.read, progress.total,
                              static_cast<double>(progress.read) / seconds,
                              static_cast<double>(progress.bytes) / 1e6 / seconds));
    };
    const auto done = collect::backfill(database, *schema, *intelligence, options);
    log::notice(
        "{} looked through in {}{}", count_of(done.read, "article"), format_duration(steady_time() - begun),
        stop_signal() != 0 ? fmt::format(", {} left for the next run", std::max(done.total - done.read, 0L))
                           : "");
    options.on_progress = [&](const collect::BackfillProgress& progress) {
        line.show(fmt::format("{} articles into the search index", progress.read));
    };
    if (const auto indexed = collect::index_search(database, *schema, options); indexed > 0)
        log::notice("{} brought into the search index", count_of(indexed, "article"));
    return stopped_or(ExitCode::ok);
}

Action setup_backfill(Options& app) {
    auto command = std::make_shared<BackfillCommand>();
    app.add_flag("--again", command->again,
                 "Look through all articles, those too that this version has read");
    app.add_option("--batch", command->batch, "Articles in one transaction")
        .between(1, 5000)
        .type_name("N")
        .capture_default_str();
    add_extractor_options(app, command->intel);
    app.footer(R"(What was done stays done when it is stopped; the next call goes on there.
Examples:
  cti intel backfill
  cti intel backfill --again --galaxy misp-galaxy)");
    return [command](Context& context) { return run_backfill(context, *command); };
}

constexpr Command k_commands[] = {
    {"backfill", "Find the indicators and words of articles that were stored without them", setup_backfill},
};
}

Action setup_intel(Options& app) { return app.choose_from(k_commands); }
}
