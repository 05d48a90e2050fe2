#pragma once
#include "core/page/measure.hpp"

namespace cti::page {

struct ArticleRoot {
    NodeId id = 0;
    const char* method = "descent"; // "body" and "article" by names, "title", "descent" by sizes
};
// The element that holds the article's text, of a page without its frame. `title` is the heading that says
// the title, or k_no_node.
ArticleRoot find_article_root(const Measured& page, NodeId title);
}
