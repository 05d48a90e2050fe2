#include "core/intel/refang.hpp"

#include "core/intel/neighbours.hpp"
#include "core/intel/positions.hpp"
#include "core/intel/suffixes.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_spaces = 3, k_max_brackets = 8;

constexpr bool is_open(char c) { return c == '[' || c == '(' || c == '{' || c == '<'; }
constexpr bool is_close(char c) { return c == ']' || c == ')' || c == '}' || c == '>'; }

// Where something may have to be edited: brackets, "\\", "^", "*", the first bytes of the characters that
// unicode() knows, and a blank before what may be spoken: a further blank, "@", "dot", "AT".
inline auto are_triggers(Bytes bytes, Bytes behind) {
    const auto small = bytes | all_of_it(0x20), small_behind = behind | all_of_it(0x20);
    const auto brackets = are(small, '{') | are(small, '}') | are(bytes, '<');
    const auto marks = are_from(bytes, '(', 3) | are(bytes, '\\') | are(bytes, '^'); // "(", ")" and "*"
    const auto unicode = are(bytes, 0xC2) | are_from(bytes, 0xCB, 3) | are(bytes, 0xD6) | are(bytes, 0xD8) |
                         are_from(bytes, 0xE1, 3) | are(bytes, 0xEF);
    const auto spoken = are(behind, ' ') | are(behind, '@') | are(behind, 'A') | are(small_behind, 'd');
    return brackets | marks | unicode | (are(bytes, ' ') & spoken);
}

bool starts_with_word(std::string_view text, std::size_t pos, std::string_view lower) {
    return pos < text.size() && istarts_with(text.substr(pos), lower);
}

// Words that end a host as well as they stand in a sentence: "the mark [.] in the text" is no host.
bool is_common_word(std::string_view word) {
    return is_any_of(
        ascii_lower(word),
        "a am an and are as at be by do for from has he in is it me my no of on or so that the this to us was we with ");
}
}

class Refanger {
public:
    Refanger(std::string_view piece, Refanged& out) : m_piece(piece), m_out(out) {}

    void run() {
        Positions marks(m_piece, [](Bytes bytes, Bytes behind) { return are_triggers(bytes, behind); });
        for (m_pos = 0; m_pos < m_piece.size();) {
            const auto mark = next_mark(marks);
            m_out.m_text.append(m_piece, m_pos, mark - m_pos);
            m_pos = mark;
            if (m_pos < m_piece.size() && !edit()) m_out.m_text += m_piece[m_pos++];
        }
    }

private:
    // Most blanks stand before nothing that is spoken: they are sorted out before any call.
    template <class Marks>
    std::size_t next_mark(Marks& marks) const {
        auto mark = marks.next(m_pos);
        while (mark < m_piece.size() && m_piece[mark] == ' ' && !is_spoken(mark + 1))
            mark = marks.next(mark + 1);
        return mark;
    }
    bool is_spoken(std::size_t pos) const {
        switch (peek(pos)) {
        case 'A': return peek(pos + 1) == 'T';
        case 'd':
        case 'D': return ascii_lower(peek(pos + 1)) == 'o' && ascii_lower(peek(pos + 2)) == 't';
        default: return true;
        }
    }

    bool edit() {
        const char c = m_piece[m_pos];
        if (c == ' ') return spaced();
        if (is_open(c)) return bracket();
        if (is_close(c)) return closing();
        if (c == '\\') return backslash();
        if (c == '^') return caret();
        if (c == '*') return starred();
        return unicode();
    }

    char peek(std::size_t pos) const { return at(m_piece, pos); }
    bool is_value(char c) const { return is(c, k_alnum | k_high); }

    // [m_pos, until) becomes `with`, which is no longer than it.
    using Why = Refanged::Why;
    bool replace(std::string_view with, std::size_t until, Why why = Why::defanged) {
        m_out.m_edits.push_back({m_out.m_text.size(), m_pos, why});
        m_out.m_text += with;
        m_out.m_edits.push_back({m_out.m_text.size(), until, why});
        m_pos = until;
        return true;
    }

    void drop_trailing_spaces() {
        auto& text = m_out.m_text;
        while (!text.empty() && text.back() == ' ') text.pop_back();
        while (!m_out.m_edits.empty() && m_out.m_edits.back().pos > text.size()) m_out.m_edits.pop_back();
    }

