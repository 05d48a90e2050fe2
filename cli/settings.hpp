#pragma once
#include "cli/command.hpp"
#include "cli/settings_files.hpp"
#include "cli/shell/command_tree.hpp"

#include <map>
#include <string>
#include <vector>

// Where each setting has its value from: what `cti doctor --env` and `cti settings show` tell.
namespace cti::cli {

// What was said before anything ran; made once by run().
struct GivenSettings {
    std::vector<std::string> files;           // settings files that were read; the last one is preferred
    AppliedSettings applied;                  // by key
    std::map<std::string, std::string> typed; // options of cti itself on the command line, by long name
};

struct Setting {
    std::string name;  // of the variable, or the key of a settings file
    std::string value; // secrets as ***
    std::string from;  // "environment", "default", "cti.yaml:3", "--database-url"
};
// Every variable that any option of any command reads, those that have no option, and what else a settings
// file or an option of cti itself says.
std::vector<Setting> list_settings(const Context& context, const CommandInfo& root);

// Every key of a settings file, with what counts now; without `all` only what is not left at its default.
// The value of `collect.timeout` is told where a file has given that command another one.
std::vector<Setting> list_keys(const Context& context, const CommandInfo& root, bool all);
}
