#include "cli/shell/command_tree.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::cli {
namespace {

using Value = OptionInfo::Value;

constexpr const char* k_fish_functions = R"fish(
# Whether the words before the cursor lead to the command PATH; options and their values do not count.
function __cti_at
    set -l path cti
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $__cti_valued
            set skip 1
        else if contains -- "$path $word" $__cti_paths
            set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

function __cti_dynamic
    set -l program (string replace -r '^~' $HOME -- (commandline -opc)[1])
    # Words without a note of their own get an empty one: else fish shows what is said of the option.
    $program __complete $argv[1] 2>/dev/null </dev/null | string replace -r '^([^\t]*)$' '$1\t'
end

)fish";

std::string quoted_word(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

// "auto\t'on a terminal' …": with a note of its own, a word is not shown with what is said of its option.
std::string noted_words(const OptionInfo& option) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < option.words.size(); ++i)
        parts.push_back(option.words[i] + "\\t" + quoted_word(option.notes[i]));
    return quoted_word(join(parts, " "));
}

std::string values(const OptionInfo& option) {
    switch (option.value) {
    case Value::none: return "";
    case Value::words: return " -x -a " + noted_words(option);
    case Value::dynamic: return fmt::format(" -x -k -a '(__cti_dynamic {})'", option.source);
    case Value::file: return " -r -F";
    case Value::directory: return " -x -a '(__fish_complete_directories)'";
    case Value::other: return " -x";
    }
    return "";
}

// `where` is the condition, or nothing for what is possible everywhere.
void add_option(std::string& out, const OptionInfo& option, const std::string& where) {
    out += "    complete -c $program" + where;
    for (const auto& name : option.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    out += values(option) + " -d " + quoted_word(option.description) + "\n";
}

void add_command(std::string& out, const CommandInfo& command, const CommandInfo& root) {
    const auto where = fmt::format(" -n '__cti_at {}'", join(command.path, " "));
    for (const auto& sub : command.commands)
        out += fmt::format("    complete -c $program{} -a {} -d {}\n", where, sub.name,
                           quoted_word(sub.description));
    if (&command != &root)
        for (const auto& option : command.options) add_option(out, option, where);
    if (!command.arguments.empty())
        if (const auto argument = values(command.arguments.front()); !argument.empty())
            out += fmt::format("    complete -c $program{}{}\n", where, argument);
}

std::string lists(const CommandInfo& root) {
    std::vector<std::string> paths, valued;
    for_each_command(root, [&](const CommandInfo& command) {
        paths.push_back(quoted_word(join(command.path, " ")));
        for (const auto& option : command.options)
            if (option.value != Value::none)
                valued.insert(valued.end(), option.names.begin(), option.names.end());
    });
    std::sort(valued.begin(), valued.end());
    valued.erase(std::unique(valued.begin(), valued.end()), valued.end());
    return fmt::format("set -g __cti_paths {}\nset -g __cti_valued {}\n", join(paths, " "),
                       join(valued, " "));
}
}

std::string fish_completion(const CommandInfo& root) {
    auto out = "# fish completion of cti, written by 'cti completion fish'.\n\n" + lists(root) +
               k_fish_functions + "for program in cti run_cli.sh\n    complete -c $program -f\n";
    for (const auto& option : root.options) add_option(out, option, "");
    for_each_command(root, [&](const CommandInfo& command) { add_command(out, command, root); });
    return out + "end\ncomplete -c run_cli.sh -n '__cti_at cti' -a 'setup db demo'\n";
}
}
