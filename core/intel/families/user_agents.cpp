#include "core/intel/families/keywords.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

// User agents: RFC 9110 has products ("name/1.0") and comments in brackets, one blank apart; browsers say a
// few words more. What is neither is the sentence that goes on after.
namespace cti::intel {
namespace {
constexpr std::size_t k_max_agent_bytes = 400, k_min_agent_bytes = 4;

bool is_word_of_agents(std::string_view word) {
    return is_any_of(
        ascii_lower(word),
        "like gecko mobile safari firefox chrome chromium khtml version opera netscape navigator konqueror presto "
        "trident webkit applewebkit msie tablet compatible rv ");
}

// Behind the bracket that closes the one at `pos`, or 0.
std::size_t skip_brackets(std::string_view text, std::size_t pos, std::size_t limit) {
    const char open = text[pos], close = open == '(' ? ')' : ']';
    int depth = 0;
    for (; pos < limit; ++pos) {
        depth += text[pos] == open ? 1 : text[pos] == close ? -1 : 0;
        if (depth == 0) return pos + 1;
    }
    return 0;
}

// Behind the part that begins at `pos`, or 0 where a sentence goes on.
std::size_t skip_part(std::string_view text, std::size_t pos, std::size_t limit) {
    const char c = at(text, pos);
    if (c == '(' || (c == '[' && skip_footnote(text, pos) == 0)) return skip_brackets(text, pos, limit);
    const auto name = std::min(skip(text, pos, (k_word & ~k_high) | k_local), limit);
    if (name == pos || text.substr(pos, 8) == "Mozilla/") return 0;
    if (at(text, name) == '/' && is(at(text, name + 1), k_alnum))
        return std::min(skip(text, name + 1, (k_word & ~k_high) | k_local), limit);
    const auto word = text.substr(pos, name - pos);
    const bool is_version = is(c, k_digit) && all_of(word, k_digit | k_dot);
    return is_version || is_word_of_agents(word) ? name : 0;
}

// The products and comments from `pos` on.
std::size_t skip_parts(std::string_view text, std::size_t pos, std::size_t limit) {
    while (at(text, pos) == ' ') {
        const auto next = skip_part(text, skip(text, pos, k_space, 2), limit);
        if (next == 0) break;
        pos = next;
    }
    return pos;
}

// Up to what no agent holds: a quote, markup, the next column of a table.
std::size_t skip_to_mark(std::string_view text, std::size_t pos, std::size_t limit) {
    while (pos < limit && std::string_view("\"`<|\t").find(text[pos]) == std::string_view::npos &&
           !is_end_at(text, pos))
        ++pos;
    return pos;
}

// Words that a sentence goes on with and no agent holds.
bool is_word_of_sentence(std::string_view word) {
    return is_any_of(
        word,
        "and or was is are were to with when which that used uses from by on in for as it the then contacted contacts connected "
        "connects sends sent visits downloads downloaded requests ");
}

// Where the sentence goes on that the agent stands in: ", IP:", ". It then", " was used", " [1]"; or `limit`.
std::size_t find_prose(std::string_view text, std::size_t start, std::size_t limit) {
    auto pos = start;
    for (int depth = 0; pos < limit; ++pos) {
        depth += text[pos] == '(' ? 1 : text[pos] == ')' ? -1 : 0;
        if (text[pos] != ' ' || pos == start || depth > 0) continue;
        const auto word = text.substr(pos + 1, skip(text, pos + 1, k_letter, 24) - pos - 1);
        const char mark = before(text, pos);
        const bool is_sentence = (mark == '.' || mark == ',') && !word.empty();
        if (is_sentence || skip_footnote(text, pos + 1) > 0 || is_word_of_sentence(word)) return pos;
    }
    return limit;
}

std::size_t trim_agent(std::string_view text, std::size_t start, std::size_t end) {
    for (;;) {
        end = trim_end(text, start, end, " .,;*");
        const auto agent = text.substr(start, end - start);
        const char last = end > start ? agent.back() : '\0', open = last == ')' ? '(' : '[';
        if ((last != ')' && last != ']') ||
            std::ranges::count(agent, open) >= std::ranges::count(agent, last))
            return end;
        --end;
    }
}

std::size_t add_agent(Scan& scan, std::size_t start, std::size_t end, Reading reading) {
    end = trim_agent(scan.text, start, end);
    if (end < start + k_min_agent_bytes || !is(scan.text[start], k_alnum)) return 0;
    scan.add(Type::user_agent, start, end, std::string(scan.text.substr(start, end - start)), Verdict::none,
             reading);
    return end;
}

// Where the quote before `start` is closed, or npos.
std::size_t find_quoted_end(std::string_view text, std::size_t start) {
    const auto kind = opening_kind(text, start);
    return kind == 0 ? text.npos : find_closing(text, start, line_end(text, start, k_max_agent_bytes), kind);
}

// The label begins a line or a cell: a header that was copied, whose value takes the rest.
bool is_header(std::string_view text, std::size_t label) {
    auto pos = label;
    while (pos > 0 && label - pos < 4 &&
           std::string_view(" -*\"`'").find(text[pos - 1]) != std::string_view::npos)
        --pos;
    const char left = before(text, pos);
    return left == '\0' || left == '\n' || left == '|' || left == '>' || left == '\t';
}
}

std::size_t scan_mozilla(Scan& scan, const Run& run) {
    const auto text = scan.text;
    if (at(text, run.end) != '/' || !is(at(text, run.end + 1), k_digit)) return 0;
    const auto limit = line_end(text, run.end, k_max_agent_bytes);
    if (const auto close = find_quoted_end(text, run.start); close != text.npos)
        return add_agent(scan, run.start, close, Reading::plain);
    const auto version = skip(text, run.end + 1, k_alnum | k_dot);
    const auto end = skip_parts(text, version, limit);
    const auto rest = skip(text, end, k_space, 2);
    const bool is_cut = end == version && (at(text, rest) == '(' || at(text, rest) == '[');
    if (!is_cut) return add_agent(scan, run.start, end, Reading::plain);
    // A comment that nobody closes: how far it goes is a guess, so what is in it is looked through too.
    add_agent(scan, run.start, skip_to_mark(text, end, limit), Reading::plain);
    return version;
}

namespace {
// "User-Agent header set to “…”": behind up to four such words where a quote follows them, or `pos`.
std::size_t skip_to_quote(std::string_view text, std::size_t pos) {
    auto quote = pos;
    for (int words = 0; words < 5; ++words) {
        if (quote_kind(character_at(text, quote)) != 0) return quote;
        const auto end = skip(text, quote, k_letter, 12);
        if (!is_any_of(ascii_lower(text.substr(quote, end - quote)),
                       "string header value field of set to is was the a named "))
            return pos;
        quote = skip(text, end, k_space, 2);
    }
    return pos;
}
}

std::size_t scan_user_agent(Scan& scan, const Run& run) {
    const auto text = scan.text;
    auto pos = skip_to_quote(text, skip(text, run.end, k_space, 2));
    const bool is_wide = character_at(text, pos) == 0xFF1A;
    const bool has_mark = at(text, pos) == ':' || at(text, pos) == '=' || is_wide;
    if (has_mark) pos = skip(text, pos + (is_wide ? 3 : 1), k_space, 3);
    auto start = pos;
    if (quote_kind(character_at(text, pos)) != 0) {
        next_code_point(text, start);
        start = skip(text, start, k_space, 1); // of French quotes
    }
    if ((!has_mark && start == pos) || istarts_with(text.substr(std::min(start, text.size())), "Mozilla/"))
        return 0;
    if (const auto close = start > pos ? find_quoted_end(text, start) : text.npos; close != text.npos)
        return add_agent(scan, start, close, Reading::labelled);
    if (!has_mark || start >= text.size()) return 0;
    const auto limit = line_end(text, start, k_max_agent_bytes);
    if (!is_header(text, run.start)) {
        const auto first = skip(text, start, (k_word & ~k_high) | k_local | k_base64);
        return add_agent(scan, start, skip_parts(text, first, limit), Reading::labelled);
    }
    const auto floor = scan.floor;
    add_agent(scan, start, find_prose(text, start, skip_to_mark(text, start, limit)), Reading::labelled);
    scan.floor = floor; // What stands in it is looked through too.
    return start;
}

// "user agent: …"
std::size_t scan_agent_word(Scan& scan, const Run& run) {
    constexpr std::size_t before_it = 5; // "user "
    const auto ahead = scan.text.substr(0, run.start);
    return ahead.size() >= before_it && iequals(ahead.substr(ahead.size() - before_it), "user ") &&
                   !is_word_before(scan.text, run.start - before_it)
               ? scan_user_agent(scan, {run.start - before_it, run.end, run.seen, run.dots})
               : 0;
}
}