    // The last byte that was written, blanks aside.
    char left(std::size_t& spaces) const {
        const auto& text = m_out.m_text;
        for (spaces = 0; spaces <= k_max_spaces && spaces < text.size(); ++spaces)
            if (text[text.size() - 1 - spaces] != ' ') return text[text.size() - 1 - spaces];
        return '\0';
    }
    std::string_view left_word(std::size_t spaces) const {
        const std::string_view text(m_out.m_text);
        const auto end = text.size() - std::min(spaces, text.size());
        auto start = end;
        while (start > 0 && end - start < 64 && is(text[start - 1], k_word)) --start;
        return text.substr(start, end - start);
    }
    std::string_view right_word(std::size_t pos) const {
        return m_piece.substr(pos, skip(m_piece, pos, k_alnum | k_dash | k_high, 64) - pos);
    }
    std::size_t skip_spaces(std::size_t pos, std::size_t most = k_max_spaces) const {
        const auto start = pos;
        while (pos < m_piece.size() && pos - start < most && m_piece[pos] == ' ') ++pos;
        return pos;
    }

    struct Mark {
        std::string_view means;
        std::size_t size;
        bool is_word;
    };
    // What may stand in brackets.
    Mark find_mark(std::size_t pos) const {
        switch (peek(pos)) {
        case '.': return {peek(pos + 1) == '.' ? "" : ".", 1, false};
        case ',': return {",", 1, true};
        case '@': return {"@", 1, true};
        case ':': return starts_with_word(m_piece, pos, "://") ? Mark{"://", 3, true} : Mark{":", 1, true};
        case '/': return peek(pos + 1) == '/' ? Mark{"//", 2, true} : Mark{"/", 1, true};
        default: break;
        }
        if (!is(peek(pos), k_letter)) return {};
        for (const std::string_view word : {"dot", "punkt", "punto", "point"})
            if (starts_with_word(m_piece, pos, word)) return {".", word.size(), true};
        for (const std::string_view word : {"at", "et", "arroba"})
            if (starts_with_word(m_piece, pos, word)) return {"@", word.size(), true};
        return {};
    }

    // "[.]", "(dot)", "[:]", "{ at }", and with one bracket or with wrong ones.
    bool bracket() {
        // "h[tt]p"
        if (m_piece.substr(m_pos, 5) == "[tt]p" && ascii_lower(before(m_piece, m_pos)) == 'h')
            return replace("tt", m_pos + 4);
        auto pos = m_pos;
        while (pos - m_pos < k_max_brackets && (is_open(peek(pos)) || peek(pos) == ' ')) ++pos;
        const auto mark = find_mark(pos);
        if (mark.means.empty()) return false;
        auto end = pos + mark.size;
        bool closed = false;
        while (end - pos < k_max_brackets + mark.size &&
               (is_close(peek(end)) || peek(end) == ' ' || peek(end) == '\\')) {
            if (peek(end) == ' ' && closed) break;
            closed |= is_close(peek(end++));
        }
        if (!closed) end = pos + mark.size;
        if (!closed && mark.means == "." && is_open(peek(end)) && is_value(peek(end + 1)))
            ++end, closed = true;
        if (!closed && (mark.is_word || peek(pos - 1) == ' ')) return false;
        return mark.means == "." || mark.means == "@" || mark.means == "," ? join(mark.means, end, closed)
                                                                           : punctuation(mark.means, end);
    }

    // Between the parts of a host: both sides must look like parts.
    bool join(std::string_view mark, std::size_t end, bool closed) {
        std::size_t spaces = 0;
        const char l = left(spaces);
        auto right = skip_spaces(end);
        if (closed && right == end && peek(right) == '\n') right = skip_spaces(right + 1, 8);
        const char r = peek(right);
        if (mark == ",") {
            if (!is(l, k_digit) || !is(r, k_digit) || spaces > 0 || right != end) return false;
            return replace(".", end);
        }
        if (!(is_value(l) || (mark == "@" && is(l, k_local)) || (mark == "." && l == '_')) ||
            !(is_value(r) || (is_open(r) && right == end) || r == '_'))
            return false;
        if (spaces > 0 || right != end) {
            const auto word = right_word(right);
            if (!closed && spaces == 0) return false;
            if (mark == "." && is_common_word(word) && peek(right + word.size()) != '.') return false;
            if (mark == "@" && is_common_word(left_word(spaces))) return false;
            drop_trailing_spaces();
        }
        return replace(mark, right);
    }

