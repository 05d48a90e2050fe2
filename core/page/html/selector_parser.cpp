#include "core/base/text.hpp"
#include "core/page/html/selector.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti::page {
namespace {
using SelectorKind = SimpleSelector::Kind;
using Combinator = CompoundSelector::Combinator;

constexpr std::size_t k_max_text = 2000;
constexpr std::size_t k_max_parts = 200; // simple selectors in all

// Thrown and caught in this file only.
struct Invalid {
    std::string why;
};

bool is_name_char(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    std::vector<std::vector<CompoundSelector>> list() {
        std::vector<std::vector<CompoundSelector>> alternatives;
        do {
            skip_blanks();
            alternatives.push_back(chain());
        } while (consume(','));
        if (!at_end()) throw Invalid{fmt::format("'{}' is not understood", m_text.substr(m_pos, 20))};
        return alternatives;
    }
    const std::string& attribute() const { return m_attribute; }

private:
    bool at_end() const { return m_pos >= m_text.size(); }
    char peek() const { return at_end() ? '\0' : m_text[m_pos]; }
    bool consume(char c) {
        if (peek() != c || at_end()) return false;
        ++m_pos;
        return true;
    }
    bool consume(std::string_view word) {
        if (!m_text.substr(m_pos).starts_with(word)) return false;
        m_pos += word.size();
        return true;
    }
    void expect(char c) {
        if (!consume(c)) throw Invalid{fmt::format("'{}' is missing", c)};
    }
    bool skip_blanks() {
        const auto start = m_pos;
        while (!at_end() && is_ascii_space(peek())) ++m_pos;
        return m_pos > start;
    }

    std::string name() {
        std::string out;
        while (!at_end() && (is_name_char(peek()) || peek() == '\\')) {
            if (consume('\\')) {
                if (at_end()) throw Invalid{"it ends in a backslash"};
                // "\:" is the colon itself; "\31 23" is by its code.
                if (is_hex(peek())) {
                    out += escaped_code();
                    continue;
                }
            }
            out += m_text[m_pos++];
        }
        if (out.empty())
            throw Invalid{at_end() ? "it ends where a name should stand"
                                   : fmt::format("a name is missing before '{}'", m_text.substr(m_pos, 20))};
        return out;
    }
    static bool is_hex(char c) {
        return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
    std::string escaped_code() {
        char32_t code = 0;
        for (int i = 0; i < 6 && is_hex(peek()); ++i) {
            const char c = ascii_lower(m_text[m_pos++]);
            code = code * 16 + static_cast<char32_t>(is_ascii_digit(c) ? c - '0' : c - 'a' + 10);
        }
        consume(' ');
        std::string out;
        append_utf8(out, code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)
                             ? k_replacement_character
                             : code);
        return out;
    }

    std::vector<CompoundSelector> chain() {
        std::vector<CompoundSelector> out;
        auto combinator = Combinator::none;
        for (;;) {
            out.push_back(compound());
            out.back().combinator = combinator;
            const bool had_blanks = skip_blanks();
            if (at_end() || peek() == ',' || peek() == ')') return out;
            if (!m_attribute.empty() || m_wants_text)
                throw Invalid{"something stands behind the pseudo-element"};
            combinator = consume('>')   ? Combinator::child
                         : consume('+') ? Combinator::next
                         : consume('~') ? Combinator::later
                                        : Combinator::descendant;
            if (combinator == Combinator::descendant && !had_blanks)
                throw Invalid{fmt::format("'{}' is not understood", m_text.substr(m_pos, 20))};
            skip_blanks();
        }
    }

    CompoundSelector compound() {
        CompoundSelector out;
        bool any = false;
        for (;; any = true) {
            if (++m_parts > k_max_parts) throw Invalid{"it is too long"};
            const char c = peek();
            if (c == '*') {
                ++m_pos;
            } else if (c == '#') {
                ++m_pos;
                out.simples.push_back(with(SelectorKind::id, name()));
            } else if (c == '.') {
                ++m_pos;
                out.simples.push_back(with(SelectorKind::class_name, name()));
            } else if (c == '[') {
                out.simples.push_back(attribute_test());
            } else if (c == ':') {
                if (!pseudo(out)) return out;
            } else if (!any && (is_name_char(c) || c == '\\') && !at_end()) {
                out.simples.push_back(with(SelectorKind::element, ascii_lower(name())));
            } else {
                break;
            }
        }
        if (!any)
            throw Invalid{at_end() ? "it ends where an element should stand"
                                   : fmt::format("'{}' is not understood", m_text.substr(m_pos, 20))};
        return out;
    }

    static SimpleSelector with(SelectorKind kind, std::string value) {
        SimpleSelector out;
        out.kind = kind;
        out.name = std::move(value);
        return out;
    }

    std::string quoted_or_name() {
        const char quote = peek();
        if (quote != '"' && quote != '\'') return name();
        ++m_pos;
        std::string out;
        while (!at_end() && peek() != quote) {
            if (peek() == '\\' && m_pos + 1 < m_text.size()) ++m_pos;
            out += m_text[m_pos++];
        }
        expect(quote);
        return out;
    }

    SimpleSelector attribute_test() {
        expect('[');
        skip_blanks();
        auto out = with(SelectorKind::attribute, ascii_lower(name()));
        skip_blanks();
        if (consume(']')) return out;
        constexpr std::string_view k_before_equals = "~|^$*!";
        out.comparison = '=';
        if (k_before_equals.find(peek()) != std::string_view::npos) out.comparison = m_text[m_pos++];
        expect('=');
        skip_blanks();
        out.value = quoted_or_name();
        skip_blanks();
        if (consume('i') || consume('I'))
            out.ignores_case = true;
        else if (!consume('s'))
            consume('S');
        skip_blanks();
        expect(']');
        return out;
    }

    // False after a pseudo-element, which ends the selector.
    bool pseudo(CompoundSelector& out) {
        expect(':');
        if (consume(':')) {
            const auto word = ascii_lower(name());
            if (word == "text") {
                m_wants_text = true;
            } else if (word == "attr") {
                expect('(');
                skip_blanks();
                auto wanted = ascii_lower(name());
                if (!m_attribute.empty() && m_attribute != wanted)
                    throw Invalid{"it asks for two attributes"};
                m_attribute = std::move(wanted);
                skip_blanks();
                expect(')');
            } else {
                throw Invalid{fmt::format("'::{}' is not supported", word)};
            }
            return false;
        }
        const auto word = ascii_lower(name());
        if (word == "not" || word == "is" || word == "where" || word == "matches") {
            out.simples.push_back(
                inner_list(word == "not" ? SelectorKind::negation : SelectorKind::alternatives));
        } else {
            out.simples.push_back(structural(word));
        }
        return true;
    }

    SimpleSelector inner_list(SelectorKind kind) {
        if (m_depth++ > 3) throw Invalid{"it is nested too deep"};
        SimpleSelector out;
        out.kind = kind;
        expect('(');
        do {
            skip_blanks();
            out.inner.push_back(compound());
            skip_blanks();
        } while (consume(','));
        expect(')');
        --m_depth;
        return out;
    }

    SimpleSelector structural(const std::string& word) {
        static const std::pair<std::string_view, std::pair<SelectorKind, int>> k_fixed[] = {
            {"first-child", {SelectorKind::nth_child, 1}},
            {"last-child", {SelectorKind::nth_last_child, 1}},
            {"first-of-type", {SelectorKind::nth_of_type, 1}},
            {"last-of-type", {SelectorKind::nth_last_of_type, 1}},
            {"only-child", {SelectorKind::only_child, 0}},
            {"only-of-type", {SelectorKind::only_of_type, 0}},
            {"empty", {SelectorKind::empty, 0}},
            {"root", {SelectorKind::root, 0}}};
        static const std::pair<std::string_view, SelectorKind> k_counted[] = {
            {"nth-child", SelectorKind::nth_child},
            {"nth-of-type", SelectorKind::nth_of_type},
            {"nth-last-child", SelectorKind::nth_last_child},
            {"nth-last-of-type", SelectorKind::nth_last_of_type}};
        SimpleSelector out;
        for (const auto& [name, what] : k_fixed) {
            if (word != name) continue;
            out.kind = what.first;
            out.offset = what.second;
            return out;
        }
        for (const auto& [name, kind] : k_counted) {
            if (word != name) continue;
            out.kind = kind;
            expect('(');
            an_plus_b(out);
            expect(')');
            return out;
        }
        throw Invalid{fmt::format("':{}' is not supported", word)};
    }

    int number() {
        int value = 0, digits = 0;
        for (; is_ascii_digit(peek()); ++m_pos, ++digits) {
            if (digits > 5) throw Invalid{"a number is too large"};
            value = value * 10 + (peek() - '0');
        }
        if (digits == 0) throw Invalid{"a number is missing"};
        return value;
    }

    void an_plus_b(SimpleSelector& out) {
        skip_blanks();
        if (consume("odd")) {
            out.step = 2;
            out.offset = 1;
        } else if (consume("even")) {
            out.step = 2;
        } else {
            const int sign = consume('-') ? -1 : (consume('+'), 1);
            const int value = is_ascii_digit(peek()) ? number() : 1;
            if (consume('n') || consume('N')) {
                out.step = sign * value;
                skip_blanks();
                if (peek() == '+' || peek() == '-') {
                    const int direction = m_text[m_pos++] == '-' ? -1 : 1;
                    skip_blanks();
                    out.offset = direction * number();
                }
            } else {
                out.offset = sign * value;
            }
        }
        skip_blanks();
    }

    std::string_view m_text;
    std::size_t m_pos = 0, m_parts = 0;
    int m_depth = 0;
    std::string m_attribute;
    bool m_wants_text = false;
};
}

std::optional<Selector> Selector::parse(std::string_view text, std::string& error) {
    error.clear();
    if (text.size() > k_max_text) {
        error = "it is too long";
        return std::nullopt;
    }
    try {
        Parser parser(trim(text));
        Selector out;
        out.m_alternatives = parser.list();
        out.m_attribute = parser.attribute();
        return out;
    } catch (const Invalid& invalid) {
        error = invalid.why;
        return std::nullopt;
    }
}
}
