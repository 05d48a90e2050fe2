#include "cli/commands/sources.hpp"
#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/named_sources.hpp"
#include "core/store/web/sources.hpp"

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

// Asked outside of any transaction: people take their time.
bool may_remove(db::Database& database, const RemoveCommand& command) {
    Source row;
    store::SourceContents contents;
    {
        db::Transaction tx(database, db::Access::read_only);
        const auto schema = db::read_schema(tx);
        row = ops::get_source(tx, schema, command.identifier);
        contents = store::count_contents(tx, schema, row.id);
    }
    if (command.yes) return true;
    const auto all = fmt::format("'{}' with its {}", printable(row.identifier), describe(contents));
    if (::isatty(STDIN_FILENO) == 0)
        throw Error{ExitCode::usage,
                    fmt::format("would remove source {}, and there is no terminal to ask on", all),
                    "Give --yes to remove it, or keep its articles with 'cti sources disable'."};
    return confirm(fmt::format("remove source {}?", all));
}

ExitCode run_remove(const Context& context, const RemoveCommand& command) {
    auto database = open_database(context);
    if (!may_remove(database, command)) {
        log::notice("nothing was removed");
        return ExitCode::ok;
    }
    store::SourceContents contents;
    db::with_retry(database, [&](db::Transaction& tx) {
        const auto schema = db::read_schema(tx);
        const auto row = ops::get_source(tx, schema, command.identifier);
        contents = store::count_contents(tx, schema, row.id);
        store::remove_source(tx, schema, row.id);
    });
    log::notice("removed source '{}' with its {}", command.identifier, describe(contents));
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