    bool punctuation(std::string_view mark, std::size_t end) {
        const char l = before(m_out.m_text, m_out.m_text.size()), r = peek(end);
        const bool fits = mark == ":" ? (is_value(l) || l == ':' || is_close(l)) &&
                                            (is_value(r) || r == '/' || is_open(r) || r == '\\')
                                      : l > ' ' && (r > ' ' || is(r, k_high));
        return fits && end <= m_pos + 16 && end - m_pos >= mark.size() && replace(mark, end);
    }

    // "example.]com"
    bool closing() {
        const auto& text = m_out.m_text;
        // "www].[example"
        const bool is_between = !text.empty() && is_value(text.back()) && is_value(peek(m_pos + 3));
        if (m_piece.substr(m_pos, 3) == "].[" && is_between) return replace(".", m_pos + 3);
        // "https]://"
        if (m_piece.substr(m_pos + 1, 3) == "://" && !text.empty() && is(text.back(), k_letter))
            return replace("", m_pos + 1);
        if (text.size() < 2 || text.back() != '.' || before(m_piece, m_pos) != '.' ||
            !is_value(text[text.size() - 2]))
            return false;
        return is(peek(m_pos + 1), k_alnum) && replace("", m_pos + 1);
    }

    // "example\.com", unless it is a path.
    bool backslash() {
        auto end = m_pos;
        while (end - m_pos < k_max_brackets && peek(end) == '\\') ++end;
        if (m_out.m_text.empty() || !is_value(m_out.m_text.back())) return false;
        if (is_open(peek(end)) && (peek(end + 1) == '.' || peek(end + 1) == '\\')) return replace("", end);
        if (peek(end) != '.' || !is(peek(end + 1), k_alnum) || is_in_path()) return false;
        return replace(".", end + 1);
    }
    bool is_in_path() const {
        constexpr std::size_t far = 40;
        for (auto pos = m_pos; pos > 0 && m_pos - pos < far && !is(m_piece[pos - 1], k_space); --pos)
            if (m_piece[pos - 1] == '\\' && is(peek(pos), k_alnum)) return true;
        return false;
    }

    bool caret() {
        return peek(m_pos + 1) == '.' && is_value(before(m_piece, m_pos)) && is(peek(m_pos + 2), k_alnum) &&
               replace("", m_pos + 1);
    }

    // "h**p://"
    bool starred() {
        const bool fits = peek(m_pos + 1) == '*' && ascii_lower(before(m_piece, m_pos)) == 'h' &&
                          ascii_lower(peek(m_pos + 2)) == 'p';
        return fits && replace("tt", m_pos + 2);
    }

    // "evil dot example", "user @ example.org", "user AT example.org"
    bool spaced() {
        const auto pos = skip_spaces(m_pos);
        const char c = peek(pos);
        if (c != '@' && c != 'd' && c != 'D' && c != 'A') return false;
        const auto size = c == '@' ? 1U : c == 'A' ? 2U : 3U;
        if (c == 'A' && peek(pos + 1) != 'T') return false;
        if (size == 3 && !starts_with_word(m_piece, pos, "dot")) return false;
        const auto right = skip_spaces(pos + size);
        if (right == pos + size || !is_value(peek(right))) return false;
        std::size_t spaces = 0;
        if (!is_value(left(spaces)) || spaces > 0) return false;
        return (size == 3 ? is_spoken_dot(right) : is_spoken_at(right, c == 'A')) &&
               replace(size == 3 ? "." : "@", right);
    }
    bool is_spoken_dot(std::size_t right) const {
        const auto word = right_word(right);
        const auto behind = peek(right + word.size());
        const auto lefts = left_word(0);
        if (is_common_word(word) || is_common_word(lefts) || lefts.size() < 2) return false;
        if (behind == ' ' && !starts_with_word(m_piece, right + word.size() + 1, "dot ")) {
            // "dot com bubble": a word goes on after a domain that was spoken out only after a break.
            return !is(peek(skip_spaces(right + word.size())), k_letter);
        }
        return true;
    }
    bool is_spoken_at(std::size_t right, bool is_word) const {
        const auto lefts = left_word(0);
        if (is_common_word(lefts) || lefts.empty()) return false;
        if (is_word &&
            std::ranges::none_of(lefts, [](char c) { return (c >= 'a' && c <= 'z') || is_ascii_digit(c); }))
            return false;
        const auto end = skip(m_piece, right, k_word, 64);
        const auto host = m_piece.substr(right, end - right);
        return host.find('.') < host.size() - 1 || is_open(peek(end)) ||
               (peek(end) == ' ' && (is_open(peek(end + 1)) || starts_with_word(m_piece, end + 1, "dot ")));
    }

