#include "core/base/text.hpp"
#include "core/search/query.hpp"
#include "core/search/web_query.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Search queries: what is read has words that are valid UTF-8; an error names a place in the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const cti::search::Language language{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};
    try {
        for (const auto& words : cti::search::parse_query(text, language).shown)
            for (const auto& word : words)
                if (!cti::is_valid_utf8(word)) std::abort();
    } catch (const cti::search::SyntaxError& error) {
        if (error.message.empty() || error.position > size + 1) std::abort();
    }
    const cti::search::WebQuery web{text};
    if (web.terms().size() > size + 1) std::abort();
    return 0;
}
