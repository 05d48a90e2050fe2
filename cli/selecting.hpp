#pragma once
#include "cli/command.hpp"
#include "core/search/web_query.hpp"
#include "core/store/read/articles.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

// Which articles: the same options for `export` and `search`.
namespace cti::cli {

struct SelectionOptions {
    std::string since, until, by = "published", order = "newest", query, ids;
    std::vector<std::string> sources, tags;
    std::optional<int> days;
    std::optional<double> min_score;
    std::optional<long> limit;
    bool web_compat = false;
};
void add_selection_options(Options& app, SelectionOptions& options);

// A selection and what it points to.
struct Chosen {
    store::Selection selection;
    std::optional<search::Query> query;
    std::vector<std::vector<std::string>> shown; // what a snippet should show
};
// What the options say by themselves: refused before the database is asked for anything. Throws Error(usage).
std::unique_ptr<Chosen> choose(const SelectionOptions& options, Time now);
// Looks up the sources. Throws Error(usage) for one that is not there.
void choose_sources(db::Transaction& tx, const db::Schema& schema, const SelectionOptions& options,
                    Chosen& chosen);

// What --type takes, and what is a field of a query.
std::vector<std::string> indicator_type_names();

// One line that tells of articles whose words are not in the index yet, where they make a query slow.
void warn_of_unindexed(db::Transaction& tx, const Chosen& chosen);
}
