#include "cli/database.hpp"
#include "cli/environment.hpp"
#include "cli/options/options.hpp"
#include "cli/options/reader_options.hpp"
#include "cli/term/output.hpp"
#include "cli/term/pager.hpp"
#include "core/base/text.hpp"
#include "core/export/harmless.hpp"
#include "core/ops/read_article.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct OpenCommand {
    std::string article;
    ReaderArguments reader;
    bool print = false;
};

StoredArticle read_head(const Context& context, const std::string& which) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    return ops::get_article(tx, schema, ops::find_article(tx, schema, which),
                            {.content = false,
                             .findings = false,
                             .score = false,
                             .types = {},
                             .marked = false,
                             .discovered_at = false});
}

// Programs know addresses of many kinds, and feeds may name any: only the web's are opened.
std::string web_address(const StoredArticle& article) {
    auto link = exporter::web_link(article.url);
    if (link.empty())
        throw Error{ExitCode::failure,
                    fmt::format("the address of article {} is none of the web: '{}'", article.id,
                                printable(article.url)),
                    fmt::format("'cti show {}' shows its text.", article.id)};
    return link;
}

// The link as one word, where "%s" stands or else at the end.
std::vector<std::string> words_of(std::string_view browser, const std::string& link) {
    std::vector<std::string> words;
    bool is_named = false;
    const auto folded = fold_space(browser);
    for (const auto part : split(folded, ' ')) {
        std::string word(part);
        if (const auto place = word.find("%s"); place != word.npos)
            word.replace(place, 2, link), is_named = true;
        words.push_back(std::move(word));
    }
    if (!is_named) words.push_back(link);
    return words;
}

// BROWSER may name several, of which the first that is there is taken.
void open_in_browser(const std::string& link, int id) {
    const auto named = environment("BROWSER");
    const auto hint = fmt::format("Name one in BROWSER, or use 'cti open {} --print'.", id);
    const std::string browsers = trim(named).empty() ? "xdg-open" : named;
    for (const auto browser : split(browsers, ':')) {
        if (trim(browser).empty()) continue;
        const auto status = run_program(words_of(browser, link));
        if (!status) continue;
        if (*status == 0) return;
        throw Error{ExitCode::failure, fmt::format("'{}' ended with {}", printable(browser), *status), hint};
    }
    throw Error{ExitCode::failure, fmt::format("there is no browser '{}' here", printable(browsers)), hint};
}

ExitCode run_open(const Context& context, const OpenCommand& command) {
    const auto article = read_head(context, command.article);
    const auto link = web_address(article);
    if (command.print)
        print(link + '\n');
    else
        open_in_browser(link, article.id);
    if (!command.print || !command.reader.name.empty()) note_reading(context, command.reader, article.id);
    return ExitCode::ok;
}
}

Action setup_open(Options& app) {
    auto command = std::make_shared<OpenCommand>();
    app.footer(R"(It counts as read from then on. BROWSER names the program, else xdg-open.
Examples:
  cti open 12
  cti open 12 --print)");
    app.add_option("ARTICLE", command->article,
                   "Its id, as 'cti articles' and 'cti search' show it, or its address")
        .required();
    app.add_flag("--print", command->print, "Write the address instead of opening it").group("Output");
    add_reader_option(app, command->reader);
    add_keep_option(app, command->reader);
    return [command](Context& context) { return run_open(context, *command); };
}
}
