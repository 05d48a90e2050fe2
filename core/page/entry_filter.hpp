#pragma once
#include "core/model/check.hpp"
#include "core/model/entry_rules.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace cti::page {

// What there is to look at. A list or a text that is not known yet is empty.
struct FilteredEntry {
    std::string_view title{};
    std::span<const std::string> categories{}, authors{};
    std::string_view text{};
    int word_count = 0;
};

// Which entries of a source are wanted, by what they say.
class EntryFilter {
public:
    EntryFilter() = default;
    // A pattern that is none is left out and named in warnings().
    explicit EntryFilter(const EntryRules& rules);

    // none lets the entry pass. An entry of a feed, before its page is asked for: its title and categories.
    DropReason refuse_entry(const FilteredEntry& entry) const;
    // The article that was made of it, with all that its page has said.
    DropReason refuse_article(const FilteredEntry& article) const;
    const std::vector<std::string>& warnings() const { return m_warnings; }

private:
    using Patterns = std::vector<std::shared_ptr<const re2::RE2>>;
    using ByField = std::array<Patterns, k_entry_fields>;

    ByField compile(const FieldPatterns& patterns, std::string_view key);
    bool is_title_refused(std::string_view title) const;
    DropReason find_excluded(const FilteredEntry& entry) const;
    DropReason find_missing(const FilteredEntry& entry, bool is_complete) const;

    std::vector<std::string> m_warnings; // before what adds to it
    ByField m_include, m_exclude;
    Patterns m_title_words;
    bool m_has_title_words = false;
    int m_min_words = 0;
};

// The words that the web service of 2026 looks for in the title of every feed's entry, whatever the source
// says.
std::span<const std::string_view> service_title_words();
}
