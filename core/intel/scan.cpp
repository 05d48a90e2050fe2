#include "core/intel/scan.hpp"

#include "core/intel/neighbours.hpp"
#include "core/intel/positions.hpp"
#include "core/intel/python_text.hpp"

#include <algorithm>

namespace cti::intel {
namespace {

// What is known of a run at a glance. Most words of a text fit to no family at all.
enum ByteKind : unsigned {
    k_any_dot = 1,
    k_any_digit = 2,
    k_before_colon = 4,
    k_before_at = 8,
    k_before_backslash = 16,
    k_before_mark = 32, // ">" or "/"
    k_long = 64,        // k_min_long_bytes bytes or more
    k_keyword = 128,
    k_any_dash = 256,
};

constexpr std::size_t k_min_long_bytes = 26;

struct Family {
    unsigned kinds; // any of them
    std::size_t (*scan)(Scan&, const Run&);
};
// The first that takes a run has it.
constexpr Family k_families[] = {
    {k_before_colon, scan_url},
    {k_before_at, scan_email},
    {k_before_backslash | k_before_colon | k_before_mark, scan_registry},
    {k_before_colon, scan_windows_path},
    {k_before_colon, scan_ipv6},
    {k_before_colon | k_any_dash | k_any_dot, scan_mac},
    {k_before_colon, scan_ssdeep},
    {k_long, scan_coin},
    {k_long, scan_hash},
    {k_any_digit, scan_id},
    {k_any_digit, scan_attack},
    {k_keyword, scan_keyword},
    {k_any_dot, scan_host},
};

struct Mark {
    char mark;
    std::size_t (*scan)(Scan&, std::size_t);
};
constexpr Mark k_marks[] = {{'/', scan_slash},  {'\\', scan_backslash}, {'%', scan_percent},
                            {'$', scan_dollar}, {':', scan_colon},      {'+', scan_plus},
                            {'@', scan_at}};

constexpr auto k_mark_table = [] {
    std::array<std::size_t (*)(Scan&, std::size_t), 256> table{};
    for (const auto& [mark, scan] : k_marks) table[static_cast<unsigned char>(mark)] = scan;
    return table;
}();

unsigned kinds_before(char mark) {
    switch (mark) {
    case ':': return k_before_colon;
    case '@': return k_before_at;
    case '\\': return k_before_backslash;
    case '>':
    case '/': return k_before_mark;
    default: return 0;
    }
}

unsigned kinds_of(std::string_view text, const Run& run) {
    unsigned kinds = 0;
    if (run.dots > 0) kinds |= k_any_dot;
    if ((run.seen & k_digit) != 0) kinds |= k_any_digit;
    if ((run.seen & k_dash) != 0) kinds |= k_any_dash;
    if (run.size() >= k_min_long_bytes) kinds |= k_long;
    kinds |= kinds_before(at(text, run.end));
    if ((run.size() <= 14 || (run.seen & k_high) != 0) && may_be_keyword(run.of(text))) kinds |= k_keyword;
    return kinds;
}

// A full stop or a hyphen after a word belongs to the sentence, an underscore to the markup, and an ellipsis
// ends it. What stands before a mark that tells its family is left whole: "name_@example.org".
Run without_trailing_marks(std::string_view text, Run run) {
    constexpr std::size_t longest = 300; // of a run that is looked through
    if (run.dots > 2 && run.size() < longest)
        if (const auto ellipsis = run.of(text).find("...");
            ellipsis != std::string_view::npos && ellipsis > 0)
            run.dots = static_cast<int>(std::ranges::count(text.substr(run.start, ellipsis), '.')),
            run.end = run.start + ellipsis;
    constexpr auto marks = k_dot | k_dash | k_underscore;
    const bool has_kind = kinds_before(at(text, run.end)) != 0 && !is_arrow_at(text, run.end - 1);
    if (!is(text[run.end - 1], marks) || has_kind) return run;
    while (run.end > run.start + 1 && is(text[run.end - 1], marks))
        run.dots -= text[--run.end] == '.' ? 1 : 0;
    return run;
}

std::size_t scan_run(Scan& scan, std::size_t pos) {
    const auto run = without_trailing_marks(scan.text, read_run(scan.text, pos));
    const auto kinds = kinds_of(scan.text, run);
    if (kinds == 0) return run.end;
    for (const auto& [wanted, family] : k_families) {
        if ((kinds & wanted) == 0) continue;
        if (const auto next = family(scan, run); next > 0) return std::max(next, pos + 1);
    }
    return run.end;
}
}

Run read_run(std::string_view text, std::size_t start) {
    auto pos = start;
    unsigned seen = 0;
    int dots = 0;
    bool is_after_blankless = false;
    while (pos < text.size()) {
        const unsigned flags = class_of(text[pos]);
        if ((flags & (k_word & ~k_high)) != 0) { // nearly always
            if (is_after_blankless && (flags & k_alnum) != 0) break;
            is_after_blankless = false;
            dots += (flags & k_dot) != 0 ? 1 : 0;
            ++pos;
        } else if ((flags & k_high) != 0) {
            auto next = pos;
            const char32_t c = next_code_point(text, next);
            const bool blankless = is_blankless(c);
            if (!is_word_character(c) || is_raised_digit(c) ||
                (blankless && pos > start && is(text[pos - 1], k_alnum)))
                break;
            is_after_blankless = blankless;
            pos = next;
        } else {
            break;
        }
        seen |= flags;
    }
    // What is no word character is passed over.
    return {start, std::max(pos, start + 1), static_cast<std::uint16_t>(seen), dots};
}

void scan_piece(Scan& scan) {
    const auto text = scan.text;
    Positions no_letters(text, [](Bytes bytes, Bytes) { return ~are_letters(bytes); });
    for (std::size_t pos = 0; pos < text.size();) {
        const char c = text[pos];
        if (is(c, k_letter)) {
            // Most words are nothing but letters, and tell nothing.
            const auto end = no_letters.next(pos);
            const char mark = at(text, end);
            if (end - pos >= k_min_long_bytes || is(mark, k_word) || kinds_before(mark) != 0 ||
                may_be_keyword(text.substr(pos, end - pos)))
                pos = scan_run(scan, pos);
            else
                pos = end;
        } else if (is(c, k_digit | k_underscore | k_high)) {
            pos = scan_run(scan, pos);
        } else if (const auto family = k_mark_table[static_cast<unsigned char>(c)]; family != nullptr) {
            pos = std::max(family(scan, pos), pos + 1);
        } else {
            ++pos;
        }
    }
}
}
