#include "core/intel/name_words.hpp"

#include "core/base/text.hpp"

#include <unordered_set>

namespace cti::intel {
namespace {
std::unordered_set<std::string_view> read_words() {
    std::unordered_set<std::string_view> words;
    for (const auto line : split(default_name_words(), '\n')) {
        if (line.starts_with('#')) continue;
        for (const auto word : split(line, ' '))
            if (!word.empty()) words.insert(word);
    }
    return words;
}
}

bool is_name_word(std::string_view lower) {
    static const auto words = read_words();
    return words.contains(lower);
}
}
