#include "cli/command.hpp"

namespace cti::cli {

Action setup_collect(CLI::App& app);
Action setup_complete(CLI::App& app);
Action setup_completion(CLI::App& app);
Action setup_doctor(CLI::App& app);
Action setup_export(CLI::App& app);
Action setup_healthcheck(CLI::App& app);
Action setup_init(CLI::App& app);
Action setup_inspect(CLI::App& app);
Action setup_intel(CLI::App& app);
Action setup_man_pages(CLI::App& app);
Action setup_monitor(CLI::App& app);
Action setup_search(CLI::App& app);
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
        {"search", "Find articles", setup_search},
        {"stats", "Count sources and articles", setup_stats},
        {"healthcheck", "Ask a monitor whether it is well", setup_healthcheck},
        {"doctor", "Find what is wrong and say what to do", setup_doctor},
        {"intel", "Look through stored articles for indicators", setup_intel},
        {"inspect", "Show what cti sees in a feed, a page or a text", setup_inspect},
        {"completion", "Write the completion of a shell", setup_completion},
        {"version", "Show the version, the revision and the libraries", setup_version},
        {"__complete", k_hidden, setup_complete},
        {"__man", k_hidden, setup_man_pages},
    };
    return table;
}
}
