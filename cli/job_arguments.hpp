#pragma once
#include "cli/command.hpp"
#include "core/db/database.hpp"
#include "core/work/job_kind.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a kind of job can be told, as options of a command.
namespace cti::cli {

// Where the options write. Elements of a map stay where they are.
struct JobArgumentValues {
    std::map<std::string_view, std::string> texts;
    std::map<std::string_view, std::vector<std::string>> lists;
    std::map<std::string_view, std::optional<long>> numbers;
    std::map<std::string_view, bool> flags;
};
void add_job_arguments(Options& app, const work::JobKind& kind, JobArgumentValues& values);
// What was given, as a job has it. Throws Error(usage) where it does not go together.
std::string read_job_arguments(const work::JobKind& kind, const JobArgumentValues& values);

// Throws Error(usage) where they name a source that is not there: whoever asks would learn it from the job.
void require_sources(db::Transaction& transaction, const JobArgumentValues& values);

// A command for each kind of job.
using SetupKind = Action (*)(Options& app, const work::JobKind& kind);
template <SetupKind setup, const work::JobKind& kind>
Command command_of_kind() {
    // The names of kinds are literals.
    return {kind.name.data(), kind.summary.data(), [](Options& app) { return setup(app, kind); }};
}
template <SetupKind setup>
std::vector<Command> commands_of_kinds() {
    return {
        command_of_kind<setup, work::k_collect_job>(),  command_of_kind<setup, work::k_export_job>(),
        command_of_kind<setup, work::k_backfill_job>(), command_of_kind<setup, work::k_housekeeping_job>(),
        command_of_kind<setup, work::k_backup_job>(),   command_of_kind<setup, work::k_verify_job>(),
        command_of_kind<setup, work::k_prune_job>(),    command_of_kind<setup, work::k_analyze_job>()};
}
}
