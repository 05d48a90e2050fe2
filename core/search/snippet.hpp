#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace cti::search {

struct Snippet {
    struct Range {
        std::size_t start, end; // bytes of `text`
    };
    std::string text; // one line, white space folded, "…" where something was cut
    std::vector<Range> marks;
};

// The piece of `content` of about `size` bytes that holds most of the words, and where they stand in it; its
// beginning where it holds none. `wanted`: phrases of words in lower case, from Query::shown. Looks at the
// first megabyte.
Snippet make_snippet(std::string_view content, const std::vector<std::vector<std::string>>& wanted,
                     std::size_t size);
}
