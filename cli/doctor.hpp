#pragma once
#include "cli/command.hpp"
#include "cli/shell/command_tree.hpp"

#include <string>
#include <vector>

// What `cti doctor` looks at.
namespace cti::cli {

enum class Verdict { ok, warn, fail, skipped };
std::string_view name_of(Verdict verdict);

struct Finding {
    std::string check; // "tcp"
    Verdict verdict = Verdict::ok;
    std::string detail; // what was seen
    std::string remedy; // what to do about it; "" where all is well
};

// From the outside in: where one thing fails, what needs it is skipped.
std::vector<Finding> examine(const Context& context);

struct Setting {
    std::string name;  // of the variable
    std::string value; // secrets as ***
    std::string from;  // "environment", "default", "file /run/secrets/x", "--database-url"
};
// Every variable that any option of any command reads, and those that have no option.
std::vector<Setting> list_settings(const Context& context, const CommandInfo& root);
}
