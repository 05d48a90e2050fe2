#pragma once
#include "core/page/measure.hpp"

#include <string>
#include <vector>

namespace cti::page {

// What the metadata knows, to tell the article from its surroundings.
struct TextHelp {
    std::string title;
    std::string description;
    std::vector<std::string> authors;
    std::string article_body;  // of JSON-LD
    std::vector<NodeId> roots; // by the source's own selectors
};

struct MainText {
    std::string text;
    std::string method;
    std::vector<std::string> reasons;
};

// The article's text; empty only where the page has none.
MainText find_main_text(Measured& page, const TextHelp& help, bool explain);

// Lines of plain text of a subtree, without what was removed.
std::string write_text(const Measured& page, NodeId root);
}
