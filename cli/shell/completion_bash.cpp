#include "cli/shell/command_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::cli {
namespace {

using Value = OptionInfo::Value;

// What follows the generated tables. It works without the package bash-completion, and hands no word of
// others to an expansion of the shell.
constexpr const char* k_bash_functions = R"bash(
# _cti_offer WORD…: those that begin with what is typed.
_cti_offer() {
    local word
    for word; do
        [[ $word != "$_cti_current"* ]] || COMPREPLY+=("$word")
    done
}

# _cti_offer_noted LINE…: words, each with a tab and what is said of it, or without. The notes stand there while there is a choice.
_cti_offer_noted() {
    local line tab=$'\t'
    for line; do
        [[ ${line%%"$tab"*} != "$_cti_current"* ]] || COMPREPLY+=("${line/"$tab"/  }")
    done
    ((${#COMPREPLY[@]} != 1)) || COMPREPLY[0]=${COMPREPLY[0]%%  *}
    compopt -o nosort 2>/dev/null
}

# _cti_complete_value KIND [WORD…]
_cti_complete_value() {
    local words kind=$1
    shift
    case $kind in
    words) _cti_offer "$@" ;;
    dynamic)
        mapfile -t words < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "$1" 2>/dev/null </dev/null)
        _cti_offer_noted "${words[@]}"
        ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$_cti_current") ;;
    directory) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$_cti_current") ;;
    esac
}

_cti() {
    local path=cti word previous=${COMP_WORDS[COMP_CWORD-1]} _cti_current=${COMP_WORDS[COMP_CWORD]} i
    local -a commands options argument value
    COMPREPLY=()
    # "--format=json" is three words where COMP_WORDBREAKS holds "=".
    if [[ $_cti_current == = ]]; then
        _cti_current='' previous=${COMP_WORDS[COMP_CWORD-1]}
    elif [[ $previous == = ]] && ((COMP_CWORD > 2)); then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -* ]]; then
            _cti_value "$path" "$word"
            ((${#value[@]} == 0)) || { ((i++)); [[ ${COMP_WORDS[i]} != = ]] || ((i++)); }
            continue
        fi
        _cti_table "$path"
        [[ " ${commands[*]} " != *" $word "* ]] || path+=" $word"
    done
    _cti_value "$path" "$previous"
    if [[ $previous == -* ]] && ((${#value[@]})); then
        _cti_complete_value "${value[@]}"
        return
    fi
    _cti_table "$path"
    [[ $path != cti || ${COMP_WORDS[0]##*/} != run_cli.sh ]] || commands+=(setup db demo)
    if [[ $_cti_current == -* ]]; then
        _cti_offer "${options[@]}"
    elif ((${#commands[@]})); then
        _cti_offer "${commands[@]}"
    else
        _cti_complete_value "${argument[@]}"
    fi
}

complete -F _cti cti run_cli.sh
)bash";

// Words that a checker of scripts takes for the shell's own stand in quotes.
std::vector<std::string> quoted(std::vector<std::string> words) {
    for (auto& word : words)
        if (word == "done") word = "'done'";
    return words;
}

std::string value_words(const OptionInfo& option) {
    switch (option.value) {
    case Value::words: return "words " + join(quoted(option.words), " ");
    case Value::dynamic: return "dynamic " + option.source;
    case Value::file: return "file";
    case Value::directory: return "directory";
    case Value::other: return "other";
    case Value::none: break;
    }
    return "";
}

std::string option_names(const CommandInfo& command, bool with_help = true) {
    std::vector<std::string> names;
    for (const auto& option : command.options)
        if (with_help || option.names.back() != "--help")
            names.insert(names.end(), option.names.begin(), option.names.end());
    return join(names, " ");
}

void add_table_row(std::string& out, const CommandInfo& command) {
    std::vector<std::string> commands;
    for (const auto& sub : command.commands) commands.push_back(sub.name);
    const auto argument = command.arguments.empty() ? std::string() : value_words(command.arguments.front());
    out += fmt::format("    '{}')\n        commands=({})\n        options=({})\n        argument=({}) ;;\n",
                       join(command.path, " "), join(commands, " "), option_names(command), argument);
}

void add_value_rows(std::string& out, const CommandInfo& command, bool is_root) {
    for (const auto& option : command.options) {
        if (option.value == Value::none) continue;
        std::vector<std::string> patterns;
        for (const auto& name : option.names)
            patterns.push_back(fmt::format("'{}{}", join(command.path, " "), is_root ? "'*:" : ":'") + name);
        out += fmt::format("    {}) value=({}) ;;\n", join(patterns, " | "), value_words(option));
    }
}
}

std::string bash_completion(const CommandInfo& root) {
    std::string out = "# bash completion of cti, written by 'cti completion bash'.\n"
                      "# shellcheck shell=bash disable=SC2034\n\n"
                      "# _cti_table PATH: what may follow it.\n"
                      "_cti_table() {\n    commands=() options=() argument=()\n    case $1 in\n";
    for_each_command(root, [&](const CommandInfo& command) { add_table_row(out, command); });
    out += fmt::format("    esac\n    [[ $1 == cti ]] || options+=({})\n}}\n\n", option_names(root, false));
    out += "# _cti_value PATH OPTION: what its value is; nothing for a flag.\n"
           "_cti_value() {\n    value=()\n    case $1:$2 in\n";
    for (const auto& sub : root.commands)
        for_each_command(sub, [&](const CommandInfo& command) { add_value_rows(out, command, false); });
    add_value_rows(out, root, true);
    return out + "    esac\n}\n" + k_bash_functions;
}
}
