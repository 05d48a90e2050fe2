#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
}
namespace cti::cli {

// What a command line may hold, as plain data: completions and man pages are written from it, one file per
// format.
struct OptionInfo {
    enum class Value { none, words, dynamic, file, directory, other };

    std::vector<std::string> names; // "-o", "--output"; empty for an argument
    std::string argument;           // "FILE", "ID": what its value or the argument is called
    std::string description, group, default_value, variable;
    Value value = Value::none;
    std::vector<std::string> words; // Value::words: all that it may be
    std::vector<std::string> notes; // what each of them means
    std::string source;             // Value::dynamic: what to ask `cti __complete` for
    bool repeatable = false, required = false;
};

struct CommandInfo {
    std::string name;                  // "list"
    std::vector<std::string> path;     // {"cti", "sources", "list"}
    std::string description, examples; // as in its help
    std::string group;                 // the heading that it stands under
    std::vector<OptionInfo> options, arguments;
    std::vector<CommandInfo> commands;
};

// Walks all of it once. Options of the parents count as options of the root only; hidden commands are left
// out.
CommandInfo read_commands(const CLI::App& root);

// Calls f(command) for it and everything below it.
template <class F>
void for_each_command(const CommandInfo& command, const F& f) {
    f(command);
    for (const auto& below : command.commands) for_each_command(below, f);
}

// What a word means as the value of an option ("--order") or of an argument ("SHELL"); "": nothing is known.
std::string_view find_note(std::string_view option, std::string_view word);

// One function per format, each in a file of its own.
std::string bash_completion(const CommandInfo& root);
std::string zsh_completion(const CommandInfo& root);
std::string fish_completion(const CommandInfo& root);
struct ManPage {
    std::string name, text; // "cti-sources.1"
};
std::vector<ManPage> man_pages(const CommandInfo& root);
}
