#include "cli/backup_place.hpp"
#include "cli/command.hpp"
#include "cli/database.hpp"
#include "cli/options/encryption_options.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/backups/restore_backup.hpp"

#include <fmt/format.h>
#include <map>
#include <memory>

namespace cti::cli {
namespace {

struct RestoreCommand {
    ops::RestoreOptions options;
    PlaceOptions place;
    EncryptionOptions encryption;
    bool no_safety_backup = false;
};

long rows_of(const backup::DumpSummary& summary) {
    long rows = 0;
    for (const auto& [table, count] : summary.rows) rows += count;
    return rows;
}

// Rows before and after, of the tables where they differ.
Table changes_of(const ops::RestoreResult& result) {
    std::map<std::string, std::pair<long, long>> rows;
    for (const auto& table : result.before) rows[table.name].first = table.rows;
    for (const auto& table : result.after) rows[table.name].second = table.rows;
    Table table({"TABLE", "BEFORE", "AFTER"});
    for (const auto& [name, counts] : rows)
        if (counts.first != counts.second)
            table.add({name, std::to_string(counts.first), std::to_string(counts.second)});
    return table;
}

void tell(const ops::RestoreResult& result) {
    for (const auto& line : result.done) log::notice("{}", line);
    if (!result.refused.empty())
        log::warning("the server left out what it may: {}{}", result.refused.front(),
                     result.refused.size() > 1 ? fmt::format(", and {} more", result.refused.size() - 1)
                                               : "");
    if (!result.safety_backup.empty())
        log::notice("what was there before is in '{}'", printable(result.safety_backup));
    if (!result.old_database.empty())
        log::notice("what was there before is still in the database '{}'", printable(result.old_database));
    log::notice("'{}' restored into the database '{}': {} of {}", printable(result.dump),
                printable(result.database), count_of(rows_of(result.summary), "row"),
                count_of(static_cast<long>(result.summary.rows.size()), "table"));
}

ExitCode run_restore(const Context& context, RestoreCommand command) {
    auto& options = command.options;
    options.place = find_place(command.place, options.which);
    options.has_safety_backup = !command.no_safety_backup;
    options.encryption = find_encryption(command.encryption);
    ops::RestoreResult result;
    {
        ProgressLine line(context.progress);
        options.on_progress = [&](const std::string& what) { line.show(what); };
        result = ops::restore_backup(make_environment(context), options);
    }
    if (options.dry_run) {
        for (const auto& line : result.done) log::notice("{}", line);
        log::notice("'{}' ({}) holds {} of {} and may be restored; nothing was changed",
                    printable(result.dump), result.kind, count_of(rows_of(result.summary), "row"),
                    count_of(static_cast<long>(result.summary.rows.size()), "table"));
        if (!result.was_empty)
            log::hint(options.tables.empty()
                          ? fmt::format("It would take --confirm={}.", printable(result.database))
                          : "It would take an empty database.");
        return ExitCode::ok;
    }
    const auto changes = changes_of(result);
    if (!changes.empty()) print(changes.render(context));
    tell(result);
    return ExitCode::ok;
}
}

Action setup_restore(Options& app) {
    auto command = std::make_shared<RestoreCommand>();
    auto& options = command->options;
    app.add_option("WHAT", options.which, "A file, or name, label or place of a backup, or 'latest'")
        .required();
    app.add_option("--confirm", options.confirm, "Name of the database, where it is not empty")
        .type_name("NAME");
    const auto migrate =
        app.add_flag("--migrate", options.migrates, "Bring the copy of an older version up to date");
    app.add_option("--tables", options.tables,
                   "Only these tables, with what their foreign keys refer to; into an empty database")
        .type_name("TABLE")
        .delimiter(',')
        .excludes(migrate);
    app.add_flag("--dry-run", options.dry_run, "Read all of it, say what would be done, and do nothing");
    app.add_flag("--no-safety-backup", command->no_safety_backup,
                 "No backup of what is there before; it is kept as a database");
    add_place_options(app, command->place, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    add_decryption_option(app, options.key_file);
    add_encryption_options(app, command->encryption);
    app.footer(R"(The copy is made in a new database, compared with its manifest, and takes the
other one's place at the end. A dump that would run a command is refused.
Examples:
  cti restore latest --dry-run
  cti restore latest --confirm=cti
  cti restore backup.sql --confirm=cti
  cti restore latest --confirm=cti --decrypt-key key.txt
  cti restore latest --confirm=cti --dir s3://bucket/cti
  cti restore latest --tables articles --database-url postgresql:///copy)");
    return [command](Context& context) { return run_restore(context, *command); };
}
}
