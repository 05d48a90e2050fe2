#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <vector>

// What a source's config says of the entries that are wanted (title_filter_keywords, min_word_count, filter).
namespace cti {

enum class EntryField { title, categories, authors, text, any };
constexpr std::size_t k_entry_fields = 5;

// Patterns by field (RE2's syntax, whatever the case of the letters, anywhere in the value).
using FieldPatterns = std::array<std::vector<std::string>, k_entry_fields>;

struct EntryRules {
    FieldPatterns include; // of each field that names some, one has to be found
    FieldPatterns exclude; // none may be found
    // As the web service of 2026 reads them: a title that holds one is out, and so is an empty title.
    std::vector<std::string> title_words;
    int min_words = 0;

    bool operator==(const EntryRules&) const = default;
};
}
