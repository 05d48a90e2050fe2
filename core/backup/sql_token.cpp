#include "core/backup/sql_token.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::backup {
namespace {
using std::size_t;
using std::string_view;

bool begins_word(char c) { return is_ascii_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool goes_on_word(char c) { return begins_word(c) || is_ascii_digit(c) || c == '$'; }

// A part of the text from `begin`, and where one looks in it.
class Scan {
public:
    Scan(string_view text, size_t begin, bool is_all) : m_rest(text.substr(begin)), m_is_all(is_all) {}

    Token token() {
        const char c = m_rest.front();
        if (c == '\0') return make(TokenKind::nul, 1);
        if (is_ascii_space(c)) return run(TokenKind::blank, is_ascii_space);
        if (c == '-' && at(1) == '-') return line_comment();
        if (c == '/' && at(1) == '*') return block_comment();
        if ((c == '-' || c == '/') && needs(2)) return incomplete();
        if (c == '\'') return quoted(TokenKind::text, 0, false);
        if (c == '"') return quoted(TokenKind::name, 0, false);
        if (c == '\\') return make(TokenKind::backslash, 1);
        if (c == '$') return dollar();
        if (is_ascii_digit(c))
            return run(TokenKind::number, [](char d) { return is_ascii_digit(d) || d == '.'; });
        return begins_word(c) ? word() : make(TokenKind::symbol, 1);
    }

private:
    char at(size_t i) const { return i < m_rest.size() ? m_rest[i] : '\n'; }
    bool needs(size_t size) const { return m_rest.size() < size && !m_is_all; }
    Token make(TokenKind kind, size_t size) const { return {kind, m_rest.substr(0, size)}; }
    Token incomplete() const { return make(TokenKind::incomplete, m_rest.size()); }

    template <class Is>
    Token run(TokenKind kind, const Is& is) const {
        const auto end = std::find_if_not(m_rest.begin(), m_rest.end(), is);
        if (end == m_rest.end() && !m_is_all) return incomplete();
        return make(kind, static_cast<size_t>(end - m_rest.begin()));
    }

    Token line_comment() const {
        const auto end = m_rest.find_first_of("\r\n");
        if (end == string_view::npos && !m_is_all) return incomplete();
        return make(TokenKind::blank, std::min(end, m_rest.size()));
    }

    Token block_comment() const { // They nest.
        int depth = 0;
        for (size_t i = 0; i + 1 < m_rest.size(); ++i) {
            const auto two = m_rest.substr(i, 2);
            if (two != "/*" && two != "*/") continue;
            depth += two == "/*" ? 1 : -1;
            ++i;
            if (depth == 0) return make(TokenKind::blank, i + 1);
        }
        return incomplete();
    }

    // prefix: what stands before the quote
    Token quoted(TokenKind kind, size_t prefix, bool has_escapes) const {
        const char quote = at(prefix);
        for (size_t i = prefix + 1; i < m_rest.size(); ++i) {
            if (has_escapes && m_rest[i] == '\\') {
                ++i;
            } else if (m_rest[i] == quote) {
                if (i + 1 == m_rest.size() && !m_is_all) return incomplete();
                if (at(i + 1) != quote) return make(kind, i + 1);
                ++i;
            }
        }
        return incomplete();
    }

    Token dollar() const {
        size_t end = 1;
        if (end < m_rest.size() && begins_word(m_rest[end]))
            while (end < m_rest.size() && goes_on_word(m_rest[end]) && m_rest[end] != '$') ++end;
        if (needs(end + 1)) return incomplete();
        if (at(end) != '$') return make(TokenKind::symbol, 1); // $1
        const auto tag = m_rest.substr(0, end + 1);
        const auto close = m_rest.find(tag, end + 1);
        if (close == string_view::npos) return incomplete();
        return make(TokenKind::dollar_text, close + tag.size());
    }

    Token word() const {
        const auto token = run(TokenKind::word, goes_on_word);
        if (token.kind == TokenKind::incomplete) return token;
        const auto size = token.text.size();
        const char first = ascii_lower(m_rest.front()), after = at(size);
        if (size != 1) return token;
        if (after == '\'' && first == 'e') return quoted(TokenKind::escaped_text, 1, true);
        if (after == '\'' && (first == 'n' || first == 'b' || first == 'x'))
            return quoted(TokenKind::text, 1, false);
        if (first == 'u' && after == '&') {
            if (needs(3)) return incomplete();
            if (at(2) == '\'' || at(2) == '"') return make(TokenKind::unicode_escapes, 3);
        }
        return token;
    }

    string_view m_rest;
    bool m_is_all;
};
}

bool Token::is_word(string_view upper_case) const {
    return kind == TokenKind::word && iequals(text, upper_case);
}

Token next_token(string_view text, size_t pos, bool is_all) { return Scan(text, pos, is_all).token(); }

std::vector<Token> tokens_of(string_view text) {
    std::vector<Token> tokens;
    for (size_t pos = 0; pos < text.size();) {
        const auto token = next_token(text, pos, true);
        pos += token.text.size();
        if (token.kind != TokenKind::blank) tokens.push_back(token);
    }
    return tokens;
}

string_view inside(const Token& token) {
    auto text = token.text;
    if (token.kind == TokenKind::dollar_text) {
        const auto tag = text.find('$', 1) + 1;
        return text.substr(tag, text.size() - 2 * tag);
    }
    const auto open = text.find_first_of("'\"");
    return open == string_view::npos ? text : text.substr(open + 1, text.size() - open - 2);
}

std::string name_of(const Token& token) {
    return token.kind == TokenKind::name ? std::string(inside(token)) : ascii_lower(token.text);
}
}
