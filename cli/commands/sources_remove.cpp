#include "cli/commands/sources.hpp"
#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/source_changes.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace cti::cli {
namespace {

struct RemoveCommand {
    std::string identifier;
    bool yes = false;
};

std::string describe(const store::SourceContents& contents) {
    return fmt::format("{} and {}", count_of(contents.articles, "article"),
                       count_of(contents.checks, "check"));
}

bool confirm(const std::string& question) {
    fmt::print(stderr, "cti: {} [y/N] ", question);
    std::fflush(stderr);
    std::string answer;
    std::getline(std::cin, answer);
    const auto word = trim(answer);
    return iequals(word, "y") || iequals(word, "yes");
}

bool may_remove(const Source& row, const store::SourceContents& contents) {
    const auto all = fmt::format("'{}' with its {}", printable(row.identifier), describe(contents));
    if (::isatty(STDIN_FILENO) == 0)
        throw Error{ExitCode::usage,
                    fmt::format("would remove source {}, and there is no terminal to ask on", all),
                    "Give --yes to remove it, or keep its articles with 'cti sources disable'."};
    return confirm(fmt::format("remove source {}?", all));
}

ExitCode run_remove(const Context& context, const RemoveCommand& command) {
    ops::RemoveOptions options{.identifier = command.identifier, .may_remove = {}};
    if (!command.yes) options.may_remove = may_remove;
    if (const auto contents = ops::remove_source(make_environment(context), options))
        log::notice("removed source '{}' with its {}", command.identifier, describe(*contents));
    else
        log::notice("nothing was removed");
    return ExitCode::ok;
}
}

Action setup_sources_remove(Options& app) {
    auto command = std::make_shared<RemoveCommand>();
    app.footer(R"(Examples:
  cti sources remove cisco_talos --yes

Without --yes it says how many articles go with the source, and asks. To keep
them, disable it instead: cti sources disable cisco_talos)");
    app.add_option("ID", command->identifier, "Identifier of the source").required();
    app.add_flag("-y,--yes", command->yes, "Do not ask").group("Behaviour");
    return [command](Context& context) { return run_remove(context, *command); };
}
}
