#pragma once
#include "cli/command.hpp"
#include "core/ops/read_article.hpp"

#include <optional>

// What the commands share that show one article.
namespace cti::cli {

struct ShowOptions {
    bool json = false, markdown = false, raw = false, sigma = false, no_pager = false;
    std::optional<int> width;
};
void add_show_options(Options& app, ShowOptions& options);

// To stdout: a page for people unless the options say otherwise, on a terminal through the pager.
void show_article(const Context& context, const ops::WholeArticle& whole, const ShowOptions& options);
}
