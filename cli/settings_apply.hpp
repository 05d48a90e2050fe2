#pragma once
#include "cli/settings_files.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}
namespace cti::cli {

// What may stand at the top of a settings file though no option has its name: variables that name a file with
// a secret, and the parts of the database's address.
struct VariableKey {
    const char *key, *variable, *description;
};
const std::vector<VariableKey>& variable_keys();

// What is never a setting: what confirms or undoes is typed each time.
bool is_typed_only(const std::string& long_name);
// An option whose value is a secret by itself, as a webhook's address is.
bool is_secret_option(const std::string& long_name);

// Gives the options of `app` and of the commands below it the values of the files, before the command line
// is parsed and over what they have by default; checked as those of the command line are. What is wrong is
// added to the errors of `loaded`.
AppliedSettings apply_settings(CLI::App& app, LoadedSettings& loaded);

// What `loaded` has of errors, as one Error(usage): the first, and how to see them all.
[[noreturn]] void refuse_settings(const LoadedSettings& loaded);
}
