#include "cli/options/selection_options.hpp"

#include "cli/options/options.hpp"

namespace cti::cli {

void add_selection_options(Options& app, SelectionArguments& arguments) {
    const auto group = "Selection";
    const auto days = app.add_option("--days", arguments.options.days, "Published in the last N days")
                          .between(1, 100000)
                          .type_name("N")
                          .group(group);
    app.add_option("--since", arguments.options.since, "Published at or after: 7d, 12h, 2026-11-01, RFC 3339")
        .type_name("TIME")
        .not_empty()
        .excludes(days)
        .group(group);
    app.add_option("--until", arguments.options.until, "Published before")
        .type_name("TIME")
        .not_empty()
        .group(group);
    app.add_option("--by", arguments.by, "The time that is meant: published or discovered")
        .one_of({"published", "discovered"})
        .type_name("TIME")
        .capture_default_str()
        .group(group);
    app.add_option("-s,--source", arguments.options.sources, "Only of this source (may be repeated)")
        .type_name("ID")
        .delimiter(',')
        .group(group);
    app.add_option("--tag", arguments.options.tags, "Only with this tag (may be repeated: any of them)")
        .type_name("TAG")
        .not_empty()
        .delimiter(',')
        .group(group);
    app.add_option("--min-score", arguments.options.min_score, "Threat hunting score at least")
        .type_name("N")
        .group(group);
    app.add_option("--ids", arguments.options.ids,
                   "Only these articles: 280,281 or a file with one id a line; - is stdin")
        .type_name("FILE")
        .not_empty()
        .group(group);
    app.add_option("--limit", arguments.options.limit, "The first N only")
        .positive()
        .type_name("N")
        .group(group);
    app.add_option("--order", arguments.order, "newest, oldest or score (highest first)")
        .one_of({"newest", "oldest", "score"})
        .type_name("ORDER")
        .capture_default_str()
        .group(group);
    app.add_flag("--web-compat", arguments.options.web_compat,
                 "Read the query as the web service does; reads every article")
        .group(group);
}

void add_query_option(Options& app, SelectionArguments& arguments) {
    app.add_option("--query", arguments.options.query, "Only what this query finds, see 'cti search --help'")
        .type_name("QUERY")
        .not_empty()
        .group("Selection");
}

ops::SelectionOptions to_options(const SelectionArguments& arguments) {
    auto options = arguments.options;
    options.by_discovered = arguments.by == "discovered";
    options.order = arguments.order == "oldest"  ? store::Order::oldest
                    : arguments.order == "score" ? store::Order::score
                                                 : store::Order::newest;
    return options;
}

bool is_narrowed(const ops::SelectionOptions& options) {
    return options.days || !options.since.empty() || !options.until.empty() || !options.query.empty() ||
           !options.ids.empty() || !options.sources.empty() || !options.tags.empty() || options.min_score;
}
}
