#pragma once
#include "core/ops/environment.hpp"
#include "core/search/web_query.hpp"
#include "core/store/read/articles.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Which articles: the same for an export and a search.
namespace cti::ops {

struct SelectionOptions {
    std::string since, until;   // "7d", "12h", "2026-11-01", RFC 3339; "": no bound
    std::optional<int> days;    // published in the last N days; `since` goes before it
    bool by_discovered = false; // the time that is meant; else when it was published
    store::Order order = store::Order::newest;
    std::string query;
    bool web_compat = false; // the query is read as the web service does
    std::string ids; // "280,281", or a file of ids, one a line; "-" is standard input, "" all articles
    std::vector<std::string> sources, tags;
    std::optional<double> min_score;
    std::optional<long> limit;
};

// What the options come to. It points into itself.
struct SelectedArticles {
    SelectedArticles() = default;
    SelectedArticles(const SelectedArticles&) = delete;
    SelectedArticles& operator=(const SelectedArticles&) = delete;

    store::Selection selection;
    std::optional<search::Query> query;
    std::vector<std::vector<std::string>> shown; // what a snippet should show
};
// What the options say by themselves: refused before the database is asked for anything. Throws Error(usage).
std::unique_ptr<SelectedArticles> select_articles(
    const SelectionOptions& options, Time now,
    const std::function<bool()>& is_stopped = [] { return false; });
// Looks up the sources. Throws Error(usage) for one that is not there.
void select_sources(db::Transaction& tx, const db::Schema& schema, const SelectionOptions& options,
                    SelectedArticles& selected);

// What an option for types takes, and what is a field of a query.
std::vector<std::string> indicator_type_names();

// Warns of articles whose words are not in the index yet, where they make a query slow.
void warn_of_unindexed(const Environment& environment, db::Transaction& tx, const db::Schema& schema,
                       const SelectedArticles& selected);
}
