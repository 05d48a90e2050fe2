#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/sources/source_changes.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace cti::cli {
namespace {

struct RemoveCommand {
    std::string identifier;
    bool yes = false;
    std::vector<std::string> with; // tables whose rows may go too
};

std::string describe(const store::SourceContents& contents) {
    std::vector<std::string> parts = {count_of(contents.articles, "article"),
                                      count_of(contents.checks, "check")};
    for (const auto& [table, rows] : contents.others)
        parts.push_back(fmt::format("{} of {}", count_of(rows, "row"), printable(table)));
    const auto last = parts.back();
    parts.pop_back();
    return fmt::format("{} and {}", join(parts, ", "), last);
}

// Tables with rows of others, which nobody has named yet.
std::vector<std::string> find_unnamed(const RemoveCommand& command, const store::SourceContents& contents) {
    std::vector<std::string> unnamed;
    for (const auto& [table, rows] : contents.others)
        if (std::ranges::find(command.with, table) == command.with.end() &&
            std::ranges::find(command.with, "public." + table) == command.with.end())
            unnamed.push_back(table);
    return unnamed;
}

// A 'y' is typed by habit, a name is not.
bool confirm(const std::string& identifier, const std::string& all) {
    fmt::print(stderr, "cti: this removes source {}\ncti: type its name, {}, to go on: ", all,
               printable(identifier));
    std::fflush(stderr);
    std::string answer;
    std::getline(std::cin, answer);
    return trim(answer) == identifier;
}

bool may_remove(const RemoveCommand& command, const Source& row, const store::SourceContents& contents) {
    const auto unnamed = find_unnamed(command, contents);
    if (command.yes && unnamed.empty()) return true;
    const auto all = fmt::format("'{}' with its {}", printable(row.identifier), describe(contents));
    if (::isatty(STDIN_FILENO) == 1) return confirm(row.identifier, all);
    throw Error{
        ExitCode::usage, fmt::format("would remove source {}, and there is no terminal to ask on", all),
        unnamed.empty()
            ? "Give --yes to remove it, or keep its articles with 'cti sources disable'."
            : fmt::format(
                  "Name what goes beside its articles: --yes --with {}; 'cti sources disable' keeps all.",
                  printable(join(unnamed, ",")))};
}

ExitCode run_remove(const Context& context, const RemoveCommand& command) {
    ops::RemoveOptions options{.identifier = command.identifier, .may_remove = {}};
    options.may_remove = [&](const Source& row, const store::SourceContents& contents) {
        return may_remove(command, row, contents);
    };
    if (const auto contents = ops::remove_source(make_environment(context), options))
        log::notice("removed source '{}' with its {}", command.identifier, describe(*contents));
    else
        throw Error{stop_signal() != 0 ? ExitCode::interrupted : ExitCode::failure, "nothing was removed"};
    return ExitCode::ok;
}
}

Action setup_sources_remove(Options& app) {
    auto command = std::make_shared<RemoveCommand>();
    app.footer(R"(Examples:
  cti sources remove cisco_talos --yes
  cti sources remove cisco_talos --yes --with article_annotations

All that refers to the source's articles goes with them. On a terminal it says
what that is, and asks for the source's name. Without one, --yes suffices
where only articles, checks and hashes go; every other table with rows that
would go (annotations, rules, executions of the web service) is named by
--with. To keep them all, disable it instead: cti sources disable cisco_talos)");
    app.add_option("ID", command->identifier, "Identifier of the source").required();
    app.add_flag("-y,--yes", command->yes, "Do not ask").group("Behaviour");
    app.add_option("--with", command->with, "With --yes: rows of this table may go too (may be repeated)")
        .type_name("TABLE")
        .delimiter(',')
        .group("Behaviour");
    return [command](Context& context) { return run_remove(context, *command); };
}
}
