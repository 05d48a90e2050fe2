#include "cli/usage_errors.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace cti::cli {
namespace {

// The deepest subcommand that was parsed: it knows the options that an unknown one may have meant.
const CLI::App* deepest(const CLI::App* app) {
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
}

std::vector<const CLI::App*> all_commands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
    std::vector<std::string> names;
    for (const auto* command : commands) names.push_back(command->get_name());
    return names;
}

// "cti sources list"
std::string full_name(const CLI::App& app) {
    const auto name = command_name(app);
    return name.empty() ? app.get_name() : app.get_name() + " " + name;
}

std::string see_help(const CLI::App& app) { return fmt::format("See '{} --help'.", full_name(app)); }

std::vector<std::string> option_names(const CLI::App* app) {
    std::vector<std::string> names;
    for (; app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options())
            for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

// "-qakbot" is -q and the unknown "-akbot" to CLI11; people look for what they typed.
[[noreturn]] void refuse_left_out_word(const std::string& extra, const std::vector<std::string>& words) {
    const auto typed = std::ranges::find_if(words, [&](const std::string& word) {
        return word.starts_with('-') && !word.starts_with("--") && word.ends_with(extra.substr(1));
    });
    const auto word = typed == words.end() ? extra : *typed;
    throw Error{
        ExitCode::usage, fmt::format("unknown option '{}'", word),
        fmt::format("To leave out a word write NOT {}, or set the whole query behind --: cti search -- {}.",
                    word.substr(1), word)};
}

// A command of that very name that stands elsewhere: `cti list` is `cti sources list`.
std::string find_elsewhere(const CLI::App& app, const std::string& name) {
    for (const auto* group : all_commands(app)) {
        if (group->get_name() == name) return fmt::format("{} {}", app.get_name(), name);
        for (const auto* command : all_commands(*group))
            if (command->get_name() == name)
                return fmt::format("{} {} {}", app.get_name(), group->get_name(), name);
    }
    return "";
}

std::string suggest_command(const CLI::App& app, const CLI::App& at, const std::string& word) {
    if (const auto elsewhere = find_elsewhere(app, word); !elsewhere.empty())
        return fmt::format("Did you mean '{}'?", elsewhere);
    if (const auto near = closest(word, names_of(all_commands(at))); !near.empty() && near != word)
        return fmt::format("Did you mean '{}'?", near);
    return see_help(app);
}

// "ID" and "[FILE]" behind the command's name.
std::string usage_line(const CLI::App& app) {
    std::string line = "Usage: " + full_name(app);
    for (const auto* option :
         deepest(&app)->get_options([](const CLI::Option* one) { return one->get_positional(); })) {
        const auto name = option->get_single_name() + (option->get_expected_max() > 1 ? "…" : "");
        line += option->get_required() ? " " + name : " [" + name + "]";
    }
    for (const auto* option : deepest(&app)->get_options(
             [](const CLI::Option* one) { return !one->get_positional() && one->get_required(); }))
        line += fmt::format(" --{} {}", option->get_lnames().front(), option->get_type_name());
    return line + " [OPTIONS]";
}

// The option that CLI11's message is about: its first word that is the name of one.
const CLI::Option* find_option(const CLI::App& app, const std::string& message) {
    for (const auto part : split(message, ' ')) {
        auto word = std::string(part);
        while (!word.empty() && word.back() == ':') word.pop_back();
        for (const auto* at = deepest(&app); at != nullptr; at = at->get_parent())
            if (const auto* option = at->get_option_no_throw(word)) return option;
    }
    return nullptr;
}

std::string name_of(const CLI::Option& option) {
    if (!option.get_lnames().empty()) return "--" + option.get_lnames().front();
    return option.get_single_name();
}

}

bool is_on_command_line(const CLI::Option& option, const std::vector<std::string>& words) {
    for (const auto& word : words) {
        for (const auto& name : option.get_lnames())
            if (word == "--" + name || word.starts_with("--" + name + "=")) return true;
        for (const auto& name : option.get_snames())
            if (word.starts_with("-" + name)) return true;
    }
    return false;
}

namespace {
// The variable of an option that the command line does not name is what the user has to look at.
std::string given_name(const CLI::Option& option, const std::vector<std::string>& words) {
    auto variable = option.get_envname();
    const bool comes_from_it =
        !variable.empty() && std::getenv(variable.c_str()) != nullptr && !is_on_command_line(option, words);
    return comes_from_it ? variable : name_of(option);
}

[[noreturn]] void refuse_missing(const CLI::App& app, const std::string& message) {
    const auto* const at = deepest(&app);
    if (message.starts_with("A subcommand"))
        throw Error{ExitCode::usage, fmt::format("'{}' needs a command", full_name(app)),
                    fmt::format("One of: {}. {}", join(names_of(all_commands(*at)), ", "), see_help(app))};
    const auto* const option = find_option(app, message);
    throw Error{ExitCode::usage, option != nullptr ? fmt::format("{} is missing", name_of(*option)) : message,
                usage_line(app)};
}

std::string after(const std::string& message, std::string_view mark) {
    const auto at = message.find(mark);
    return at == std::string::npos ? message : message.substr(at + mark.size());
}

std::string explain(const CLI::App& app, const CLI::ParseError& error,
                    const std::vector<std::string>& words) {
    std::string message = error.what();
    const auto* const option = find_option(app, message);
    if (option == nullptr) return message;
    const auto name = given_name(*option, words);
    if (error.get_name() == "ValidationError") return name + " " + after(message, ": ");
    if (error.get_name() == "ExcludesError")
        return fmt::format("give {} or {}, not both", name, after(message, " excludes "));
    const bool is_flag = option->get_expected_min() == 0;
    if (error.get_name() == "ArgumentMismatch")
        return name + (is_flag ? " takes no value" : " needs a value");
    if (is_flag) return name + " is on or off: true or false";
    return message;
}
}

std::string command_name(const CLI::App& app) {
    std::vector<std::string> words;
    for (const auto* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        words.push_back(at->get_name());
    }
    return join(words, " ");
}

void refuse_extra(const CLI::App& app, const std::string& extra, const std::vector<std::string>& words) {
    const auto* const at = deepest(&app);
    if (at->get_name() == "search" && extra.size() > 2 && extra.front() == '-' && extra[1] != '-')
        refuse_left_out_word(extra, words);
    if (extra.size() > 1 && extra.front() == '-') {
        const auto name = extra.substr(0, extra.find('='));
        const auto near = closest(name, option_names(at));
        // An option of the command that was given before it.
        if (near == name)
            throw Error{ExitCode::usage, fmt::format("'{}' stands before its command", name),
                        fmt::format("Write it behind: {} {}; see '{} --help'.", full_name(app), name,
                                    full_name(app))};
        throw Error{ExitCode::usage, fmt::format("unknown option '{}'", extra),
                    near.empty() ? see_help(app) : fmt::format("Did you mean '{}'?", near)};
    }
    if (all_commands(*at).empty())
        throw Error{ExitCode::usage, fmt::format("unexpected argument '{}'", extra), see_help(app)};
    throw Error{ExitCode::usage, fmt::format("unknown command '{}'", extra),
                suggest_command(app, *at, extra)};
}

void refuse(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
    if (error.get_name() == "RequiredError") refuse_missing(app, error.what());
    auto message = explain(app, error, words);
    while (!message.empty() && (message.back() == '.' || message.back() == '\n')) message.pop_back();
    throw Error{ExitCode::usage, message, see_help(app)};
}
}
