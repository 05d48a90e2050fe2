#include "cli/backup_place.hpp"
#include "cli/commands/backup.hpp"
#include "cli/database.hpp"
#include "cli/options/encryption_options.hpp"
#include "cli/options/webhook_options.hpp"
#include "cli/term/charts.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/backup/format.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/backups/create_backup.hpp"
#include "core/ops/backups/prune_backups.hpp"
#include "core/ops/backups/verify_backup.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {

template <class Row>
std::vector<std::string> names_of(std::span<const Row> rows) {
    std::vector<std::string> names;
    for (const auto& row : rows) names.emplace_back(row.name);
    return names;
}

struct CreateCommand {
    ops::BackupOptions options;
    PlaceOptions place;
    EncryptionOptions encryption;
    WebhookOptions webhook;
};

ExitCode run_create(const Context& context, const CreateCommand& command) {
    auto options = command.options;
    options.place = find_place(command.place);
    options.encryption = find_encryption(command.encryption);
    options.webhook.to = find_webhook(command.webhook);
    ops::BackupResult result;
    {
        ProgressLine line(context.progress);
        options.on_progress = [&](const std::string& what) { line.show(what); };
        result = ops::create_backup(make_environment(context), options);
    }
    const auto& manifest = result.manifest;
    if (result.leftovers > 0)
        log::notice("{} that was not finished removed", count_of(result.leftovers, "backup"));
    log::notice("{} of {} in {}, {} in {}", count_of(manifest.database.rows(), "row"),
                count_of(static_cast<long>(manifest.database.tables.size()), "table"),
                printable(manifest.database.database), size_text(manifest.bytes()),
                format_duration(manifest.duration));
    print(result.path + "\n");
    return ExitCode::ok;
}

struct VerifyCommand {
    ops::VerifyOptions options;
    PlaceOptions place;
    WebhookOptions webhook;
    bool decode = false, restore = false, all = false;
    std::string format = "text";
};

std::vector<std::string> to_verify(const Context& context, const VerifyCommand& command) {
    if (!command.all) return {command.options.which};
    std::vector<std::string> paths;
    const auto environment = make_environment(context);
    for (const auto& stored : ops::open_place(environment, command.options.place)->list())
        paths.push_back(stored.path);
    return paths;
}

void tell(const ops::VerifyResult& result, backup::Depth depth) {
    const auto name = printable(std::filesystem::path(result.path).filename().string());
    if (result.damage.empty())
        log::notice("{} is whole: {}, looked at by {}", name, count_of(result.rows, "row"), name_of(depth));
    for (const auto& damage : result.damage) log::error("{} is damaged: {}", name, damage);
}

void write_json(std::string& out, const ops::VerifyResult& result, backup::Depth depth) {
    JsonWriter json(out);
    json.begin_object().member("path", result.path).member("depth", name_of(depth));
    json.member("ok", result.damage.empty()).member("damage", result.damage).end_object();
    out += '\n';
}

ExitCode run_verify(const Context& context, VerifyCommand command) {
    auto& options = command.options;
    options.place = find_place(command.place, options.which);
    options.webhook.to = find_webhook(command.webhook);
    if (command.decode) options.depth = backup::Depth::decode;
    if (command.restore) options.depth = backup::Depth::restore;
    auto code = ExitCode::ok;
    std::string out;
    for (const auto& which : to_verify(context, command)) {
        options.which = which;
        ops::VerifyResult result;
        {
            ProgressLine line(context.progress);
            options.on_progress = [&](const std::string& what) { line.show(what); };
            result = ops::verify_backup(make_environment(context), options);
        }
        if (command.format == "json") write_json(out, result, options.depth);
        tell(result, options.depth);
        if (!result.damage.empty()) code = ExitCode::check;
    }
    print(out);
    return code;
}

struct PruneCommand {
    ops::PruneOptions options;
    PlaceOptions place;
    WebhookOptions webhook;
    std::optional<int> keep_days;
};

ExitCode run_prune(const Context& context, PruneCommand command) {
    auto& rules = command.options.rules;
    rules.days = command.keep_days;
    if (!rules.days && rules.daily + rules.weekly + rules.monthly == 0)
        throw Error{ExitCode::usage, "nothing says which backups are to stay",
                    "Name one or more of --keep-days, --keep-daily, --keep-weekly and --keep-monthly."};
    command.options.place = find_place(command.place);
    command.options.webhook.to = find_webhook(command.webhook);
    const auto pruned = ops::prune_backups(make_environment(context), command.options);
    Table table({"NAME", "MADE", "WHAT", "REASON"});
    table.keep_first();
    const auto now = current_time();
    long removed = 0;
    for (const auto& one : pruned) {
        if (one.reason.empty()) ++removed;
        table.add({std::filesystem::path(one.path).filename().string(), moment_text(one.time, now),
                   !one.reason.empty()       ? "stays"
                   : command.options.dry_run ? "would go"
                                             : "gone",
                   one.reason});
    }
    print(table.wrap_last().render(context));
    log::notice("{} {}", count_of(removed, "backup"),
                command.options.dry_run ? "would be removed" : "removed");
    return ExitCode::ok;
}
}

