#include "cli/command.hpp"

namespace cti::cli {

Action setup_version(CLI::App& app);

std::span<const Command> commands() {
    static const Command table[] = {
        {"version", "Show the version, the revision and the libraries", setup_version},
    };
    return table;
}
}
