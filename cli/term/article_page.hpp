#pragma once
#include "core/export/article_facts.hpp"
#include "core/ops/read_article.hpp"

#include <cstddef>
#include <string>
#include <vector>

// One article, for people who read it.
namespace cti::cli {

struct PageStyle {
    std::size_t width = 0; // cells of a line; 0: nothing is folded, and cells of tables are parted by tabs
    bool color = false;
    Time now;
};

// What is said of it above its text, why it is there, and what says nearly the same. Text from outside as it
// is.
std::vector<exporter::LabelledText> about_article(const StoredArticle& article, Time now);
std::vector<exporter::LabelledText> origin_of(const ops::WholeArticle& whole);
std::vector<std::string> near_articles(const ops::WholeArticle& whole);

// All of it: the text folded with its headings, lists, tables and code kept, what was found in it marked and
// defanged, then lists of that. Nothing in it can steer a terminal.
std::string article_page(const ops::WholeArticle& whole, const PageStyle& style);

// The text as it was stored, with nothing in it that could steer a terminal.
std::string harmless_text(std::string_view text);
}
