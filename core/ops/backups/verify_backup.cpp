#include "core/ops/backups/verify_backup.hpp"

#include "core/base/text.hpp"
#include "core/db/tool_address.hpp"
#include "core/ops/backups/backup_marks.hpp"
#include "core/store/own/restored_copy.hpp"
#include "core/store/read/database_facts.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;

// Into a scratch database and out again.
std::vector<std::string> find_differences(const Environment& environment, const FoundDump& dump,
                                          const OnProgress& on_progress) {
    auto server = environment.connect();
    std::string name;
    {
        db::Transaction transaction(server, db::Access::read_only);
        name = db::current_database(transaction);
        if (!db::may_create_databases(transaction))
            throw Error{
                ExitCode::database, "a trial restore needs a scratch database, and the role may not make one",
                "Let an administrator run ALTER ROLE … CREATEDB, or name a role that has it with --database-url."};
    }
    db::drop_scratch_leftovers(server, environment.now());
    const ScratchDatabase scratch(server, name, environment.now());
    auto copy = db::connect_beside(server, scratch.name(), "scratch");
    const auto report = load_dump(environment, copy, dump, on_progress);
    if (on_progress) on_progress("comparing");
    const auto& manifest = *dump.manifest();
    db::Transaction transaction(copy);
    auto faults =
        backup::differences(manifest.database, store::read_database_facts(transaction, scope_of(manifest)));
    for (const auto& sequence : store::advance_sequences(transaction))
        faults.push_back(fmt::format("the sequence {} is behind its table", sequence));
    return faults;
}

std::vector<std::string> look(const Environment& environment, const VerifyOptions& options,
                              const FoundDump& dump) {
    auto damage = find_file_damage(environment, *dump.backup, options.on_progress);
    if (!damage.empty() || options.depth == backup::Depth::checksums) return damage;
    if (options.depth == backup::Depth::restore)
        return find_differences(environment, dump, options.on_progress);
    return differing_rows(*dump.manifest(), decode_dump(environment, dump, options.on_progress));
}

// What is wrong with the backup is a result; what is wrong with the database or with us is not.
std::vector<std::string> find_all_damage(const Environment& environment, const VerifyOptions& options,
                                         const FoundDump& dump) try {
    return look(environment, options, dump);
} catch (const Error& error) {
    if (error.code() != ExitCode::check) throw;
    return {error.what()};
}

bool record(const Environment& environment, const VerifyOptions& options, backup::Place& place,
            const FoundDump& dump, const VerifyResult& result) try {
    auto verified = dump.backup->verified;
    verified.damage = result.damage.empty() ? "" : result.damage.front();
    // The deeper look holds the others.
    for (int depth = 0; result.damage.empty() && depth <= static_cast<int>(options.depth); ++depth)
        verified.at[depth] = environment.now();
    place.record_verified(*dump.backup, verified);
    return true;
} catch (const Error& error) {
    if (error.code() != ExitCode::output) throw;
    environment.warn(fmt::format("the result is not written down: {}", error.what()));
    return false;
}
// What the result and the size hold where this throws is as far as it came.
void verify(const Environment& environment, const VerifyOptions& options,
            std::chrono::steady_clock::time_point begin, VerifyResult& result, BackupNotice& notice) {
    auto which = options.which;
    const auto place = open_place(environment, place_of(options.place, which), options.on_progress);
    auto stored = place->find(which);
    if (stored && !stored->manifest) {
        result.path = stored->path, result.damage = {stored->fault};
        return;
    }
    auto dump = stored ? to_dump(*std::move(stored)) : find_dump(*place, which);
    dump.key_file = options.key_file;
    if (!dump.backup)
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is no backup of cti, so there is nothing to compare it with",
                                printable(options.which)),
                    "'cti restore --dry-run' reads all of any dump."};
    result.path = dump.backup->path;
    result.rows = dump.manifest()->database.rows();
    notice.database = dump.manifest()->database.database;
    notice.bytes = dump.manifest()->bytes(), notice.rows = result.rows;
    const auto held = hold_dump(*place, dump);
    result.damage = find_all_damage(environment, options, dump);
    result.is_recorded = record(environment, options, *place, dump, result);
    if (options.depth == backup::Depth::restore)
        mark_backup(environment, k_backup_trial_mark, result.damage.empty(), begin);
}

// What is the same whether it threw or found damage.
void complete(BackupNotice& notice, const VerifyResult& result, std::chrono::steady_clock::time_point begin) {
    notice.backup = fs::path(result.path).filename().string();
    notice.duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}
}

VerifyResult verify_backup(const Environment& environment, const VerifyOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    VerifyResult result;
    BackupNotice notice;
    notice.event = k_verify_failed, notice.place = options.place;
    try {
        verify(environment, options, begin, result, notice);
    } catch (const std::exception& error) {
        complete(notice, result, begin);
        post_failure(environment, options.webhook, notice, error);
        throw;
    }
    complete(notice, result, begin);
    if (result.damage.empty()) return result;
    notice.error = join(result.damage, "; "), notice.exit_code = ExitCode::check;
    post_notice(environment, options.webhook, notice);
    return result;
}
}