    // Characters without width go; other blanks, dots and hyphens become the plain ones.
    bool unicode() {
        auto end = m_pos;
        const char32_t c = next_code_point(m_piece, end);
        const auto roles = roles_of(c);
        if ((roles & k_invisible) != 0) return replace("", end);
        if ((roles & k_blank) != 0) return replace(c == 0x2028 || c == 0x2029 ? "\n" : " ", end, Why::blank);
        if (c == 0xFF1A && m_piece.substr(end, 2) == "//" && is(before(m_piece, m_pos), k_letter))
            return replace(":", end);
        if (!is(before(m_piece, m_pos), k_alnum) || !is(peek(end), k_alnum)) return false;
        if (c == 0x2024) return replace(".", end);
        if (c == 0x3002 || c == 0xFF0E || c == 0xFF61) return is_dot_of_host(end) && replace(".", end);
        if (c == 0xFF20) return replace("@", end);
        // Hyphens; of dashes only those of an identifier, as in "CVE–2024–1234".
        const bool is_plain = c == 0x2010 || c == 0x2011 || c == 0xFE63 || c == 0xFF0D;
        const bool fits = is_plain || ((roles & k_hyphen) != 0 && is_in_id(end));
        return fits && replace("-", end);
    }

    // "evil。example。com", but not "evil.com。Next": a sentence that ends after a whole name is none.
    bool is_dot_of_host(std::size_t right) const {
        const auto lefts = left_word(0), rights = right_word(right);
        const auto last = lefts.substr(lefts.rfind('.') + 1);
        if (all_of(last, k_digit)) return std::ranges::count(lefts, '.') < 3 && is(peek(right), k_digit);
        const bool has_dot = lefts.size() > last.size();
        if ((has_dot && is_top_level(ascii_lower(last))) || all_of(rights, k_digit)) return false;
        const auto behind = character_at(m_piece, right + rights.size());
        return (behind == '.' && !has_dot) || behind == 0x3002 || behind == 0xFF0E || behind == 0xFF61 ||
               is_top_level(ascii_lower(rights));
    }

    // The dash stands within "CVE–2024–1234" or "GHSA–jfh8–c2jp–5v3q".
    bool is_in_id(std::size_t right) const {
        return (is_cve_before() && is(peek(right), k_digit)) || is_ghsa_before();
    }
    bool is_ghsa_before() const {
        const auto lefts = left_word(0);
        return istarts_with(lefts, "ghsa") && lefts.size() < 19 && lefts.size() % 5 == 4;
    }
    bool is_cve_before() const {
        const std::string_view text(m_out.m_text);
        const auto tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 8));
        const auto cve = tail.rfind('C');
        return cve != tail.npos && istarts_with(tail.substr(cve), "CVE");
    }

    std::string_view m_piece;
    Refanged& m_out;
    std::size_t m_pos = 0;
};

void Refanged::assign(std::string_view piece, std::size_t base) {
    m_text.clear();
    m_edits.clear();
    m_base = base;
    Refanger(piece, *this).run();
}

std::size_t Refanged::original_start(std::size_t pos) const {
    const auto after = std::ranges::upper_bound(m_edits, pos, {}, &Edit::pos);
    if (after == m_edits.begin()) return m_base + pos;
    const auto& edit = *std::prev(after);
    return m_base + edit.original + (pos - edit.pos);
}

bool Refanged::is_edited(std::size_t start, std::size_t end) const {
    auto after = std::ranges::upper_bound(m_edits, start, {}, &Edit::pos);
    while (after != m_edits.end() && after->pos < end && after->why == Why::blank) ++after;
    return after != m_edits.end() && after->pos < end;
}
}
