#include "core/store/read/search_syntax.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Node;
using search::Term;

// A word has nothing but letters and digits and what is not ASCII, so that it needs no escape in its quotes.
// "A" is the weight that titles have in the index.
std::string lexeme(std::string_view word, bool is_prefix, bool in_title) {
    if (!is_prefix && !in_title) return fmt::format("'{}'", word);
    return fmt::format("'{}':{}{}", word, is_prefix ? "*" : "", in_title ? "A" : "");
}
}

std::string tsquery_of(const Term& term) {
    const bool is_phrase = term.kind == Term::Kind::words;
    std::vector<std::string> parts;
    for (const auto& word : term.words) {
        const bool is_last = &word == &term.words.back();
        auto part = lexeme(word, term.is_prefix && is_last, term.in_title);
        parts.push_back(is_phrase ? std::move(part) : fmt::format("({})", part));
    }
    return is_phrase ? fmt::format("({})", join(parts, " <-> ")) : join(parts, " & ");
}

std::string tsquery_of(const Node& node) {
    if (node.kind == Node::Kind::term) return tsquery_of(node.term);
    if (node.kind == Node::Kind::none) return fmt::format("!{}", tsquery_of(node.children[0]));
    std::vector<std::string> parts;
    for (const auto& child : node.children) parts.push_back(tsquery_of(child));
    return fmt::format("({})", join(parts, node.kind == Node::Kind::all ? " & " : " | "));
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
