#include "cli/command.hpp"

namespace cti::cli {

Action setup_init(CLI::App& app);
Action setup_sources(CLI::App& app);
Action setup_version(CLI::App& app);

std::span<const Command> commands() {
    static const Command table[] = {
        {"init", "Make the database ready and load the sources file", setup_init},
        {"sources", "List, change and compare the sources", setup_sources},
        {"version", "Show the version, the revision and the libraries", setup_version},
    };
    return table;
}
}
