#include "core/base/error.hpp"
#include "core/search/word_blocks.hpp"
#include "core/search/words.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// A text gives terms that come back from their segment; as a block the same bytes are read or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cti::search;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto terms = find_terms(text.substr(0, size / 4), text);
    std::size_t count = 0;
    for (const auto& block : make_segment(std::vector<IndexedArticle>{{7, terms}, {9, terms}}))
        for (BlockReader reader(block.bytes, 7); reader.next(); ++count) {
            std::vector<int> ids;
            reader.append_ids(ids);
            if (ids != std::vector{7, 9}) std::abort();
        }
    if (count != static_cast<std::size_t>(std::ranges::count(terms, ' '))) std::abort();
    try {
        std::vector<int> ids;
        for (BlockReader reader(text, 1); reader.next();) reader.append_ids(ids);
    } catch (const cti::Error&) {
    }
    return 0;
}
