#include "core/intel/families/keywords.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

// Names that nothing but a label tells: of mutexes, services, scheduled tasks and pipes.
namespace cti::intel {
namespace {
constexpr std::size_t k_max_value_bytes = 200;
constexpr int k_max_listed = 50; // names of one list

struct Span {
    std::size_t start = 0, end = 0;
    bool is_quoted = false;
};

// Behind a colon or an equals sign at `pos`, of either width; `pos` where there is none.
std::size_t skip_mark(std::string_view text, std::size_t pos) {
    const char32_t c = character_at(text, pos);
    if (c == ':' || c == '=') return pos + 1;
    return c == 0xFF1A || c == 0xFF1D ? pos + 3 : pos;
}

std::size_t unquoted_end(std::string_view text, std::size_t start) {
    auto end = start;
    while (end < text.size() && end - start < k_max_value_bytes) {
        const char c = text[end];
        if (is(c, k_high)) {
            if (!is_word_at(text, end)) break;
            next_code_point(text, end);
        } else if (c <= ' ' || text.substr(end, 3) == "..." ||
                   std::string_view(",;|<>\"`").find(c) != std::string_view::npos) {
            break;
        } else {
            ++end;
        }
    }
    return trim_end(text, start, end, ".)]*':!?");
}

struct NameWord {
    std::string_view word;
    bool needs_mark; // or quotes
};
constexpr NameWord k_name_words[] = {
    {"names", true},     {"named", false},         {"name", true},     {"called", false},
    {"namens", false},   {"mit dem Namen", false}, {"llamado", false}, {"denominado", false},
    {"chamado", false},  {"chiamato", false},      {"nommé", false},   {"appelé", false},
    {"с именем", false}, {"с названием", false},
};

// What a label names: after "name", "named" or the like, a colon or an equals sign, in quotes or up to a
// blank.
Span read_labelled(std::string_view text, std::size_t pos) {
    bool is_named = false;
    pos = skip(text, pos, k_space, 2);
    if (at(text, pos) == '"' && at(text, pos + 1) == ':') ++pos; // JSON's "mutex": "…"
    for (const auto& [word, needs_mark] : k_name_words) {
        if (!istarts_with(text.substr(pos), word) || is_word_at(text, pos + word.size())) continue;
        pos = skip(text, pos + word.size(), k_space, 2), is_named = !needs_mark;
        break;
    }
    if (at(text, pos) == '*') pos = std::min(pos + 2, text.size());
    const auto marked = skip_mark(text, pos);
    const bool has_mark = marked > pos;
    if (has_mark) pos = skip(text, marked, k_space, 3);
    if (at(text, pos) == '*')
        pos = std::min(skip(text, std::min(pos + 2, text.size()), k_space, 2), text.size());
    if (const auto kind = quote_kind(character_at(text, pos)); kind != 0) {
        auto start = pos;
        next_code_point(text, start);
        const auto close = find_closing(text, start, start + k_max_value_bytes, kind);
        if (close == text.npos) return {};
        return {skip(text, start, k_space, close - start), trim_end(text, start, close, " "), true};
    }
    if (!has_mark && !is_named) return {};
    // Braces are those of a GUID, other brackets those of the sentence.
    const char32_t opening = character_at(text, pos);
    if (opening == '(' || opening == '[' || (opening >= 0x80 && (roles_of(opening) & k_bracket) != 0))
        next_code_point(text, pos);
    return {pos, unquoted_end(text, pos), false};
}

bool add_span(Scan& scan, Type type, const Span& span) {
    constexpr std::size_t shortest = 3;
    if (span.end < span.start + shortest) return false;
    const auto value = scan.text.substr(span.start, span.end - span.start);
    if (!span.is_quoted && is_any_of(ascii_lower(value), "the this that with and for none n/a name is yes "))
        return false;
    scan.add(type, span.start, span.end, std::string(value), Verdict::none, Reading::labelled);
    return true;
}

// Behind ", ", "; ", " and ", "、" and the like, or `pos`.
std::size_t skip_joint(std::string_view text, std::size_t pos) {
    constexpr std::string_view joints[] = {",",   ";",  "and ", "or ", "und ", "oder ", "et ",
                                           "ou ", "y ", "e ",   "и ",  "、",   "，",    "；"};
    auto end = skip(text, pos, k_space, 2);
    for (int words = 0; words < 2; ++words) { // ", and"
        const auto rest = text.substr(std::min(end, text.size()));
        const auto* joint =
            std::ranges::find_if(joints, [&](std::string_view word) { return rest.starts_with(word); });
        if (joint == std::end(joints)) return words == 0 ? pos : end;
        end = skip(text, end + joint->size(), k_space, 2);
    }
    return end;
}

// No word of a sentence: it has a digit, an underscore, a backslash or a capital behind a small letter. Hosts
// and hashes are values of their own.
bool is_made_up(std::string_view value) {
    constexpr std::size_t shortest_hash = 32;
    if (value.find_first_of("./@") != value.npos || (value.size() >= shortest_hash && all_of(value, k_hex)))
        return false;
    return std::ranges::any_of(value, [](char c) { return is(c, k_digit | k_underscore) || c == '\\'; }) ||
           std::ranges::adjacent_find(value, [](char left, char right) {
               return left >= 'a' && left <= 'z' && right >= 'A' && right <= 'Z';
           }) != value.end();
}

// "EvilMx1, EvilMx2 and EvilMx3": what follows the first of a list without quotes.
void add_listed_words(Scan& scan, Type type, std::size_t pos) {
    for (int names = 0; names < k_max_listed; ++names) {
        const auto start = skip_joint(scan.text, pos);
        const Span span{start, start > pos ? unquoted_end(scan.text, start) : start, false};
        const auto value = scan.text.substr(span.start, span.end - span.start);
        // "Mutex: EvilMx1, MD5: …": a label of its own.
        const bool is_label = skip_mark(scan.text, span.end) > span.end;
        if (is_label || !is_made_up(value) || !add_span(scan, type, span)) return;
        pos = span.end;
    }
}

// "‘A_1’, ‘B_2’ and “C_3”": what follows the first of a list, in quotes as that is.
void add_listed(Scan& scan, Type type, std::size_t pos) {
    const auto text = scan.text;
    for (int names = 0; names < k_max_listed; ++names) {
        next_code_point(text, pos); // the quote that closes the one before
        const auto next = skip_joint(text, pos);
        const auto kind = next > pos ? quote_kind(character_at(text, next)) : 0;
        if (kind == 0) return;
        auto start = next;
        next_code_point(text, start);
        const auto close = find_closing(text, start, start + k_max_value_bytes, kind);
        if (close == text.npos || at(text, close + 1) == ':') return; // JSON's next key
        if (!add_span(scan, type, {start, close, true})) return;
        pos = close;
    }
}

// "the “EvilMx” mutex": the quoted name that ends a blank before `pos`.
bool add_quoted_before(Scan& scan, Type type, std::size_t pos) {
    const auto text = scan.text;
    if (pos < 4 || text[pos - 1] != ' ') return false;
    const auto kind = quote_kind(character_before(text, pos - 1));
    if (kind == 0) return false;
    auto close = pos - 2;
    while (close > 0 && (static_cast<unsigned char>(text[close]) & 0xC0U) == 0x80) --close;
    for (auto start = close; start > 0 && close - start < k_max_value_bytes && text[start - 1] != '\n';
         --start) {
        if (opening_kind(text, start) != kind || start == close) continue;
        return add_span(scan, type, {start, close, true});
    }
    return false;
}

std::size_t add_labelled(Scan& scan, Type type, std::size_t pos) {
    const auto span = read_labelled(scan.text, pos);
    if (!add_span(scan, type, span)) return 0;
    span.is_quoted ? add_listed(scan, type, span.end) : add_listed_words(scan, type, span.end);
    return 0;
}

// A row of a table, "Mutex | EvilMx1": of words that are made up, as "Mutex | Description" is one as well.
void add_cell(Scan& scan, Type type, const Run& run) {
    const auto text = scan.text;
    const char left = before(text, run.start);
    const auto mark = skip(text, run.end, k_space, 3);
    const bool has_tab = text.substr(run.end, mark - run.end).find('\t') != text.npos;
    if ((left != '\n' && left != '\0') || (at(text, mark) != '|' && !has_tab)) return;
    const auto start = at(text, mark) == '|' ? skip(text, mark + 1, k_space, 2) : mark;
    const Span span{start, unquoted_end(text, start), false};
    if (is_made_up(text.substr(span.start, span.end - span.start))) add_span(scan, type, span);
}

std::string words_ahead(std::string_view text, std::size_t pos, std::size_t most) {
    const auto from = pos - std::min(pos, most);
    return ascii_lower(text.substr(from, pos - from));
}
}

bool is_mutex_elsewhere(std::string_view word) {
    if (word.starts_with("мьютекс") || word.starts_with("Мьютекс")) return true;
    constexpr std::string_view ends[] = {"ミューテックス", "互斥体", "互斥量", "互斥锁", "互斥鎖", "뮤텍스"};
    return std::ranges::any_of(ends, [&](std::string_view end) { return word.ends_with(end); });
}

std::size_t scan_mutex(Scan& scan, const Run& run) {
    if (add_quoted_before(scan, Type::mutex, run.start)) return 0;
    add_cell(scan, Type::mutex, run);
    return add_labelled(scan, Type::mutex, run.end);
}

std::size_t scan_service(Scan& scan, const Run& run) {
    if (add_quoted_before(scan, Type::service, run.start)) return 0;
    const auto rest = scan.text.substr(run.end, 8);
    const bool is_labelled = istarts_with(rest, " name") || istarts_with(rest, " called") ||
                             (rest.starts_with(' ') && quote_kind(character_at(rest, 1)) != 0);
    return is_labelled ? add_labelled(scan, Type::service, run.end) : 0;
}

std::size_t scan_task(Scan& scan, const Run& run) {
    constexpr std::string_view scheduled = "scheduled ";
    const bool is_scheduled = words_ahead(scan.text, run.start, scheduled.size()) == scheduled;
    if (is_scheduled && add_quoted_before(scan, Type::scheduled_task, run.start - scheduled.size())) return 0;
    if (!is_scheduled && !istarts_with(scan.text.substr(run.end, 8), " name")) return 0;
    return add_labelled(scan, Type::scheduled_task, run.end);
}

std::size_t scan_pipe(Scan& scan, const Run& run) {
    constexpr std::string_view named = "named ";
    const bool is_named = words_ahead(scan.text, run.start, named.size()) == named;
    if (is_named && add_quoted_before(scan, Type::named_pipe, run.start - named.size())) return 0;
    if (!is_named && !istarts_with(scan.text.substr(run.end, 5), " name")) return 0;
    return add_labelled(scan, Type::named_pipe, run.end);
}
}
