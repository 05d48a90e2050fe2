#include "core/search/query.hpp"

#include "core/base/text.hpp"
#include "core/search/fields.hpp"
#include "core/search/separators.hpp"
#include "core/search/words.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace cti::search {
namespace {
constexpr std::size_t k_max_query_bytes = 4096, k_max_terms = 200;
constexpr int k_max_depth = 50;

constexpr std::pair<std::string_view, Comparison> k_comparisons[] = {{">=", Comparison::greater_or_equal},
                                                                     {"<=", Comparison::less_or_equal},
                                                                     {">", Comparison::greater},
                                                                     {"<", Comparison::less},
                                                                     {"=", Comparison::equal},
                                                                     {":", Comparison::equal}};

// The bytes of the separator at `pos`, 0 where a word goes on.
std::size_t separator_size(std::string_view text, std::size_t pos) {
    const char c = text[pos];
    if (static_cast<unsigned char>(c) < 0x80) return is_ascii_alpha(c) || is_ascii_digit(c) ? 0 : 1;
    auto next = pos;
    return is_separator(next_code_point(text, next)) ? next - pos : 0;
}

class Parser {
public:
    Parser(std::string_view text, const Language& language) : m_text(text), m_language(language) {}

    Query parse() {
        if (m_text.size() > k_max_query_bytes)
            fail(0, fmt::format("it has more than {} bytes", k_max_query_bytes));
        if (!is_valid_utf8(m_text)) fail(0, "it is not valid UTF-8");
        skip_blanks();
        if (m_pos == m_text.size()) fail(m_pos, "it is empty");
        m_query.root = parse_any(0);
        if (m_pos < m_text.size()) fail(m_pos, "')' without '('");
        return std::move(m_query);
    }

private:
    [[noreturn]] void fail(std::size_t pos, std::string message) const {
        throw SyntaxError{count_code_points(m_text.substr(0, pos)) + 1, std::move(message)};
    }

    char peek() const { return m_pos < m_text.size() ? m_text[m_pos] : '\0'; }
    void skip_blanks() {
        while (m_pos < m_text.size() && (is_ascii_space(m_text[m_pos]) || skip_lone_mark())) ++m_pos;
    }
    // "foo - bar", "foo & bar": a mark that stands alone after a word says nothing. Leaves the position at
    // its last byte.
    bool skip_lone_mark() {
        if (m_terms == 0 || !is_ascii_space(m_text[m_pos - 1])) return false;
        auto end = m_pos;
        while (end < m_text.size() && !is_ascii_space(m_text[end])) {
            const auto size = separator_size(m_text, end);
            if (size == 0 || std::string_view("()\"*?").find(m_text[end]) != std::string_view::npos)
                return false;
            end += size;
        }
        if (trim(m_text.substr(end)).empty())
            return false; // It may be what is looked for: nothing else is there.
        m_pos = end - 1;
        return true;
    }
    // AND, OR and NOT are operators in capitals, and where they stand alone.
    bool is_next(std::string_view word) const {
        if (!m_text.substr(m_pos).starts_with(word)) return false;
        const auto end = m_pos + word.size();
        return end == m_text.size() || is_ascii_space(m_text[end]) || m_text[end] == '(' ||
               m_text[end] == ')' || m_text[end] == '"';
    }
    bool consume(std::string_view word) {
        if (!is_next(word)) return false;
        m_pos += word.size();
        skip_blanks();
        return true;
    }

    static Node join(Node::Kind kind, std::vector<Node> children) {
        if (children.size() == 1) return std::move(children[0]);
        return {kind, std::move(children), {}};
    }

    Node parse_any(int depth) {
        if (depth > k_max_depth) fail(m_pos, "its parentheses are nested too deeply");
        std::vector<Node> children;
        do children.push_back(parse_all(depth));
        while (consume("OR"));
        return join(Node::Kind::any, std::move(children));
    }

    Node parse_all(int depth) {
        std::vector<Node> children;
        do children.push_back(parse_not(depth));
        while (consume("AND") || (m_pos < m_text.size() && peek() != ')' && !is_next("OR")));
        return join(Node::Kind::all, std::move(children));
    }

    Node parse_not(int depth) {
        if (depth > k_max_depth) fail(m_pos, "it is nested too deeply");
        const bool is_dash = peek() == '-' && m_pos + 1 < m_text.size() && !is_ascii_space(m_text[m_pos + 1]);
        if (is_dash) ++m_pos;
        if (!is_dash && !consume("NOT")) return parse_one(depth);
        std::vector<Node> child;
        m_is_shown = !m_is_shown;
        child.push_back(parse_not(depth + 1));
        m_is_shown = !m_is_shown;
        return {Node::Kind::none, std::move(child), {}};
    }

