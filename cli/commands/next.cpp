#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/options/reader_options.hpp"
#include "cli/options/selection_options.hpp"
#include "cli/show_article.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/ops/list_articles.hpp"

#include <memory>

namespace cti::cli {
namespace {

struct NextCommand {
    SelectionArguments selection;
    ReaderArguments reader;
    ShowOptions show;
};

void tell_of_others(long others, const std::string& reader) {
    if (others == 0)
        log::notice("that was the last one that is unread by '{}'", reader);
    else if (others >= ops::k_max_unread)
        log::notice("{} or more others are unread by '{}'", others, reader);
    else
        log::notice("{} more unread by '{}'", count_of(others, "article"), reader);
}

ExitCode run_next(const Context& context, const NextCommand& command) {
    const auto environment = make_environment(context);
    ops::ListOptions options;
    options.selection = to_options(command.selection);
    options.reader = reader_name(command.reader);
    const auto next = ops::find_next(environment, options);
    if (!next) {
        log::notice("nothing is unread by '{}'", options.reader);
        return ExitCode::ok;
    }
    show_article(context, next->whole, command.show);
    // Only now: what could not be shown was not read. Without the mark the same article would come again.
    if (!command.reader.keep_unread)
        ops::mark_articles(environment, options.reader, {next->whole.article.id}, ops::ReadMark::read);
    tell_of_others(next->others, options.reader);
    return ExitCode::ok;
}
}

Action setup_next(Options& app) {
    auto command = std::make_shared<NextCommand>();
    app.footer(R"(The best one is that with the highest score, of equal ones the newest.
Examples:
  cti next
  cti next --as anna --days 7
  cti next --source cisco_talos --keep-unread
  cti next --json | jq -r .title)");
    add_query_option(app, command->selection);
    add_selection_options(app, command->selection);
    add_reader_option(app, command->reader);
    add_keep_option(app, command->reader);
    add_show_options(app, command->show);
    return [command](Context& context) { return run_next(context, *command); };
}
}
