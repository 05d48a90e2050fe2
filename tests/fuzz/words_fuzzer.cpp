#include "core/search/article_words.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// The words of a text, as they go to the server: nothing but words of small letters and digits with their
// positions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto words = cti::search::find_article_words(text, text);
    if (!words) return 0;
    for (const auto* list : {&words->title, &words->content})
        for (const char c : *list) {
            const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!is_word && c != ' ' && c != ':' && c != ',' && c != 'A') std::abort();
        }
    return 0;
}
