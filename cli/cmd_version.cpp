#include "cli/command.hpp"
#include "core/base/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace cti::cli {

Action setup_version(CLI::App&) {
    return [](Context&) {
        fmt::print("cti {} ({})\n", version(), revision());
        return ExitCode::ok;
    };
}
}
