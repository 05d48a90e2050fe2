#include "core/analysis/evidence.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::analysis {
namespace {

// Pairs of all languages, primes and accents that stand for quotes, and the ornaments.
constexpr std::array<char32_t, 40> k_quotes{
    U'"',      U'\'',     U'`',      U'\u00B4', U'\u00AB', U'\u00BB', U'\u2018', U'\u2019',
    U'\u201A', U'\u201B', U'\u201C', U'\u201D', U'\u201E', U'\u201F', U'\u2032', U'\u2033',
    U'\u2035', U'\u2036', U'\u2039', U'\u203A', U'\u275B', U'\u275C', U'\u275D', U'\u275E',
    U'\u275F', U'\u2760', U'\u276E', U'\u276F', U'\u300C', U'\u300D', U'\u300E', U'\u300F',
    U'\u301D', U'\u301E', U'\u301F', U'\uFF02', U'\uFF07', U'\uFF62', U'\uFF63', U'\u02BC'};

bool is_quote(char32_t c) { return std::ranges::find(k_quotes, c) != k_quotes.end(); }

bool has_no_width(char32_t c) {
    return (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || c == 0x00AD;
}

// Letters and digits of scripts that part words by blanks.
bool is_of_word(char32_t c) {
    if (c < 0x80)
        return is_ascii_alpha(static_cast<char>(c)) || is_ascii_digit(static_cast<char>(c)) || c == '_';
    return c >= 0xC0 && c < 0x2000 && !is_unicode_space(c);
}

// Calls emit(code point, where it begins) for what is left of the text.
template <class Emit>
void fold_text(std::string_view text, const Emit& emit) {
    char32_t last = U'"'; // no blank at the beginning
    auto blank = text.npos;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto start = pos;
        auto c = next_code_point(text, pos);
        if (has_no_width(c)) continue;
        if (is_unicode_space(c)) {
            if (blank == text.npos) blank = start;
            continue;
        }
        if (is_quote(c)) c = U'"';
        if (blank != text.npos && c != U'"' && last != U'"') emit(U' ', blank);
        blank = text.npos;
        emit(c, start);
        last = c;
    }
}

// The character that ends before `pos`; 0 at the beginning.
char32_t code_point_before(std::string_view text, std::size_t pos, std::size_t* start = nullptr) {
    if (pos == 0) return 0;
    auto at = pos - 1;
    while (at > 0 && pos - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) --at;
    if (start != nullptr) *start = at;
    return next_code_point(text, at);
}

char32_t code_point_at(std::string_view text, std::size_t& pos) {
    return pos < text.size() ? next_code_point(text, pos) : 0;
}

// An apostrophe with letters on both sides is of the word: "can" is no quotation of "can't".
bool is_inside_word(std::string_view text, std::size_t pos) {
    auto next = pos;
    std::size_t before = pos;
    const auto right = code_point_at(text, next), left = code_point_before(text, pos, &before);
    if (is_of_word(left)) {
        if (is_of_word(right)) return true;
        return is_quote(right) && is_of_word(code_point_at(text, next));
    }
    return is_of_word(right) && is_quote(left) && is_of_word(code_point_before(text, before));
}

std::string_view without_outer_quotes(std::string_view folded) {
    while (folded.starts_with('"')) folded.remove_prefix(1);
    while (folded.ends_with('"')) folded.remove_suffix(1);
    return folded;
}
}

std::string fold_quotation(std::string_view text) {
    std::string folded;
    fold_text(text, [&](char32_t c, std::size_t) { append_utf8(folded, c); });
    return folded;
}

bool has_words(std::string_view text, std::string_view words) {
    if (words.empty()) return false;
    for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1))
        if (!is_inside_word(text, at) && !is_inside_word(text, at + words.size())) return true;
    return false;
}

FoldedText::FoldedText(std::string_view text) : m_text(text) {
    m_folded.reserve(text.size());
    m_places.reserve(text.size());
    fold_text(text, [this](char32_t c, std::size_t place) {
        append_utf8(m_folded, c);
        m_places.resize(m_folded.size(), static_cast<std::uint32_t>(place));
    });
}

std::optional<Span> FoldedText::find(std::string_view quotation) const {
    const auto folded = fold_quotation(quotation);
    if (const auto span = find_folded(folded)) return span;
    const auto inner = without_outer_quotes(folded);
    return inner.size() == folded.size() ? std::nullopt : find_folded(inner);
}

std::optional<Span> FoldedText::find_folded(std::string_view folded) const {
    if (folded.empty()) return std::nullopt;
    for (auto at = m_folded.find(folded); at != m_folded.npos; at = m_folded.find(folded, at + 1)) {
        Span span{m_places[at], m_places[at + folded.size() - 1]};
        next_code_point(m_text, span.end); // to behind the last character
        if (!is_inside_word(m_text, span.start) && !is_inside_word(m_text, span.end)) return span;
    }
    return std::nullopt;
}
}
