#pragma once
#include "core/base/error.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace cti::cli {

class Options;
struct GivenSettings;

// What every subcommand may use; made once by run() from the global options.
struct Context {
    std::string command;        // "sources list"
    std::string database_url;   // as given by --database-url; empty: see cli/database.hpp for what comes next
    std::string sources_config; // --config or SOURCES_CONFIG; empty: not given
    bool quiet = false;
    bool color_stdout = false;
    bool progress = false;                      // stderr is a terminal that may be drawn on
    std::shared_ptr<const GivenSettings> given; // what settings files and global options said; settings.hpp
};

using Action = std::function<ExitCode(Context&)>;

constexpr const char* k_hidden = ""; // The summary of a command that no help mentions.

// One row of the table in commands.cpp. setup() declares the options on the subcommand
// and returns what to do once they are parsed.
struct Command {
    const char* name;
    const char* summary;
    Action (*setup)(Options&);
    const char* group = "Commands"; // the heading in the help that it stands under
};

std::span<const Command> commands();

// Parses, dispatches, and turns every error that nobody else handles into an exit status.
int run(int argc, const char* const* argv);
}