Action setup_backup_create(Options& app) {
    auto command = std::make_shared<CreateCommand>();
    auto* const options = &command->options;
    std::string help;
    for (const auto& format : backup::formats())
        help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", format.name, format.summary);
    add_place_options(app, command->place, "--to,--dir",
                      "Folder of the backups, made where it is missing, or s3://BUCKET/PREFIX");
    app.add_option("--format", options->format, help)
        .one_of(names_of(backup::formats()))
        .type_name("FORMAT")
        .capture_default_str();
    app.add_option("--compress", options->compression,
                   "gzip, zstd or none; zstd of custom and directory needs pg_dump 16")
        .one_of(names_of(backup::compressions()))
        .type_name("HOW")
        .capture_default_str();
    app.add_option("--only", options->only,
                   "all of the database, or only cti's tables and the four that it shares")
        .one_of({"all", "cti"})
        .type_name("WHAT")
        .capture_default_str();
    app.add_option("--label", options->label, "A word to find it by").type_name("LABEL");
    app.add_option("--jobs", options->jobs, "Tables that are written at the same time (directory)")
        .between(1, 32)
        .type_name("N")
        .capture_default_str();
    app.add_option("--read-database-url", options->read_database_url,
                   "Read from this database, a replica of the other one")
        .envname("CTI_READ_DATABASE_URL")
        .type_name("URL");
    add_encryption_options(app, command->encryption);
    add_webhook_options(app, command->webhook);
    app.footer(R"(Prints where the new backup lies. Others may go on to write: the dump and its
manifest are of one and the same moment.
Examples:
  cti backup create
  cti backup create --label before_upgrade
  cti backup create --format directory --jobs 4
  cti backup create --encrypt age --encrypt-key recipients.txt
  cti backup create --to s3://bucket/cti
  CTI_WEBHOOK_FILE=webhook.txt cti backup create)");
    return [command](Context& context) { return run_create(context, *command); };
}

Action setup_backup_verify(Options& app) {
    auto command = std::make_shared<VerifyCommand>();
    app.add_option("BACKUP", command->options.which, "Name, label or place of a backup, or 'latest'")
        .capture_default_str();
    app.add_flag("--all", command->all, "All that are there");
    app.add_flag("--decode", command->decode, "Also read all of the dump, and count its rows");
    app.add_flag("--restore", command->restore,
                 "Also restore it into a scratch database, compare, and drop that");
    add_place_options(app, command->place, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    app.add_option("--format", command->format, "text or json")
        .one_of({"text", "json"})
        .type_name("FORMAT")
        .capture_default_str();
    add_decryption_option(app, command->options.key_file);
    add_webhook_options(app, command->webhook);
    app.footer(R"(Without an option every byte is compared with the manifest, which needs no
database, and no key. Exits with 8 where a backup is damaged.
Examples:
  cti backup verify
  cti backup verify --all --decode
  cti backup verify --restore
  cti backup verify --restore --decrypt-key key.txt)");
    return [command](Context& context) { return run_verify(context, *command); };
}

Action setup_backup_prune(Options& app) {
    auto command = std::make_shared<PruneCommand>();
    auto& rules = command->options.rules;
    add_place_options(app, command->place, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    app.add_option("--keep-days", command->keep_days, "Those that are no older than N days")
        .between(0, 36500)
        .envname("BACKUP_RETENTION_DAYS")
        .type_name("N");
    const auto add = [&](const char* name, int& value, const char* what) {
        app.add_option(name, value, what).between(0, 10000).type_name("N").capture_default_str();
    };
    add("--keep-daily", rules.daily, "The newest of each of the last N days that have one");
    add("--keep-weekly", rules.weekly, "The newest of each of the last N weeks");
    add("--keep-monthly", rules.monthly, "The newest of each of the last N months");
    add("--keep-min", rules.min, "The N newest, whatever their age");
    app.add_flag("--dry-run", command->options.dry_run, "Only say what would be removed");
    add_webhook_options(app, command->webhook);
    app.footer(R"(The newest that was verified always stays, and so does all that cti did not
make. Each database is looked at by itself.
Examples:
  cti backup prune --keep-days 30 --dry-run
  cti backup prune --keep-daily 7 --keep-weekly 5 --keep-monthly 12)");
    return [command](Context& context) { return run_prune(context, *command); };
}
}
