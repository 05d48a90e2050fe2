#include "cli/command.hpp"

namespace cti::cli {

Action setup_collect(CLI::App& app);
Action setup_export(CLI::App& app);
Action setup_init(CLI::App& app);
Action setup_inspect(CLI::App& app);
Action setup_monitor(CLI::App& app);
Action setup_sources(CLI::App& app);
Action setup_stats(CLI::App& app);
Action setup_version(CLI::App& app);

std::span<const Command> commands() {
    static const Command table[] = {
        {"init", "Make the database ready and bring the sources into it", setup_init},
        {"sources", "Manage sources", setup_sources},
        {"collect", "Collect what is due", setup_collect},
        {"export", "Write articles for scripts and other platforms", setup_export},
        {"monitor", "Collect on schedule, for ever", setup_monitor},
        {"stats", "Count sources and articles", setup_stats},
        {"inspect", "Show what cti sees in a feed or a page", setup_inspect},
        {"version", "Show the version, the revision and the libraries", setup_version},
    };
    return table;
}
}
