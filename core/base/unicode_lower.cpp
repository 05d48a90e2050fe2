#include "core/base/unicode_lower.hpp"

#include <algorithm>
#include <iterator>

namespace cti {
namespace {
// Every `stride`-th code point of the range has its lower case `delta` further on.
struct LowerRun {
    char32_t first, last;
    int delta;
    char32_t stride;
};
#include "core/base/unicode_lower_table.inc"
}

char32_t to_lower(char32_t c) {
    const auto* it = std::ranges::lower_bound(k_lower, c, {}, &LowerRun::last);
    if (it == std::end(k_lower) || c < it->first || (c - it->first) % it->stride != 0) return c;
    return static_cast<char32_t>(static_cast<int>(c) + it->delta);
}

std::vector<char32_t> upper_cases(char32_t c) {
    std::vector<char32_t> cases;
    for (const auto& run : k_lower)
        if (const auto upper = static_cast<char32_t>(static_cast<int>(c) - run.delta);
            upper >= run.first && upper <= run.last && (upper - run.first) % run.stride == 0)
            cases.push_back(upper);
    return cases;
}
}
