#include "core/page/entry_filter.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <re2/re2.h>

namespace cti::page {
namespace {
constexpr std::int64_t k_max_pattern_memory = 1 << 20;
constexpr std::array k_fields{EntryField::title, EntryField::categories, EntryField::authors,
                              EntryField::text};

std::size_t index_of(EntryField field) { return static_cast<std::size_t>(field); }

std::string_view name_of(EntryField field) {
    constexpr std::array<std::string_view, k_entry_fields> names{"title", "categories", "authors", "text",
                                                                 "any"};
    return names.at(index_of(field));
}

DropReason reason_of(EntryField field) {
    switch (field) {
    case EntryField::title: return DropReason::title_filter;
    case EntryField::categories: return DropReason::category_filter;
    case EntryField::authors: return DropReason::author_filter;
    case EntryField::text: return DropReason::text_filter;
    case EntryField::any: break;
    }
    return DropReason::include_filter;
}

std::shared_ptr<const RE2> make_pattern(const std::string& text) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(k_max_pattern_memory);
    return std::make_shared<const RE2>(text, options);
}

bool is_found(std::string_view text, const auto& patterns) {
    return std::ranges::any_of(patterns, [&](const auto& pattern) {
        return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
    });
}

bool is_found_in(const FilteredEntry& entry, EntryField field, const auto& patterns) {
    const auto in_one_of = [&](std::span<const std::string> values) {
        return std::ranges::any_of(values, [&](const auto& value) { return is_found(value, patterns); });
    };
    switch (field) {
    case EntryField::title: return is_found(entry.title, patterns);
    case EntryField::categories: return in_one_of(entry.categories);
    case EntryField::authors: return in_one_of(entry.authors);
    case EntryField::text: return is_found(entry.text, patterns);
    case EntryField::any: break;
    }
    return std::ranges::any_of(k_fields, [&](EntryField one) { return is_found_in(entry, one, patterns); });
}

// The service lowers the title and no word, so that a word with a capital letter is never found.
bool is_lower(const std::string& word) { return !RE2::PartialMatch(word, R"(\p{Lu})"); }
}

EntryFilter::EntryFilter(const EntryRules& rules)
    : m_include(compile(rules.include, "filter.include")),
      m_exclude(compile(rules.exclude, "filter.exclude")), m_has_title_words(!rules.title_words.empty()),
      m_min_words(rules.min_words) {
    for (const auto& word : rules.title_words)
        if (is_lower(word)) m_title_words.push_back(make_pattern(RE2::QuoteMeta(word)));
}

EntryFilter::ByField EntryFilter::compile(const FieldPatterns& patterns, std::string_view key) {
    ByField compiled;
    for (std::size_t i = 0; i < patterns.size(); ++i)
        for (const auto& text : patterns[i]) {
            auto pattern = make_pattern(text);
            if (pattern->ok())
                compiled[i].push_back(std::move(pattern));
            else
                m_warnings.push_back(fmt::format("{} of {}: '{}' is left out: {}", key,
                                                 name_of(static_cast<EntryField>(i)), printable(text),
                                                 printable(pattern->error())));
        }
    return compiled;
}

bool EntryFilter::is_title_refused(std::string_view title) const {
    return m_has_title_words && (trim(title).empty() || is_found(title, m_title_words));
}

DropReason EntryFilter::find_excluded(const FilteredEntry& entry) const {
    const auto& anywhere = m_exclude[index_of(EntryField::any)];
    for (const auto field : k_fields)
        if (is_found_in(entry, field, m_exclude[index_of(field)]) || is_found_in(entry, field, anywhere))
            return reason_of(field);
    return DropReason::none;
}

// is_complete: what is not known now will not be.
DropReason EntryFilter::find_missing(const FilteredEntry& entry, bool is_complete) const {
    for (const auto field : {EntryField::title, EntryField::categories, EntryField::authors, EntryField::text,
                             EntryField::any}) {
        const bool is_known = is_complete || field == EntryField::categories ||
                              (field == EntryField::title && !entry.title.empty());
        const auto& wanted = m_include[index_of(field)];
        if (is_known && !wanted.empty() && !is_found_in(entry, field, wanted)) return reason_of(field);
    }
    return DropReason::none;
}

DropReason EntryFilter::refuse_entry(const FilteredEntry& entry) const {
    if (is_title_refused(entry.title)) return DropReason::title_filter;
    const auto excluded = find_excluded(entry);
    return excluded != DropReason::none ? excluded : find_missing(entry, false);
}

DropReason EntryFilter::refuse_article(const FilteredEntry& article) const {
    if (is_title_refused(article.title)) return DropReason::title_filter;
    if (const auto excluded = find_excluded(article); excluded != DropReason::none) return excluded;
    if (article.word_count < m_min_words) return DropReason::min_word_count;
    return find_missing(article, true);
}

std::span<const std::string_view> service_title_words() {
    static constexpr std::array<std::string_view, 35> words{"job posting",
                                                            "careers",
                                                            "hiring",
                                                            "we are hiring",
                                                            "join our team",
                                                            "press release",
                                                            "gartner",
                                                            "company news",
                                                            "partnership announcement",
                                                            "webinar",
                                                            "event",
                                                            "conference",
                                                            "training",
                                                            "workshop",
                                                            "newsletter",
                                                            "subscribe",
                                                            "unsubscribe",
                                                            "privacy policy",
                                                            "terms of service",
                                                            "cookie policy",
                                                            "about us",
                                                            "contact us",
                                                            "advertisement",
                                                            "sponsored",
                                                            "promotion",
                                                            "discount",
                                                            "CFP Trackerproduct launch",
                                                            "new product",
                                                            "feature update",
                                                            "maintenance",
                                                            "downtime",
                                                            "scheduled maintenance",
                                                            "outage",
                                                            "the state of",
                                                            "office hours"};
    return words;
}
}
