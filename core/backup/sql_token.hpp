#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The words of SQL as PostgreSQL's own scanner tells them apart (chapter 4.1 of its manual), with
// standard_conforming_strings on.
namespace cti::backup {

enum class TokenKind {
    blank,        // white space or a comment
    word,         // a key word or a name without quotes
    name,         // "…"
    text,         // '…', also of the kinds N, B and X
    escaped_text, // E'…'
    dollar_text,  // $tag$…$tag$
    number,
    symbol,          // one character of anything else
    backslash,       // outside all quotes: a command of psql
    unicode_escapes, // U&'…' or U&"…": pg_dump never writes them, and they hide names
    nul,             // no text holds one
    incomplete       // more bytes may change where it ends
};

struct Token {
    TokenKind kind = TokenKind::blank;
    std::string_view text; // with its quotes
    bool is_word(std::string_view upper_case) const;
};

// The token at `pos`, which is inside the text. is_all: nothing follows the text; then incomplete means that
// a quote or a comment is not closed.
Token next_token(std::string_view text, std::size_t pos, bool is_all);

// All of it without the blanks. A quote that is not closed is the last token, and incomplete.
std::vector<Token> tokens_of(std::string_view text);

// What stands between the quotes of a dollar_text; of the others with their doubled quotes.
std::string_view inside(const Token& token);
// A word or a name as the server sees it: lower case, or as it stands in its quotes.
std::string name_of(const Token& token);
}
