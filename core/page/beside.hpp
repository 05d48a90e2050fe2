#pragma once
#include "core/page/removals.hpp"

#include <string>

namespace cti::page {

// Reports put their indicators into a section after the article, a box beside it, a panel that a click
// opens: what is left outside the root and holds one belongs to the text.
struct BesideText {
    std::string before, behind;
};
BesideText write_beside(Removals& removals, const Place& place);
}
