#include "core/import/record.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::importer {
namespace {

constexpr std::size_t k_max_shown = 80; // characters of a value, in a message

std::string show(std::string_view text) { return printable(head_code_points(text, k_max_shown)); }

// RFC 3339; without a zone it is UTC, as the web service of 2025 wrote it. Nothing that counts from today.
std::optional<Time> parse_moment(std::string_view text) {
    constexpr std::size_t k_date = 10, k_year = 4;
    if (text.size() <= k_date || text[k_year] != '-' || !is_ascii_digit(text[0])) return std::nullopt;
    return parse_time_argument(text, Time{});
}

// The first fault of what is missing or of the wrong kind.
std::string find_fault(Values& values) {
    for (std::size_t i = 0; i < k_key_names.size(); ++i) {
        const auto key = static_cast<Key>(i);
        const auto& value = values[key];
        if (!value.fault.empty()) return fmt::format("'{}' {}", name_of(key), value.fault);
        const bool is_empty = !value.is_given || (!is_list(key) && value.text.empty());
        if (is_required(key) && is_empty)
            return fmt::format("'{}' is {}", name_of(key), value.is_given ? "empty" : "missing");
    }
    if (const auto refusal = url_refusal(values[Key::url].text); !refusal.empty())
        return fmt::format("'url' cannot be used: {}", refusal);
    return {};
}

// PostgreSQL keeps no NUL.
void remove_nuls(Values& values) {
    for (std::size_t i = 0; i < k_key_names.size(); ++i) {
        auto& value = values[static_cast<Key>(i)];
        std::erase(value.text, '\0');
        for (auto& item : value.list) std::erase(item, '\0');
    }
}
}

std::optional<Key> find_key(std::string_view name) {
    const auto* const found = std::ranges::find(k_key_names, name);
    if (found == k_key_names.end()) return std::nullopt;
    return static_cast<Key>(found - k_key_names.begin());
}

Record make_fault(long line, std::string fault) {
    Record record;
    record.line = line, record.fault = std::move(fault);
    return record;
}

Record make_record(Values& values, long line) {
    remove_nuls(values);
    if (auto fault = find_fault(values); !fault.empty()) return make_fault(line, std::move(fault));
    const auto published = parse_moment(values[Key::published_at].text);
    if (!published)
        return make_fault(
            line, fmt::format("'published_at' is no moment: '{}'", show(values[Key::published_at].text)));
    Record record;
    record.line = line;
    record.source = std::move(values[Key::source].text);
    record.discovered_at = parse_moment(values[Key::discovered_at].text);
    auto& article = record.article;
    article.url = std::move(values[Key::url].text);
    article.title = std::move(values[Key::title].text);
    article.content = std::move(values[Key::content].text);
    article.published_at = *published;
    article.authors = std::move(values[Key::authors].list);
    article.tags = std::move(values[Key::tags].list);
    if (values[Key::summary].is_given) article.summary = std::move(values[Key::summary].text);
    return record;
}
}
