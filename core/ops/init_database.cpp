#include "core/ops/init_database.hpp"

#include "core/base/log.hpp"
#include "core/ops/secrets_file.hpp"
#include "core/ops/sources/source_files.hpp"
#include "core/ops/sources/validate_feeds.hpp"
#include "core/store/web/sources.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

namespace cti::ops {
namespace {

using Specs = std::vector<SourceSpec>;
using sources::Difference;

void warn_of(const Environment& environment, const std::vector<FeedProblem>& problems) {
    for (const auto& problem : problems)
        environment.warn(fmt::format("source '{}': {} ({}); its address is kept", problem.identifier,
                                     problem.what, problem.url));
}

Specs to_write(db::Transaction& tx, const db::Schema& schema, const Specs& specs,
               const InitOptions& options) {
    return leave_to_operators(tx, schema, specs,
                              options.sync_schedule ? sources::ScheduleFrom::file
                                                    : sources::ScheduleFrom::database);
}

Difference compare(db::Transaction& tx, const db::Schema& schema, const Specs& specs,
                   const InitOptions& options) {
    return sources::compare(store::list_sources(tx, schema), to_write(tx, schema, specs, options),
                            options.active_from());
}

Difference apply(db::Transaction& tx, const Specs& specs, const InitOptions& options) {
    const auto schema = db::read_schema(tx);
    auto difference = apply_sources(tx, schema, to_write(tx, schema, specs, options), options.active_from());
    if (!options.prune) return difference;
    for (const auto& row : difference.missing)
        if (row.active) store::set_active(tx, schema, row.id, false);
    return difference;
}

// Read only where the schema is there, so that a role without any right to write can run it; else in a set-up
// that is rolled back.
void preview(db::Database& database, const Specs& specs, const InitOptions& options, InitResult& result) {
    try {
        db::Transaction tx(database, db::Access::read_only);
        result.difference = compare(tx, db::read_schema(tx), specs, options);
        return;
    } catch (const Error& e) {
        if (e.code() != ExitCode::schema) throw;
        log::info("{}", e.what());
    }
    result.set_up = db::set_up(database, options.time_zone, true, [&](db::Transaction& tx) {
        result.difference = compare(tx, db::read_schema(tx), specs, options);
    });
}

void set_up(db::Database& database, const std::optional<Specs>& specs, const InitOptions& options,
            InitResult& result) {
    const auto reset = [&](db::Transaction& tx) {
        if (options.reset) result.dropped = reset_database(tx, {options.confirm, options.dry_run});
    };
    const auto write_sources = [&](db::Transaction& tx) {
        if (specs) result.difference = apply(tx, *specs, options);
    };
    result.set_up = db::set_up(database, options.time_zone, options.dry_run, write_sources, reset);
}

void require_reset(const InitOptions& options) {
    if (options.reset || options.confirm.empty()) return;
    throw Error{ExitCode::usage, "--confirm goes with --reset only"};
}
}

InitResult init_database(const Environment& environment, const InitOptions& options) {
    InitResult result;
    require_reset(options);
    const auto specs =
        options.no_sources ? std::nullopt : read_configured_sources(environment, options.sources_config);
    if (options.prune && (!specs || specs->empty()))
        throw Error{ExitCode::usage,
                    "cannot prune: there is no source in the file, so all would be disabled"};
    result.has_sources = specs.has_value();
    auto database = environment.connect();
    if (specs && options.validate_feeds)
        warn_of(environment, validate_feeds(environment, *specs, options.allow_private,
                                            read_secrets(options.secrets_file).get()));
    result.is_stopped = environment.is_stopped();
    if (result.is_stopped) return result;
    if (options.dry_run && specs && !options.reset)
        preview(database, *specs, options, result);
    else
        set_up(database, specs, options, result);
    return result;
}
}
