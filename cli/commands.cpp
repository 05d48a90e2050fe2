#include "cli/command.hpp"

namespace cti::cli {

Action setup_collect(CLI::App& app);
Action setup_export(CLI::App& app);
Action setup_monitor(CLI::App& app);
Action setup_stats(CLI::App& app);
Action setup_version(CLI::App& app);

std::span<const Command> commands() {
    static const Command table[] = {
        {"collect", "Collect what is due", setup_collect},
        {"export", "Write articles for scripts and other platforms", setup_export},
        {"monitor", "Collect on schedule, for ever", setup_monitor},
        {"stats", "Count sources and articles", setup_stats},
        {"version", "Show the version, the revision and the libraries", setup_version},
    };
    return table;
}
}