    Node parse_one(int depth) {
        if (m_pos == m_text.size()) fail(m_pos, "something to look for is missing at the end");
        if (peek() == ')') fail(m_pos, "something to look for is missing before ')'");
        if (is_next("AND") || is_next("OR"))
            fail(m_pos, "something to look for is missing before the operator");
        if (peek() == '(') {
            const auto open = m_pos++;
            skip_blanks();
            auto inside = parse_any(depth + 1);
            if (peek() != ')') fail(open, "'(' is never closed");
            ++m_pos;
            skip_blanks();
            return inside;
        }
        if (++m_terms > k_max_terms) fail(m_pos, fmt::format("it has more than {} terms", k_max_terms));
        return {Node::Kind::term, {}, parse_term()};
    }

    // A quoted phrase, or what stands up to a blank, a parenthesis or a quote.
    std::string read_value() {
        std::string value;
        if (peek() == '"') {
            const auto open = m_pos;
            const auto close = m_text.find('"', m_pos + 1);
            if (close == m_text.npos) fail(open, "the quote is never closed");
            value = m_text.substr(open + 1, close - open - 1);
            m_pos = close + 1;
            m_is_phrase = true;
        } else {
            const auto start = m_pos;
            while (m_pos < m_text.size() && !is_ascii_space(peek()) && peek() != '"') {
                const bool is_defanged_dot =
                    m_pos > start && m_text.substr(m_pos, 3) == "(.)"; // "evil(.)com"
                if (!is_defanged_dot && (peek() == '(' || peek() == ')')) break;
                m_pos += is_defanged_dot ? 3 : 1;
            }
            value = m_text.substr(start, m_pos - start);
            m_is_phrase = false;
        }
        skip_blanks();
        return value;
    }

    // Reports write the scheme of an address in many ways: "hxxps://evil[.]com/a" means "https://evil.com/a"
    // too.
    static std::string_view without_scheme(std::string_view value) {
        const auto mark = value.find("://");
        const bool is_scheme = mark != value.npos && mark > 0 && mark + 3 < value.size() &&
                               std::ranges::all_of(value.substr(0, mark), is_ascii_alpha);
        return is_scheme ? value.substr(mark + 3) : value;
    }

    Term parse_term() {
        const auto start = m_pos;
        if (const auto name = read_field_name(); !name.empty()) {
            if (auto term = parse_field(ascii_lower(name))) return *term;
            refuse_unknown_field(name, start);
            m_pos = start; // "http://a" is words.
        }
        refuse_lone_comparison(start);
        const auto value = read_value();
        return words_of(m_is_phrase ? std::string_view(value) : without_scheme(value), false, start);
    }

    // What was meant as a field and is none would find nothing, in silence.
    void refuse_unknown_field(std::string_view name, std::size_t start) const {
        if (m_text[start + name.size()] != ':') return;
        if (auto why = explain_unknown_field(name, m_text.substr(start + name.size() + 1)); !why.empty())
            fail(start, std::move(why));
    }
    // "score > 60" would be two words.
    void refuse_lone_comparison(std::size_t start) const {
        constexpr std::string_view name = "score";
        if (!iequals(m_text.substr(start, name.size()), name)) return;
        auto at = start + name.size();
        if (at == m_text.size() || !is_ascii_space(m_text[at])) return;
        while (at < m_text.size() && is_ascii_space(m_text[at])) ++at;
        if (at < m_text.size() && std::string_view("<>=:").find(m_text[at]) != std::string_view::npos)
            fail(at, "write a comparison without blanks: score>60");
    }

    // "name" of "name:" and of "name>=".
    std::string_view read_field_name() {
        auto end = m_pos;
        while (end < m_text.size() &&
               (is_ascii_alpha(m_text[end]) || is_ascii_digit(m_text[end]) || m_text[end] == '_'))
            ++end;
        const bool is_field = end > m_pos && end < m_text.size() &&
                              std::string_view(":<>=").find(m_text[end]) != std::string_view::npos;
        if (!is_field) return {};
        const auto name = m_text.substr(m_pos, end - m_pos);
        m_pos = end;
        return name;
    }

