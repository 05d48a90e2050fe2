#include "core/search/web_query.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::search {
namespace {
using Operator = WebQuery::Term::Operator;

bool is_web_word_byte(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// "[a-z]", "[!x]" at `pos` of the pattern, which moves past it; false where it is never closed: then "[" is
// a character.
bool match_class(std::string_view pattern, std::size_t& pos, char c, bool& fits) {
    auto close = pos + 1;
    if (close < pattern.size() && pattern[close] == '!') ++close;
    if (close < pattern.size() && pattern[close] == ']') ++close;
    while (close < pattern.size() && pattern[close] != ']') ++close;
    if (close >= pattern.size()) return false;
    auto inside = pattern.substr(pos + 1, close - pos - 1);
    const bool negated = inside.starts_with('!');
    if (negated) inside.remove_prefix(1);
    bool found = false;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (i + 2 < inside.size() && inside[i + 1] == '-') {
            found |= c >= inside[i] && c <= inside[i + 2];
            i += 2;
        } else {
            found |= c == inside[i];
        }
    }
    fits = found != negated;
    pos = close + 1;
    return true;
}

// One character of the pattern against one of the word.
bool match_one(std::string_view pattern, std::size_t& pos, char c) {
    if (pattern[pos] == '?') return ++pos, true;
    bool fits = false;
    if (pattern[pos] == '[' && match_class(pattern, pos, c, fits)) return fits;
    return pattern[pos++] == c;
}

// fnmatch on a whole word; linear times the stars' number at worst: only the last star is ever tried again.
bool match_word(std::string_view pattern, std::string_view word) {
    std::size_t p = 0, w = 0, star = pattern.npos, star_word = 0;
    while (w < word.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++, star_word = w;
            continue;
        }
        if (auto next = p; p < pattern.size() && match_one(pattern, next, word[w])) {
            p = next, ++w;
            continue;
        }
        if (star == pattern.npos) return false;
        p = star + 1, w = ++star_word;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool any_word_matches(std::string_view text, std::string_view pattern) {
    for (std::size_t pos = 0; pos < text.size();) {
        auto end = pos;
        while (end < text.size() && is_web_word_byte(text[end])) ++end;
        if (end > pos && match_word(pattern, text.substr(pos, end - pos))) return true;
        pos = end + 1;
    }
    return false;
}

bool is_in(const WebQuery::Term& term, std::string_view text) {
    return term.is_wildcard ? any_word_matches(text, term.text) : text.find(term.text) != text.npos;
}

Operator operator_of(std::string_view word) {
    if (iequals(word, "AND")) return Operator::all;
    if (iequals(word, "OR")) return Operator::any;
    return iequals(word, "NOT") ? Operator::none : Operator::standard;
}

WebQuery::Term make_term(std::string_view text, Operator op) {
    return {ascii_lower(text), op, text.find_first_of("*?[]") != text.npos};
}

// Moves the quoted phrases out of the text.
std::string cut_phrases(std::string_view text, std::vector<WebQuery::Term>& terms) {
    std::string rest;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto open = text.find('"', pos);
        const auto close = open == text.npos ? text.npos : text.find('"', open + 1);
        // An empty pair of quotes is no phrase.
        if (close == text.npos) return rest += text.substr(pos), rest;
        rest += text.substr(pos, open - pos);
        if (const auto phrase = trim(text.substr(open + 1, close - open - 1)); !phrase.empty())
            terms.push_back(make_term(phrase, Operator::standard));
        pos = close + 1;
    }
    return rest;
}
}

WebQuery::WebQuery(std::string_view text) {
    const auto rest = cut_phrases(text, m_terms);
    auto op = Operator::standard;
    std::string word;
    const auto finish = [&] {
        if (word.empty()) return;
        if (const auto found = operator_of(word); found != Operator::standard)
            op = found;
        else
            m_terms.push_back(make_term(word, op));
        word.clear();
    };
    for (const char c : rest + " ") {
        if (is_ascii_space(c) || c == '"' || c == '(' || c == ')')
            finish();
        else
            word += c;
    }
    const auto count = [&](Operator wanted) { return std::ranges::count(m_terms, wanted, &Term::op); };
    if (count(Operator::any) > 0) {
        const auto first = std::ranges::find(m_terms, Operator::standard, &Term::op);
        if (first != m_terms.end()) first->op = Operator::any;
    }
    if (count(Operator::standard) > 1)
        for (auto& term : m_terms)
            if (term.op == Operator::standard) term.op = Operator::any;
}

bool WebQuery::matches(std::string_view title, std::string_view content) const {
    const auto text = ascii_lower(title) + ' ' + ascii_lower(content);
    bool any = false, has_any = false;
    for (const auto& term : m_terms) {
        const bool found = is_in(term, text);
        if (term.op == Operator::none && found) return false;
        if ((term.op == Operator::all || term.op == Operator::standard) && !found) return false;
        if (term.op == Operator::any) has_any = true, any |= found;
    }
    return any || !has_any;
}
}
