#include "cli/shell/command_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::cli {
namespace {

using Value = OptionInfo::Value;

constexpr const char* k_zsh_functions = R"zsh(
# _arguments puts options for compadd before the KIND.
_cti_dynamic() {
  local -a found words notes
  found=(${(f)"$(${(Q)~_cti_program} __complete $@[-1] 2>/dev/null </dev/null)"})
  words=("${(@)found%%$'\t'*}")
  if [[ "$found" == *$'\t'* ]]; then
    notes=("${(@)found/$'\t'/  }")
    compadd "${@[1,-2]}" -V newest -l -d notes -a words
  else
    compadd "${@[1,-2]}" -a words
  fi
}

_cti() {
  local _cti_program=$words[1]
  _cti_at_cti
}

if [ "$funcstack[1]" = "_cti" ]; then
  _cti "$@"
else
  compdef _cti cti run_cli.sh
fi
)zsh";

// Inside '[…]' and '…:…' of _arguments, and within single quotes of the shell.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c == '[' || c == ']' || c == ':' || c == '\\')
            (out += '\\') += c;
        else
            out += c;
    }
    return out;
}

std::string action(const OptionInfo& option) {
    switch (option.value) {
    case Value::words: return fmt::format("({})", join(option.words, " "));
    case Value::dynamic: return "_cti_dynamic " + option.source;
    case Value::file: return "_files";
    case Value::directory: return "_files -/";
    default: return " ";
    }
}

void add_option(std::string& out, const OptionInfo& option) {
    const auto value = option.value == Value::none
                           ? std::string()
                           : fmt::format(":{}:{}", escaped(option.argument), action(option));
    // Those that exclude each other are the names of one option; a repeated one excludes nothing.
    const auto excluded = option.repeatable ? std::string("*") : fmt::format("({})", join(option.names, " "));
    for (const auto& name : option.names) {
        const bool is_long = name.starts_with("--");
        const auto sign = option.value == Value::none ? "" : is_long ? "=" : "+";
        out +=
            fmt::format("    '{}{}{}[{}]{}' \\\n", excluded, name, sign, escaped(option.description), value);
    }
}

std::string function_name(const CommandInfo& command) { return "_cti_at_" + join(command.path, "_"); }

void add_commands(std::string& out, const CommandInfo& command) {
    out +=
        "    '1: :->command' '*:: :->rest' && return\n  case $state in\n  command)\n    local -a commands\n"
        "    commands=(\n";
    for (const auto& sub : command.commands)
        out += fmt::format("      '{}:{}'\n", sub.name, escaped(sub.description));
    out += "    )\n";
    if (command.path.size() == 1)
        out += "    [[ $_cti_program != *run_cli.sh ]] || commands+=('setup:Prepare the containers' "
               "'db:The private database' 'demo:A whole run without the internet')\n";
    out += "    _describe command commands ;;\n  rest)\n    case $words[1] in\n";
    for (const auto& sub : command.commands)
        out += fmt::format("    {}) {} ;;\n", sub.name, function_name(sub));
    out += "    esac ;;\n  esac\n}\n\n";
}

void add_function(std::string& out, const CommandInfo& command, const CommandInfo& root) {
    out += fmt::format("{}() {{\n  local curcontext=$curcontext state line\n  _arguments -s -C \\\n",
                       function_name(command));
    for (const auto& option : command.options) add_option(out, option);
    if (&command != &root)
        for (const auto& option : root.options)
            if (option.names.back() != "--help") add_option(out, option);
    if (!command.commands.empty()) {
        add_commands(out, command);
        return;
    }
    for (std::size_t i = 0; i < command.arguments.size(); ++i) {
        const auto& argument = command.arguments[i];
        out += fmt::format("    '{}:{}:{}' \\\n", argument.repeatable ? "*" : std::to_string(i + 1),
                           escaped(argument.argument), action(argument));
    }
    out += "    && return\n}\n\n";
}
}

std::string zsh_completion(const CommandInfo& root) {
    std::string out =
        "#compdef cti run_cli.sh\n# zsh completion of cti, written by 'cti completion zsh'.\n\n";
    for_each_command(root, [&](const CommandInfo& command) { add_function(out, command, root); });
    out.pop_back();
    return out + k_zsh_functions;
}
}
