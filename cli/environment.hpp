#pragma once
#include <string>

namespace cti::cli {
std::string environment(const std::string& name); // "" when it is not set

// NAME, or what stands in the file that NAME_FILE names (the file wins). Throws Error(usage) when that cannot
// be read.
std::string secret(const std::string& name);
std::string read_secret_file(const std::string& variable, const std::string& path);
}
