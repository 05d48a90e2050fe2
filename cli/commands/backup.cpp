#include "cli/commands/backup.hpp"

#include "cli/backup_place.hpp"
#include "cli/database.hpp"
#include "cli/term/charts.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/ops/backups/create_backup.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {
using backup::Stored;

constexpr Command k_backup_commands[] = {
    {"create", "Make a backup", setup_backup_create},
    {"list", "List backups, the newest last", setup_backup_list},
    {"show", "Show a backup, with the rows of each table", setup_backup_show},
    {"verify", "Look whether a backup is whole, or restore it on trial", setup_backup_verify},
    {"prune", "Remove old backups", setup_backup_prune},
};

struct ListCommand {
    PlaceOptions place;
    std::string format = "table";
};
struct ShowCommand {
    PlaceOptions place;
    std::string which = "latest", format = "table";
};

std::string name_of(const Stored& stored) { return std::filesystem::path(stored.path).filename().string(); }

std::string how_verified(const Stored& stored) {
    const auto depth = stored.verified.deepest();
    return depth ? std::string(backup::name_of(*depth)) : "never";
}

// What a restore would miss.
std::string state_of(const Stored& stored) { return stored.fault.empty() ? "ok" : stored.fault; }

void write_json(JsonWriter& json, const Stored& stored) {
    json.begin_object().member("name", name_of(stored)).member("path", stored.path);
    json.member("started", format_rfc3339(stored.name.time)).member_or_null("label", stored.name.label);
    json.member("ok", stored.fault.empty()).member_or_null("fault", stored.fault);
    json.key("verified").begin_object();
    for (std::size_t depth = 0; depth < stored.verified.at.size(); ++depth)
        json.member(k_names<backup::Depth>[depth], format_rfc3339(stored.verified.at[depth]));
    json.end_object();
    if (stored.manifest) {
        const auto& manifest = *stored.manifest;
        json.member("database", manifest.database.database).member("format", manifest.format);
        json.member("compression", manifest.compression).member("only", manifest.only);
        json.member_or_null("encryption", manifest.encryption);
        json.member("bytes", manifest.bytes()).member("rows", manifest.database.rows());
        json.member("duration_seconds", static_cast<double>(manifest.duration.count()) / 1000);
        json.member("program_version", manifest.program_version);
        json.member("server_version", manifest.database.server_version);
    }
}

std::string json_of(const std::vector<Stored>& list) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_array();
    for (const auto& stored : list) {
        write_json(json, stored);
        json.end_object();
    }
    json.end_array();
    return out + '\n';
}

Table table_of(const std::vector<Stored>& list) {
    Table table({"NAME", "MADE", "SIZE", "ROWS", "VERIFIED", "BY", "STATE"});
    table.wrap_last().keep_first();
    const auto now = current_time();
    for (const auto& stored : list)
        table.add({name_of(stored), moment_text(stored.name.time, now),
                   stored.manifest ? size_text(stored.manifest->bytes()) : "-",
                   stored.manifest ? std::to_string(stored.manifest->database.rows()) : "-",
                   moment_text(stored.verified.last(), now), how_verified(stored), state_of(stored)});
    return table;
}

ExitCode run_list(const Context& context, const ListCommand& command) {
    const auto environment = make_environment(context);
    const auto list = ops::open_place(environment, find_place(command.place))->list();
    print(command.format == "json" ? json_of(list) : table_of(list).render(context));
    if (list.empty()) {
        log::notice("there is no backup in '{}'", printable(command.place.where));
        log::hint("Make one: cti backup create");
    }
    return ExitCode::ok;
}

Table facts_of(const Stored& stored) {
    Table table({"FIELD", "VALUE"});
    table.wrap_last();
    table.add({"path", stored.path});
    table.add({"state", state_of(stored)});
    for (std::size_t depth = 0; depth < stored.verified.at.size(); ++depth)
        table.add({fmt::format("verified by {}", k_names<backup::Depth>[depth]),
                   format_rfc3339(stored.verified.at[depth]).value_or("-")});
    if (!stored.manifest) return table;
    const auto& manifest = *stored.manifest;
    table.add({"database", manifest.database.database});
    table.add({"made", format_rfc3339(manifest.started)});
    table.add({"took", format_duration(manifest.duration)});
    table.add({"format", fmt::format("{}, {}", manifest.format, manifest.compression)});
    if (!manifest.encryption.empty()) table.add({"encrypted by", manifest.encryption});
    table.add(
        {"holds", manifest.only == "cti" ? "the tables of cti and those it shares" : "the whole database"});
    table.add({"size", size_text(manifest.bytes())});
    table.add({"server", "PostgreSQL " + manifest.database.server_version});
    table.add({"made by", fmt::format("cti {}, {}", manifest.program_version, manifest.pg_dump_version)});
    table.add({"migrations", std::to_string(manifest.database.migrations.size())});
    return table;
}

std::string page_of(const Context& context, const Stored& stored) {
    auto out = facts_of(stored).render(context);
    if (!stored.manifest) return out;
    Table tables({"TABLE", "ROWS", "CHECKSUM"});
    for (const auto& table : stored.manifest->database.tables)
        tables.add({table.name, std::to_string(table.rows), table.checksum.empty() ? "-" : table.checksum});
    Table files({"FILE", "BYTES", "SHA-256"});
    for (const auto& file : stored.manifest->files)
        files.add({file.name, std::to_string(file.size), file.sha256});
    return out + '\n' + tables.render(context) + '\n' + files.render(context);
}

std::string json_of(const Stored& stored) {
    std::string out;
    JsonWriter json(out, 2);
    write_json(json, stored);
    if (stored.manifest) json.key("manifest").raw(backup::to_json(*stored.manifest));
    json.end_object();
    return out + '\n';
}

ExitCode run_show(const Context& context, const ShowCommand& command) {
    const auto environment = make_environment(context);
    auto which = command.which;
    const auto where = ops::place_of(find_place(command.place, which), which);
    const auto stored = ops::open_place(environment, where)->find(which);
    if (!stored)
        throw Error{
            ExitCode::usage,
            fmt::format("there is no backup '{}' in '{}'", printable(command.which), printable(where.where)),
            "See 'cti backup list'."};
    print(command.format == "json" ? json_of(*stored) : page_of(context, *stored));
    return ExitCode::ok;
}

void add_format_option(Options& app, std::string& format) {
    app.add_option("--format", format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str();
}
}

Action setup_backup_list(Options& app) {
    auto command = std::make_shared<ListCommand>();
    add_place_options(app, command->place, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    add_format_option(app, command->format);
    app.footer(R"(Examples:
  cti backup list
  cti backup list --dir s3://bucket/cti
  cti backup list --format json | jq -r '.[] | select(.ok | not) | .path')");
    return [command](Context& context) { return run_list(context, *command); };
}

Action setup_backup_show(Options& app) {
    auto command = std::make_shared<ShowCommand>();
    app.add_option("BACKUP", command->which, "Name, label or place of a backup, or 'latest'")
        .capture_default_str();
    add_place_options(app, command->place, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    add_format_option(app, command->format);
    app.footer(R"(Examples:
  cti backup show
  cti backup show before_restore --format json | jq .manifest.tables)");
    return [command](Context& context) { return run_show(context, *command); };
}

Action setup_backup(Options& app) {
    app.footer(R"(A backup is a folder: pg_dump's dump, and a manifest of what must be in it.
Examples:
  cti backup create
  cti backup verify --restore
  cti backup prune --keep-days 30)");
    return app.choose_from(k_backup_commands);
}
}
