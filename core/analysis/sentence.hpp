#pragma once
#include <string_view>

namespace cti::analysis {

// Whether a sentence says nothing but what its quotations say: each of its words stands in them, maybe with
// another ending, but for words that only connect; and where they deny something, it does too. Both folded
// (see fold_quotation). What it cannot see is that words were put in another order.
bool rests_on(std::string_view sentence, std::string_view quoted);
}