    std::optional<Term> parse_field(const std::string& name) {
        if (name == "score") return parse_score();
        if (peek() != ':') return std::nullopt;
        ++m_pos;
        const auto value_start = m_pos;
        const auto value_of_field = [&] {
            if (m_pos == m_text.size() || is_ascii_space(peek()) || peek() == ')')
                fail(value_start, fmt::format("nothing stands behind '{}:'", name));
            return read_value();
        };
        Term term;
        if (name == "title") {
            const auto value = value_of_field();
            return words_of(value, true, value_start);
        }
        if (name == "source" || name == "tag") {
            term.kind = name == "tag" ? Term::Kind::tag : Term::Kind::source;
            term.value = value_of_field();
            return term;
        }
        if (name == "analysis" || name == "sector" || name == "country" || name == "platform") {
            term.kind = Term::Kind::analysis;
            term.analysis_kind = name == "analysis" ? std::string() : name;
            term.value = ascii_lower(value_of_field());
            return term;
        }
        if (name == "after" || name == "before" || name == "since" || name == "until") {
            term.kind = name == "after" || name == "since" ? Term::Kind::after : Term::Kind::before;
            const auto value = value_of_field();
            const auto time = parse_time_argument(value, m_language.now);
            if (!time)
                fail(value_start,
                     fmt::format("'{}' is no time; write 7d, 12h or 2026-11-01", printable(value)));
            term.time = *time;
            return term;
        }
        term.kind = Term::Kind::indicator;
        auto types = types_of_field(name);
        if (!types) return std::nullopt;
        term.types = std::move(*types);
        auto value = value_of_field();
        if (m_language.as_stored != nullptr) value = m_language.as_stored(value, term.types);
        term.value = complete_value(std::move(value), term.types);
        return term;
    }

    Term parse_score() {
        Term term;
        term.kind = Term::Kind::score;
        const auto start = m_pos;
        for (const auto& [sign, comparison] : k_comparisons) {
            if (!m_text.substr(m_pos).starts_with(sign)) continue;
            term.comparison = comparison;
            m_pos += sign.size();
            break;
        }
        const auto value = read_value();
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), term.number);
        if (error != std::errc() || end != value.data() + value.size() || value.empty())
            fail(start, fmt::format("'score' is compared with a number, not with '{}'", printable(value)));
        return term;
    }

    Term words_of(std::string_view value, bool in_title, std::size_t start) {
        Term term;
        term.in_title = in_title;
        term.is_prefix = !m_is_phrase && value.size() > 1 && value.back() == '*' &&
                         !has_wildcard(value.substr(0, value.size() - 1)) &&
                         separator_size(value, value.size() - 2) == 0;
        if (!m_is_phrase && has_wildcard(value) && !term.is_prefix) {
            if (in_title) fail(start, "titles are looked through for whole words and beginnings only");
            return pattern_of(value, start);
        }
        term.words = split_words(value);
        if (term.words.empty()) fail(start, fmt::format("'{}' holds no word", printable(value)));
        check_lengths(term.words, start);
        if (m_is_shown) m_query.shown.push_back(term.words);
        return term;
    }

    void check_lengths(const std::vector<std::string>& words, std::size_t start) const {
        for (const auto& word : words)
            if (word.size() > k_max_term_bytes)
                fail(start, fmt::format("a word is longer than {} bytes", k_max_term_bytes));
    }

    // Whole words in it are what an index can look up first.
    Term pattern_of(std::string_view value, std::size_t start) {
        Term term;
        term.kind = Term::Kind::pattern;
        if (value.find_first_not_of("*?") == value.npos) fail(start, "a wildcard alone finds everything");
        term.value = value;
        for (std::size_t from = 0, pos = 0; pos <= value.size(); ++pos) {
            const bool is_end =
                pos == value.size() || (!is_wildcard(value[pos]) && separator_size(value, pos) == 1);
            if (!is_end) continue;
            // Beside a wildcard a word may be a part of a longer one.
            if (const auto word = value.substr(from, pos - from); !word.empty() && !has_wildcard(word))
                std::ranges::move(split_words(word), std::back_inserter(term.words));
            from = pos + 1;
        }
        check_lengths(term.words, start);
        if (m_is_shown && !term.words.empty()) m_query.shown.push_back({term.words.front()});
        return term;
    }

    std::string_view m_text;
    const Language& m_language;
    Query m_query;
    std::size_t m_pos = 0, m_terms = 0;
    bool m_is_phrase = false, m_is_shown = true;
};
}

bool has_wildcard(std::string_view text) { return std::ranges::any_of(text, is_wildcard); }

Query parse_query(std::string_view text, const Language& language) { return Parser(text, language).parse(); }

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    const auto folded = fold_words(text);
    for (const auto word : split(folded, ' '))
        if (!word.empty()) words.emplace_back(word);
    return words;
}
}
