#include "core/backup/format.hpp"
#include "core/backup/name.hpp"
#include "core/base/json.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/backups/create_backup.hpp"
#include "core/ops/backups/prune_backups.hpp"
#include "core/ops/backups/verify_backup.hpp"
#include "core/store/read/database_facts.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

// Three kinds that belong together: they work on the folder of the worker's backups.
namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_backup_arguments[] = {
    {"format", Type::text, "FORMAT", "custom, sql or directory"},
    {"compress", Type::text, "HOW", "gzip, zstd or none"},
    {"only", Type::text, "WHAT", "all or cti"},
    {"label", Type::text, "LABEL", "A word to find it by"},
};
constexpr JobArgument k_verify_arguments[] = {
    {"backup", Type::text, "BACKUP", "Name or label, or 'latest'"},
    {"depth", Type::text, "DEPTH", "checksums, decode or restore; restore where none is given"},
};
constexpr JobArgument k_prune_arguments[] = {
    {"keep_days", Type::number, "N", "Those that are no older than N days (30)"},
    {"keep_daily", Type::number, "N", "The newest of each of the last N days that have one"},
    {"keep_weekly", Type::number, "N", "The newest of each of the last N weeks"},
    {"keep_monthly", Type::number, "N", "The newest of each of the last N months"},
    {"keep_min", Type::number, "N", "The N newest, whatever their age (3)"},
};

ops::OnProgress listen(const JobContext& context) {
    // One line a table would push out of the job's account what it says at its end.
    return [last = std::string(), &context](const std::string& what) mutable {
        const auto kind = what.substr(0, what.find(' '));
        if (std::exchange(last, kind) != kind) context.say(what);
    };
}

ops::BackupWebhook webhook_of(const JobContext& context) {
    return {context.tools.webhook, !context.is_last_try};
}

void check_backup(const Arguments& arguments) {
    const auto format = arguments.text("format", "custom"), compress = arguments.text("compress", "gzip");
    if (backup::find_format(format) == nullptr)
        throw Error{ExitCode::usage, fmt::format("there is no format '{}'", printable(format))};
    if (backup::find_compression(compress) == nullptr)
        throw Error{ExitCode::usage, fmt::format("there is no compression '{}'", printable(compress))};
    if (const auto only = arguments.text("only", "all"); !find_value<store::Scope>(only))
        throw Error{ExitCode::usage, "only is neither all nor cti"};
    if (const auto label = arguments.text("label"); !label.empty() && !backup::is_label(label))
        throw Error{ExitCode::usage, "label is not 1 to 40 letters, digits, '_' and '.'"};
}

JobResult run_backup(const JobContext& context, const Arguments& arguments) {
    ops::BackupOptions options;
    options.place = context.tools.backups;
    options.webhook = webhook_of(context);
    options.format = arguments.text("format", options.format);
    options.compression = arguments.text("compress", options.compression);
    options.only = arguments.text("only", options.only);
    options.label = arguments.text("label");
    options.encryption = context.tools.encryption;
    options.on_progress = listen(context);
    const auto done = ops::create_backup(context.environment, options);
    context.say(fmt::format("{} in '{}'", count_of(done.manifest.database.rows(), "row"), done.path));
    JobResult result;
    JsonWriter json(result.json = {});
    json.begin_object().member("path", done.path).member("rows", done.manifest.database.rows());
    json.member("bytes", done.manifest.bytes()).end_object();
    return result;
}

std::optional<backup::Depth> find_depth(const Arguments& arguments) {
    return find_value<backup::Depth>(arguments.text("depth", std::string(name_of(backup::Depth::restore))));
}

// Whoever may add a job must not choose what the worker reads.
void check_verify(const Arguments& arguments) {
    if (!find_depth(arguments))
        throw Error{ExitCode::usage, "depth is none of checksums, decode and restore"};
    if (const auto which = arguments.text("backup", "latest");
        !backup::is_label(which) && !backup::parse_name(which))
        throw Error{ExitCode::usage, "backup is neither the name nor the label of one"};
}

JobResult run_verify(const JobContext& context, const Arguments& arguments) {
    ops::VerifyOptions options;
    options.place = context.tools.backups;
    options.webhook = webhook_of(context);
    options.which = arguments.text("backup", "latest");
    options.depth = *find_depth(arguments);
    options.key_file = context.tools.decrypt_key;
    options.on_progress = listen(context);
    const auto found = ops::verify_backup(context.environment, options);
    JobResult result;
    JsonWriter json(result.json = {});
    json.begin_object().member("path", found.path).member("rows", found.rows);
    json.member("damage", found.damage).end_object();
    if (found.damage.empty()) return context.say(fmt::format("'{}' is whole", found.path)), result;
    result.exit_code = ExitCode::check;
    result.error = fmt::format("'{}' is damaged: {}", printable(found.path), printable(found.damage.front()));
    return result;
}

void check_prune(const Arguments& arguments) {
    for (const auto& argument : k_prune_arguments)
        if (const auto count = arguments.number(argument.name); count && (*count < 0 || *count > 36'500))
            throw Error{ExitCode::usage, fmt::format("{} is not between 0 and 36500", argument.name)};
}

JobResult run_prune(const JobContext& context, const Arguments& arguments) {
    const auto number = [&](const char* name, int otherwise) {
        return static_cast<int>(arguments.number(name).value_or(otherwise));
    };
    ops::PruneOptions options;
    options.place = context.tools.backups;
    options.webhook = webhook_of(context);
    auto& rules = options.rules;
    rules.days = number("keep_days", 30), rules.min = number("keep_min", rules.min);
    rules.daily = number("keep_daily", 0), rules.weekly = number("keep_weekly", 0);
    rules.monthly = number("keep_monthly", 0);
    const auto pruned = ops::prune_backups(context.environment, options);
    const auto removed = std::ranges::count(pruned, true, &ops::PrunedBackup::is_removed);
    context.say(fmt::format("{} removed", count_of(removed, "backup")));
    JobResult result;
    JsonWriter json(result.json = {});
    json.begin_object().member("removed", removed).member("kept", std::ssize(pruned) - removed).end_object();
    return result;
}
}

const JobKind k_backup_job{"backup", "Make a backup",    k_backup_arguments, check_backup, run_backup,
                           5,        JobNeed::backup_dir};
const JobKind k_verify_job{
    "verify",           "Look whether a backup is whole", k_verify_arguments, check_verify, run_verify, 5,
    JobNeed::backup_dir};
const JobKind k_prune_job{"prune", "Remove old backups", k_prune_arguments, check_prune, run_prune,
                          5,       JobNeed::backup_dir};
}
