#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/options/reader_options.hpp"
#include "cli/show_article.hpp"
#include "cli/term/output.hpp"

#include <memory>

namespace cti::cli {
namespace {

struct ShowArticleCommand {
    std::string article;
    ReaderArguments reader;
    ShowOptions show;
};

// Nothing of the database is held while people read.
ops::WholeArticle read_article(const Context& context, const std::string& which) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    return ops::get_whole_article(tx, schema, ops::find_article(tx, schema, which));
}
}

Action setup_show(Options& app) {
    auto command = std::make_shared<ShowArticleCommand>();
    app.footer(R"(On a terminal, or with --as, it counts as read from then on.
Examples:
  cti show 12
  cti show 12 --markdown > report.md
  cti show 12 --json | jq .origin
  cti show 12 --raw | cti inspect text)");
    app.add_option("ARTICLE", command->article,
                   "Its id, as 'cti articles' and 'cti search' show it, or its address")
        .required();
    add_reader_option(app, command->reader);
    add_keep_option(app, command->reader);
    add_show_options(app, command->show);
    return [command](Context& context) {
        const auto whole = read_article(context, command->article);
        show_article(context, whole, command->show);
        // A pipe is no reader, unless it was named.
        if (stdout_width() > 0 || !command->reader.name.empty())
            note_reading(context, command->reader, whole.article.id);
        return ExitCode::ok;
    };
}
}
