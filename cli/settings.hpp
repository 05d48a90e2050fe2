#pragma once
#include "cli/command.hpp"
#include "cli/shell/command_tree.hpp"

#include <string>
#include <vector>

// The variables that `cti doctor` tells of.
namespace cti::cli {

struct Setting {
    std::string name;  // of the variable
    std::string value; // secrets as ***
    std::string from;  // "environment", "default", "file /run/secrets/x", "--database-url"
};
// Every variable that any option of any command reads, and those that have no option.
std::vector<Setting> list_settings(const Context& context, const CommandInfo& root);
}
