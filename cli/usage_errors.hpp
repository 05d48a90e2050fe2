#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
class ParseError;
}

// What is wrong with a command line, in our words: what CLI11 says of it names types, counts and classes.
namespace cti::cli {

// "sources list": the command that `app` has parsed. Empty where there was none.
std::string command_name(const CLI::App& app);

// `words`: as they were typed.
bool is_on_command_line(const CLI::Option& option, const std::vector<std::string>& words);

// An option, a command or an argument that is not known, with the one that may have been meant. `words`: as
// they were typed, in any order. Throws Error(usage).
[[noreturn]] void refuse_extra(const CLI::App& app, const std::string& extra,
                               const std::vector<std::string>& words);

// What the parser refused. `words`: the command line, by which a value is told from that of a variable.
// Throws Error(usage).
[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error,
                         const std::vector<std::string>& words);
}
