#include "core/ops/backups/restore_backup.hpp"

#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/migrate.hpp"
#include "core/db/tool_address.hpp"
#include "core/ops/backups/require_alone.hpp"
#include "core/store/own/restored_copy.hpp"
#include "core/store/read/database_facts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cti::ops {
namespace {

// The database that is to be replaced, as it was found.
struct Target {
    std::string name;
    bool is_empty = false, may_create = false;
    std::vector<db::OtherSession> sessions;
};

Target look_at_target(db::Database& database) {
    db::Transaction transaction(database, db::Access::read_only);
    return {db::current_database(transaction), db::is_empty_database(transaction),
            db::may_create_databases(transaction), db::other_sessions(transaction)};
}

void require_consent(const Target& target, const RestoreOptions& options) {
    if (!options.confirm.empty() && options.confirm != target.name)
        throw Error{ExitCode::usage,
                    fmt::format("--confirm names '{}', and the database is '{}'", printable(options.confirm),
                                printable(target.name)),
                    "Look at --database-url and DATABASE_URL: is that the one to replace?"};
    if (target.is_empty || options.dry_run) return;
    if (!options.tables.empty())
        throw Error{ExitCode::usage,
                    fmt::format("the database '{}' is not empty, and some tables alone never replace it",
                                printable(target.name)),
                    "Make a new one (createdb), and name it with --database-url."};
    if (!options.confirm.empty()) return;
    throw Error{ExitCode::usage, fmt::format("the database '{}' is not empty", printable(target.name)),
                fmt::format("To replace all that is in it, say --confirm={}.", printable(target.name))};
}

// Which of several databases is meant nobody should have to guess.
void require_one_database(const std::vector<backup::Stored>& list, const std::string& place) {
    std::set<std::string> databases;
    for (const auto& stored : list)
        if (stored.manifest && stored.name.label != backup::k_safety_label)
            databases.insert(printable(stored.manifest->database.database));
    if (databases.size() < 2) return;
    throw Error{ExitCode::usage,
                fmt::format("'{}' holds backups of several databases: {}", printable(place),
                            join({databases.begin(), databases.end()}, ", ")),
                "Name the one that is meant: 'cti backup list'."};
}

// 'latest' is the newest that is whole: that it is not the newest of all, people have to know.
void tell_passed_over(const Environment& environment, const std::vector<backup::Stored>& list) {
    for (auto stored = list.rbegin(); stored != list.rend(); ++stored) {
        if (stored->name.label == backup::k_safety_label) continue;
        if (stored->fault.empty()) return;
        environment.warn(
            fmt::format("the newer backup '{}' is passed over: {}", printable(stored->path), stored->fault),
            "What is missing since then? See 'cti backup list'.");
    }
}

void look_at_latest(const Environment& environment, backup::Place& place, const std::string& which) {
    if (which != "latest") return;
    const auto list = place.list();
    require_one_database(list, place.text());
    tell_passed_over(environment, list);
}

void require_way(const Target& target) {
    if (target.may_create || target.is_empty) return;
    throw Error{
        ExitCode::database,
        fmt::format("the role may not make a database, so '{}' cannot be replaced as a whole",
                    printable(target.name)),
        "Let an administrator run ALTER ROLE … CREATEDB, or restore into an empty database with --database-url."};
}

// Newer ones are refused always, older ones unless they are to be brought up to date. None at all: it is a
// copy of the web service's tables, or of something else.
void require_version(const std::vector<std::string>& migrations, bool migrates) {
    const auto known = db::migrations();
    const auto is_known = [&](const std::string& name) {
        return std::ranges::any_of(known,
                                   [&](const db::Migration& migration) { return migration.name == name; });
    };
    const auto newer = std::ranges::find_if_not(migrations, is_known);
    if (newer != migrations.end())
        throw Error{ExitCode::schema,
                    fmt::format("the backup is newer than this program: it has the migration '{}'",
                                printable(*newer)),
                    "Restore it with the version of cti that made it, or a later one."};
    if (migrations.empty() || migrations.size() == known.size() || migrates) return;
    throw Error{
        ExitCode::schema,
        fmt::format("the backup is older than this program: it lacks {}",
                    count_of(static_cast<long>(known.size() - migrations.size()), "migration")),
        "Say --migrate to bring the copy up to date, or restore it with the version of cti that made it."};
}

// Some tables alone are no database of cti: nobody works with them before they are looked at.
bool takes_older(const RestoreOptions& options) { return options.migrates || !options.tables.empty(); }

[[noreturn]] void refuse_damage(const std::string& path, const std::vector<std::string>& damage) {
    throw Error{ExitCode::check, fmt::format("'{}' is damaged: {}", printable(path), join(damage, "; ")),
                "Nothing was changed. Use another backup: 'cti backup list'."};
}

// The manifest comes first: nothing of the dump is read before its bytes are known to be the right ones.
void examine_manifest(const Environment& environment, const RestoreOptions& options, const FoundDump& dump) {
    if (dump.manifest() == nullptr) return;
    require_version(dump.manifest()->database.migrations, takes_older(options));
    const auto damage = find_file_damage(environment, *dump.backup, options.on_progress);
    if (!damage.empty()) refuse_damage(dump.backup->path, damage);
}

backup::DumpSummary examine_dump(const Environment& environment, const RestoreOptions& options,
                                 const FoundDump& dump) {
    auto summary = decode_dump(environment, dump, options.on_progress);
    if (dump.manifest() != nullptr)
        if (const auto damage = differing_rows(*dump.manifest(), summary); !damage.empty())
            refuse_damage(dump.path, damage);
    return summary;
}

void check_copy(db::Transaction& transaction, const FoundDump& dump, const RestoreOptions& options,
                RestoreResult& result) {
    const auto* const manifest = dump.manifest();
    const auto scope = manifest == nullptr ? store::Scope::all : scope_of(*manifest);
    const auto facts = store::read_database_facts(transaction, scope);
    result.after = facts.tables;
    require_version(facts.migrations, takes_older(options));
    if (manifest == nullptr) return;
    if (const auto faults = backup::differences(wanted_facts(dump), facts); !faults.empty())
        refuse_damage(dump.path, faults);
}

// The copy is whole and nobody uses it yet.
void make_fit_for_use(db::Database& copy, bool migrates, RestoreResult& result) {
    if (migrates)
        for (const auto& name : db::set_up(copy, "", false).migrations)
            result.done.push_back("migrated: " + name);
    db::Transaction transaction(copy);
    for (auto& line : store::forget_work_in_hand(transaction)) result.done.push_back(std::move(line));
    for (const auto& name : store::advance_sequences(transaction))
        result.done.push_back(fmt::format("sequence {} set to the highest number of its table", name));
    store::analyze_database(transaction);
    transaction.commit();
}

void fill(const Environment& environment, const RestoreOptions& options, const FoundDump& dump,
          db::Database& copy, RestoreResult& result) {
    auto report = load_dump(environment, copy, dump, options.on_progress);
    result.refused = std::move(report.refused);
    if (report.is_superuser && !report.summary.dynamic_lines.empty())
        environment.warn(
            fmt::format(
                "the dump has functions that put SQL together at run time (line {}): what they run nobody can see before",
                report.summary.dynamic_lines.front()),
            "Where you do not know who made it, restore as a role that is no superuser.");
    if (options.on_progress) options.on_progress("comparing");
    {
        db::Transaction transaction(copy);
        check_copy(transaction, dump, options, result);
    }
    make_fit_for_use(copy, options.migrates && !dump.selection, result);
}

// A connection to neither of the two databases that change their names.
db::Database connect_aside(db::Database& database, const std::string& target) {
    for (const auto* const name : {"postgres", "template1"}) {
        if (name == target) continue;
        try {
            return db::connect_beside(database, name, "admin");
        } catch (const Error& error) {
            if (error.code() != ExitCode::database) throw;
        }
    }
    throw Error{
        ExitCode::database,
        "neither the database 'postgres' nor 'template1' can be connected to, and one is needed beside",
        "Restore into an empty database with --database-url."};
}

std::string old_name_of(const std::string& database, Time now) {
    constexpr std::size_t k_max_name = 63;
    std::string end = "_before_";
    for (const char c : format_rfc3339(now))
        if (is_ascii_digit(c)) end += c;
    return database.substr(0, k_max_name - end.size()) + end;
}

void restore_beside(const Environment& environment, const RestoreOptions& options, const FoundDump& dump,
                    std::optional<db::Database> database, const Target& target, RestoreResult& result) {
    auto server = connect_aside(*database, target.name);
    db::drop_scratch_leftovers(server, environment.now());
    ScratchDatabase scratch(server, target.name, environment.now());
    {
        auto copy = db::connect_beside(server, scratch.name(), "scratch");
        fill(environment, options, dump, copy, result);
    }
    if (environment.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
    require_alone(look_at_target(*database).sessions, target.name);
    database.reset();
    result.old_database = old_name_of(target.name, environment.now());
    db::swap_databases(server, target.name, scratch.name(), result.old_database);
    scratch.keep();
    // What was there is in the backup that was made before, or was nothing.
    if (result.safety_backup.empty() && !target.is_empty) return;
    try {
        db::drop_database(server, result.old_database);
        result.old_database.clear();
    } catch (const Error& error) {
        environment.warn(
            fmt::format("the database '{}' is still there: {}", result.old_database, error.what()));
    }
}

// Of the dump, and of what is told of it.
void select_tables(const RestoreOptions& options, FoundDump& dump, RestoreResult& result) {
    if (options.tables.empty()) return;
    dump.selection = result.summary.outline.select(options.tables);
    std::erase_if(result.summary.rows,
                  [&](const auto& table) { return !dump.selection->tables.contains(table.first); });
    const auto& tables = dump.selection->tables;
    result.done.push_back(fmt::format("only these tables, with those that they refer to: {}",
                                      printable(join({tables.begin(), tables.end()}, ", "))));
}

void make_safety_backup(const Environment& environment, const RestoreOptions& options, bool is_encrypted,
                        RestoreResult& result) {
    BackupOptions backup_options;
    backup_options.place = options.place, backup_options.label = backup::k_safety_label;
    backup_options.on_progress = options.on_progress;
    backup_options.encryption = options.encryption;
    if (is_encrypted && !options.encryption)
        environment.warn("what is there before is kept in a backup that is not encrypted",
                         "Name --encrypt and its key, as 'backup create' takes them.");
    auto backup = create_backup(environment, backup_options);
    result.safety_backup = backup.path;
    result.before = std::move(backup.manifest.database.tables);
}
}

RestoreResult restore_backup(const Environment& environment, const RestoreOptions& options) {
    auto which = options.which;
    const auto place = open_place(environment, place_of(options.place, which), options.on_progress);
    look_at_latest(environment, *place, which);
    auto dump = find_dump(*place, which);
    dump.key_file = options.key_file;
    std::optional<db::Database> database(environment.connect());
    const auto target = look_at_target(*database);
    RestoreResult result;
    result.database = target.name, result.dump = dump.path, result.was_empty = target.is_empty;
    require_consent(target, options);
    require_alone(target.sessions, target.name);
    require_way(target);
    const auto held = hold_dump(*place, dump);
    examine_manifest(environment, options, dump);
    result.summary = examine_dump(environment, options, dump);
    result.kind = name_of(result.summary.kind);
    select_tables(options, dump, result);
    if (options.dry_run) return result;
    if (!target.is_empty && options.has_safety_backup)
        make_safety_backup(environment, options,
                           dump.manifest() != nullptr && !dump.manifest()->encryption.empty(), result);
    if (target.may_create)
        restore_beside(environment, options, dump, std::move(database), target, result);
    else
        fill(environment, options, dump, *database, result);
    return result;
}
}
