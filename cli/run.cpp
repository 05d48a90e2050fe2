#include "cli/command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace cti::cli {

int run(int argc, const char* const* argv) {
    CLI::App app{"Collects cyber threat intelligence into PostgreSQL", "cti"};
    Context context;
    Action chosen;
    for (const auto& command : commands()) {
        auto* sub = app.add_subcommand(command.name, command.summary);
        auto action = command.setup(*sub);
        sub->callback([&chosen, action] { chosen = action; });
    }
    CLI11_PARSE(app, argc, argv);
    return chosen ? static_cast<int>(chosen(context)) : 2;
}
}
