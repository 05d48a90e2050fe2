#pragma once
#include "cli/command.hpp"
#include "core/ops/select_articles.hpp"

#include <string>

// Which articles: the same options for `articles`, `export` and `search`.
namespace cti::cli {

struct SelectionArguments {
    ops::SelectionOptions options;
    std::string by = "published", order = "newest";
};
void add_selection_options(Options& app, SelectionArguments& arguments);
// For commands that have no words of their own.
void add_query_option(Options& app, SelectionArguments& arguments);
ops::SelectionOptions to_options(const SelectionArguments& arguments);
// Whether it leaves any article out by anything but its number.
bool is_narrowed(const ops::SelectionOptions& options);
}
