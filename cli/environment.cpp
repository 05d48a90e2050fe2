#include "cli/environment.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <map>

namespace cti::cli {

namespace {
struct Fallback {
    std::string value, origin;
};
std::map<std::string, Fallback>& fallbacks() {
    static std::map<std::string, Fallback> all;
    return all;
}
}

bool is_in_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr && *value != '\0';
}

std::string environment(const std::string& name) {
    if (is_in_environment(name)) return std::getenv(name.c_str());
    const auto found = fallbacks().find(name);
    return found == fallbacks().end() ? "" : found->second.value;
}

void set_fallback(const std::string& name, const std::string& value, const std::string& origin) {
    fallbacks()[name] = {value, origin};
}

std::string fallback_origin(const std::string& name) {
    if (is_in_environment(name)) return "";
    const auto found = fallbacks().find(name);
    return found == fallbacks().end() ? "" : found->second.origin;
}

std::string read_secret_file(const std::string& variable, const std::string& path) {
    std::ifstream file(path);
    std::error_code unknown;
    // A folder can be opened, and fails only when it is read.
    if (!file || std::filesystem::is_directory(path, unknown))
        throw Error{ExitCode::usage, fmt::format("cannot read '{}', which {} names", path, variable),
                    fmt::format("Correct {}, or unset it.", variable)};
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return std::string(trim(text));
}

std::string secret(const std::string& name) {
    if (const auto path = environment(name + "_FILE"); !path.empty())
        return read_secret_file(name + "_FILE", path);
    return environment(name);
}
}
