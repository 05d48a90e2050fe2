#include "core/backup/token_words.hpp"

#include "core/base/text.hpp"

namespace cti::backup {
using std::string_view;

bool is_symbol(const Token& token, string_view symbol) {
    return token.kind == TokenKind::symbol && token.text == symbol;
}
bool is_name(const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::name; }
bool is_text(const Token& token) {
    return token.kind == TokenKind::text || token.kind == TokenKind::escaped_text ||
           token.kind == TokenKind::dollar_text;
}
bool has_word(const Tokens& tokens, string_view word) {
    return std::ranges::any_of(tokens, [&](const Token& token) { return token.is_word(word); });
}
bool begins_with(const Tokens& tokens, string_view words) {
    std::size_t i = 0;
    for (const auto word : split(words, ' '))
        if (i >= tokens.size() || !tokens[i++].is_word(word)) return false;
    return true;
}
}
