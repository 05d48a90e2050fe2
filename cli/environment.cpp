#include "cli/environment.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace cti::cli {

std::string environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
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
