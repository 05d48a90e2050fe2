#include "cli/command.hpp"
#include "cli/version.hpp"
#include "core/base/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace cti::cli {

std::string version_text() {
    return fmt::format("cti {} (revision {})\n{}", version(), revision(), library_versions());
}

Action setup_version(CLI::App& app) {
    app.footer("Examples:\n  cti version\n  cti --version");
    return [](Context&) {
        fmt::print("{}\n", version_text());
        return ExitCode::ok;
    };
}
}
