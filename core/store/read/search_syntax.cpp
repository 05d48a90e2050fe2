#include "core/store/read/search_syntax.hpp"

#include "core/base/text.hpp"
#include "core/base/unicode_lower.hpp"
#include "core/search/separators.hpp"
#include "core/search/words.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Term;

// The same as search::is_separator() has, and what of ASCII is neither letter nor digit.
std::string separator_class() {
    std::string set = R"([\u0001-/:-@\[-`{-\u007f)";
    for (const auto& [first, last] : search::k_separators)
        set += fmt::format("\\u{:04X}-\\u{:04X}", static_cast<unsigned>(first), static_cast<unsigned>(last));
    return set + ']';
}

// Letters and digits need no escape.
void append_both_cases(std::string& regex, char32_t c) {
    auto cases = upper_cases(c);
    if (c == search::k_inner_sigma) cases.push_back(search::k_final_sigma);
    if (cases.empty()) return append_utf8(regex, c);
    regex += '[';
    append_utf8(regex, c);
    for (const auto upper : cases) append_utf8(regex, upper);
    regex += ']';
}
}

std::string phrase_regex(const Term& term) {
    static const auto separator = separator_class();
    auto regex = fmt::format("(?:^|{})", separator);
    for (const auto& word : term.words) {
        if (&word != &term.words.front()) regex += separator + '+';
        for (std::size_t pos = 0; pos < word.size();) append_both_cases(regex, next_code_point(word, pos));
    }
    return term.is_prefix ? regex : regex + fmt::format("(?:$|{})", separator);
}

// Letters and digits stand for themselves, everything else of ASCII is escaped.
std::string regex_of(std::string_view pattern) {
    std::string regex;
    const auto is_word = [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_'; };
    if (is_word(pattern.front())) regex += "\\m";
    for (const char c : pattern) {
        if (c == '*')
            regex += "\\S*";
        else if (c == '?')
            regex += "\\S";
        else if (is_word(c) || static_cast<unsigned char>(c) >= 0x80)
            regex += c;
        else
            regex += {'\\', c};
    }
    if (is_word(pattern.back())) regex += "\\M";
    return regex;
}

std::string like_of(std::string_view pattern) {
    std::string out;
    for (const char c : pattern) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c == '*' ? '%' : c == '?' ? '_' : c;
    }
    return out;
}
}
