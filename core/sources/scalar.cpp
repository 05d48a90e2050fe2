#include "core/sources/scalar.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace cti::sources {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// YAML knows three spellings of a word: true, True, TRUE.
bool is_word(std::string_view text, std::string_view lower) {
    if (!iequals(text, lower)) return false;
    const auto tail = text.substr(1);
    return std::ranges::all_of(tail, is_ascii_lower) ||
           (is_ascii_upper(text[0]) && std::ranges::all_of(tail, is_ascii_upper));
}

bool is_any_word(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return is_word(text, word); });
}

std::string without_underscores(std::string_view text) {
    std::string out(text);
    out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
    return out;
}

struct Digits {
    int base = 10;
    std::string_view digits;
};

Digits split_base(std::string_view text) {
    if (text.size() > 2 && text[0] == '0') {
        if (text[1] == 'x') return {16, text.substr(2)};
        if (text[1] == 'o') return {8, text.substr(2)};
        if (text[1] == 'b') return {2, text.substr(2)};
    }
    const bool octal = text.size() > 1 && text[0] == '0' &&
                       std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; });
    return octal ? Digits{8, text.substr(1)} : Digits{10, text};
}

Scalar negative(std::uint64_t magnitude) {
    constexpr auto k_limit = std::uint64_t{1} << 63U;
    if (magnitude > k_limit) return -static_cast<double>(magnitude);
    if (magnitude == k_limit) return std::numeric_limits<std::int64_t>::min();
    return -static_cast<std::int64_t>(magnitude);
}

// The number, or text where the digits are none of an integer.
Scalar resolve_integer(std::string_view text) {
    const bool minus = text[0] == '-';
    if (minus || text[0] == '+') text.remove_prefix(1);
    if (text.empty() || !is_ascii_digit(text[0])) return IsText{};
    const auto plain = without_underscores(text);
    const auto [base, digits] = split_base(plain);
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, problem] = std::from_chars(digits.data(), end, number, base);
    if (stop != end || problem != std::errc{}) return IsText{};
    if (minus) return negative(number);
    constexpr auto k_signed = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (number > k_signed) return number;
    return static_cast<std::int64_t>(number);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view text) {
    std::size_t pos = text[0] == '-' || text[0] == '+' ? 1 : 0;
    const auto digits = [&] {
        const auto start = pos;
        while (pos < text.size() && is_ascii_digit(text[pos])) ++pos;
        return pos > start;
    };
    const bool whole = digits();
    if (pos < text.size() && text[pos] == '.') {
        ++pos;
        if (!digits() && !whole) return false;
    } else if (!whole) {
        return false;
    }
    if (pos < text.size() && (text[pos] == 'e' || text[pos] == 'E')) {
        ++pos;
        if (pos < text.size() && (text[pos] == '-' || text[pos] == '+')) ++pos;
        if (!digits()) return false;
    }
    return pos == text.size();
}

Scalar resolve_float(std::string_view text) {
    const bool minus = text[0] == '-';
    const auto bare = minus || text[0] == '+' ? text.substr(1) : text;
    constexpr auto k_infinity = std::numeric_limits<double>::infinity();
    if (is_one_of(bare, {".inf", ".Inf", ".INF"})) return minus ? -k_infinity : k_infinity;
    if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
    if (!looks_like_float(text)) return IsText{};
    double number = 0;
    const auto [stop, problem] = std::from_chars(bare.data(), bare.data() + bare.size(), number);
    if (problem == std::errc::result_out_of_range) number = bare.find("e-") == bare.npos ? k_infinity : 0.0;
    return minus ? -number : number;
}
}

Scalar resolve_scalar(std::string_view text) {
    if (text.empty() || text == "~" || is_word(text, "null")) return std::monostate{};
    if (is_any_word(text, {"true", "yes", "on"})) return true;
    if (is_any_word(text, {"false", "no", "off"})) return false;
    const char first = text[0];
    if (!is_ascii_digit(first) && first != '-' && first != '+' && first != '.') return IsText{};
    auto number = resolve_integer(text);
    return std::holds_alternative<IsText>(number) ? resolve_float(text) : number;
}
}
