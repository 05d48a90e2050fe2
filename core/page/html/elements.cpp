#include "core/page/html/elements.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
constexpr auto k_first = static_cast<std::size_t>(Element::other) + 1;
constexpr auto k_count = static_cast<std::size_t>(Element::count);
constexpr std::array<std::string_view, k_count - k_first> k_names{
#define ELEMENT(name) std::string_view(#name),
#include "core/page/html/elements.inc"
#undef ELEMENT
};
static_assert(std::ranges::is_sorted(k_names));
constexpr std::size_t k_max_name_bytes = 10;
}

Element element_of(std::string_view name) {
    if (name.empty() || name.size() > k_max_name_bytes) return Element::other;
    std::array<char, k_max_name_bytes> lower{};
    std::ranges::transform(name, lower.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view wanted(lower.data(), name.size());
    const auto* it = std::ranges::lower_bound(k_names, wanted);
    if (it == k_names.end() || *it != wanted) return Element::other;
    return static_cast<Element>(k_first + static_cast<std::size_t>(it - k_names.begin()));
}

std::string_view name_of(Element element) {
    const auto index = static_cast<std::size_t>(element);
    return index < k_first || index >= k_count ? std::string_view{} : k_names[index - k_first];
}

Kind kind_of(Element element) {
    static const auto kinds = [] {
        std::array<Kind, k_count> table{};
        for (std::size_t i = k_first; i < k_count; ++i) table[i] = kind_of(k_names[i - k_first]);
        return table;
    }();
    return kinds[static_cast<std::size_t>(element)];
}

bool is_inline(Element element) {
    const auto kind = kind_of(element);
    return kind == Kind::inlined || kind == Kind::line_break || kind == Kind::image;
}
}
