#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/showing.hpp"

#include <memory>

namespace cti::cli {
namespace {

struct ShowCommand {
    std::string article;
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
    auto command = std::make_shared<ShowCommand>();
    app.footer(R"(Examples:
  cti show 12
  cti show 12 --markdown > report.md
  cti show 12 --json | jq .origin
  cti show 12 --raw | cti inspect text)");
    app.add_option("ARTICLE", command->article,
                   "Its id, as 'cti articles' and 'cti search' show it, or its address")
        .required();
    add_show_options(app, command->show);
    return [command](Context& context) {
        show_article(context, read_article(context, command->article), command->show);
        return ExitCode::ok;
    };
}
}
