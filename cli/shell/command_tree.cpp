#include "cli/shell/command_tree.hpp"

#include "core/base/text.hpp"

#include <CLI/CLI.hpp>

namespace cti::cli {
namespace {

using Value = OptionInfo::Value;

// "WHEN:{auto,always,never}": what a check allows stands between braces.
std::vector<std::string> allowed_words(const std::string& type) {
    const auto begin = type.find('{'), end = type.find('}');
    if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
    std::vector<std::string> words;
    for (const auto word : split(std::string_view(type).substr(begin + 1, end - begin - 1), ','))
        words.emplace_back(trim(word));
    return words;
}

// By what the value is called: one row for each thing that is completed.
struct Rule {
    const char *argument, *option, *command; // "": any
    Value value;
    const char* source;
};
constexpr Rule k_rules[] = {
    {"ID", "", "add", Value::other, ""}, // It must be a new one.
    {"ID", "", "", Value::dynamic, "sources"},
    {"ARTICLE", "", "", Value::dynamic, "articles"},
    {"JOB", "", "", Value::dynamic, "jobs"},
    {"SCHEDULE", "", "", Value::dynamic, "schedules"},
    {"BACKUP", "", "", Value::dynamic, "backups"},
    {"WHAT", "", "restore", Value::dynamic, "backups"},
    {"FORMAT", "--format", "export", Value::dynamic, "formats"},
    {"TYPE", "--type", "", Value::dynamic, "types"},
    {"FILE", "", "", Value::file, ""},
    {"PATH", "", "", Value::file, ""},
    {"DIR", "", "", Value::directory, ""},
};

void decide_value(OptionInfo& info, const std::string& command) {
    info.value = info.words.empty() ? Value::other : Value::words;
    if (!info.words.empty()) return;
    const auto has_name = [&](std::string_view name) {
        for (const auto& own : info.names)
            if (own == name) return true;
        return false;
    };
    for (const auto& rule : k_rules) {
        if (info.argument != rule.argument || (*rule.option && !has_name(rule.option))) continue;
        if (*rule.command && command != rule.command) continue;
        info.value = rule.value;
        info.source = rule.source;
        return;
    }
}

std::string default_of(const CLI::Option& option) {
    const auto value = option.get_default_str();
    const bool says_nothing =
        value.empty() || value == "\"\"" || value == "false" || value == "[]" || value == "{}";
    return says_nothing ? "" : value;
}

OptionInfo read_option(const CLI::Option& option, const std::string& command) {
    OptionInfo info;
    for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
    info.description = option.get_description();
    info.group = option.get_group();
    info.default_value = default_of(option);
    info.variable = option.get_envname();
    info.repeatable = option.get_expected_max() > 1;
    info.required = option.get_required();
    if (option.get_expected_min() == 0 && option.get_type_name().empty()) return info; // a flag
    const auto type = option.get_type_name();
    info.words = allowed_words(type);
    info.argument = type.substr(0, type.find_first_of(":[{ "));
    if (option.get_positional()) info.argument = option.get_single_name();
    const auto name = info.names.empty() ? info.argument : info.names.back();
    for (const auto& word : info.words) info.notes.emplace_back(find_note(name, word));
    decide_value(info, command);
    return info;
}

CommandInfo read_command(const CLI::App& app, std::vector<std::string> path) {
    CommandInfo info;
    info.name = app.get_name();
    path.push_back(info.name);
    info.path = std::move(path);
    info.description = app.get_description();
    info.group = app.get_group();
    info.examples = app.get_footer();
    for (const auto* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        auto read = read_option(*option, info.name);
        (read.names.empty() ? info.arguments : info.options).push_back(std::move(read));
    }
    for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        if (!sub->get_group().empty()) info.commands.push_back(read_command(*sub, info.path));
    return info;
}

// run() rewrites `cti help X`, so CLI11 does not know of it.
CommandInfo help_command(const CommandInfo& root) {
    CommandInfo help;
    help.name = "help";
    help.path = {root.name, help.name};
    help.description = "Show the help of a command";
    help.group = root.commands.back().group;
    OptionInfo command;
    command.argument = "COMMAND";
    command.value = Value::words;
    for (const auto& sub : root.commands)
        command.words.push_back(sub.name), command.notes.push_back(sub.description);
    help.arguments.push_back(std::move(command));
    return help;
}
}

CommandInfo read_commands(const CLI::App& root) {
    auto info = read_command(root, {});
    info.commands.push_back(help_command(info));
    return info;
}
}
