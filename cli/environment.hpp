#pragma once
#include <string>

namespace cti::cli {
// The variable, or what a settings file says in its place; "" when neither is there.
std::string environment(const std::string& name);
bool is_in_environment(const std::string& name); // the variable itself, and not empty

// What stands in a settings file for a variable, and where. Set before any thread is started.
void set_fallback(const std::string& name, const std::string& value, const std::string& origin);
std::string fallback_origin(const std::string& name); // "cti.yaml:3"; "" where the variable counts

// NAME, or what stands in the file that NAME_FILE names (the file wins). Throws Error(usage) when that cannot
// be read.
std::string secret(const std::string& name);
std::string read_secret_file(const std::string& variable, const std::string& path);
}
