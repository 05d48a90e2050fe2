#include "cli/settings.hpp"

#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"

#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {

struct ShowSettings {
    std::string format = "table";
    bool all = false;
};

std::string settings_json(const std::vector<Setting>& settings, const std::vector<std::string>& files) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object().key("files").begin_array();
    for (const auto& file : files) json.value(file);
    json.end_array().key("settings").begin_array();
    for (const auto& setting : settings)
        json.begin_object()
            .member("name", setting.name)
            .member("value", setting.value.empty() ? std::nullopt : std::optional(setting.value))
            .member("from", setting.from)
            .end_object();
    json.end_array().end_object();
    return out + '\n';
}

ExitCode show_settings(const Context& context, const ShowSettings& command, const CommandInfo& commands) {
    const auto settings = list_keys(context, commands, command.all);
    if (command.format == "json") {
        print(settings_json(settings, context.given->files));
        return ExitCode::ok;
    }
    Table table({"KEY", "VALUE", "FROM"});
    for (const auto& setting : settings) table.add({setting.name, setting.value, setting.from});
    print(table.render(context));
    if (settings.empty()) log::notice("nothing is set: all is at its default, see 'cti settings show --all'");
    return ExitCode::ok;
}

ExitCode check_settings(const Options& app, const std::string& file) {
    // Those that are found are there already as the options have them; a second look changes nothing.
    auto loaded = file.empty() ? load_settings({}) : load_settings_file(file);
    app.check_settings(loaded);
    for (const auto& error : loaded.errors) log::error("{}", sources::to_string(error));
    if (!loaded.errors.empty()) {
        log::hint("'cti settings example' has every key, with a value that fits.");
        return ExitCode::usage;
    }
    if (loaded.files.empty()) log::notice("there is no settings file");
    for (const auto& path : loaded.files) log::notice("{}: sound", path);
    if (!loaded.files.empty()) log::notice("{} in all", count_of(std::ssize(loaded.settings), "setting"));
    return ExitCode::ok;
}

Action setup_settings_show(Options& app) {
    auto command = std::make_shared<ShowSettings>();
    app.footer(R"(Examples:
  cti settings show                       what is not left at its default
  cti settings show --all                 every key
  cti settings show --format json | jq -r '.settings[].name')");
    app.add_flag("--all", command->all, "Also what is left at its default").group("Output");
    app.add_option("--format", command->format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return [command, app](Context& context) {
        return show_settings(context, *command, app.read_all_commands());
    };
}

Action setup_settings_check(Options& app) {
    auto file = std::make_shared<std::string>();
    app.footer(R"(Examples:
  cti settings check                      those that a command would read
  cti settings check cti.yaml)");
    app.add_option("FILE", *file, "The settings file; without it, those that are found");
    return [file, app](Context&) { return check_settings(app, *file); };
}

Action setup_settings_example(Options& app) {
    app.footer(R"(Examples:
  cti settings example > cti.yaml         every key, as a comment)");
    return [app](Context&) {
        print(app.settings_example());
        return ExitCode::ok;
    };
}

constexpr Command k_settings_commands[] = {
    {"show", "What is set, and where", setup_settings_show},
    {"check", "Find mistakes in a settings file", setup_settings_check},
    {"example", "Write a settings file with every key", setup_settings_example},
};
}

Action setup_settings(Options& app) {
    app.footer(R"(Examples:
  cti settings example > cti.yaml
  cti settings check cti.yaml
  cti settings show)");
    return app.choose_from(k_settings_commands);
}
}
