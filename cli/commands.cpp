#include "cli/command.hpp"

namespace cti::cli {

Action setup_inspect(CLI::App& app);
Action setup_version(CLI::App& app);

std::span<const Command> commands() {
    static const Command table[] = {
        {"inspect", "Show what cti sees in a feed", setup_inspect},
        {"version", "Show the version, the revision and the libraries", setup_version},
    };
    return table;
}
}
