#include "core/intel/families/keywords.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

// Command lines: an interpreter or a tool of the system where a line, a quote or a prompt begins, and what
// looks like arguments after it.
namespace cti::intel {
namespace {
constexpr std::size_t k_max_command_bytes = 2000;

bool is_opened(std::string_view text, std::size_t start) {
    const char32_t left = character_before(text, start);
    if (left == 0 || left == '\n' || left == '>' || opening_kind(text, start) != 0) return true;
    if (left >= 0x80) return (roles_of(left) & (k_bracket | k_stop)) != 0;
    return left == ' ' && is_any_of(text.substr(start - std::min<std::size_t>(start, 2), 1), "$ > # - * : ");
}

// "… whoami. Then it slept": a word with a capital after a full stop and a blank.
std::size_t sentence_end(std::string_view text, std::size_t start, std::size_t end) {
    const auto line = text.substr(0, end);
    for (auto pos = line.find(". ", start); pos != line.npos; pos = line.find(". ", pos + 1)) {
        const char capital = at(text, pos + 2);
        const auto word = skip(text, pos + 2, k_letter, 24);
        if (is(before(text, pos), k_alnum) && capital >= 'A' && capital <= 'Z' && at(text, word) == ' ' &&
            std::ranges::all_of(text.substr(pos + 3, word - pos - 3), [](char c) { return c >= 'a'; }))
            return pos;
    }
    return end;
}

// "… -enc SQBFAFgA and then slept", "… whoami, which shows the user": behind no quote that is open.
std::size_t prose_end(std::string_view text, std::size_t start, std::size_t end) {
    constexpr std::string_view goes_on[] = {" and ", ", and ", " which ",   ", which ",
                                            " was ", " were ", " is used ", " then "};
    bool is_quoted = false;
    for (auto pos = start; pos < end; ++pos) {
        is_quoted ^= text[pos] == '"';
        if (is_quoted || (text[pos] != ' ' && text[pos] != ',')) continue;
        if (std::ranges::any_of(goes_on, [&](std::string_view words) {
                return text.substr(pos, end - pos).starts_with(words);
            }))
            return pos;
    }
    return end;
}

// The next bracket beyond ASCII, or npos.
std::size_t find_bracket(std::string_view text, std::size_t pos, std::size_t limit) {
    for (; pos < limit; ++pos)
        if (is(text[pos], k_high) && (roles_of(character_at(text, pos)) & k_bracket) != 0) return pos;
    return text.npos;
}

std::size_t command_end(std::string_view text, const Run& run) {
    const auto limit = line_end(text, run.end, k_max_command_bytes);
    const auto kind = opening_kind(text, run.start);
    auto close = kind == 0 ? text.npos : find_closing(text, run.end, limit, kind);
    if ((roles_of(character_before(text, run.start)) & k_bracket) != 0)
        close = find_bracket(text, run.end, limit);
    const auto end =
        close == text.npos ? prose_end(text, run.end, sentence_end(text, run.end, limit)) : close;
    return trim_end(text, run.start, end, " `\r\n");
}

bool has_arguments(std::string_view line) {
    constexpr std::string_view marks[] = {" -",   " /",  " \"",  ".dll", "http",
                                          "hxxp", ".js", ".vbs", ".ps1", " %"};
    return std::ranges::any_of(marks, [&](std::string_view mark) { return line.find(mark) != line.npos; });
}
}

std::size_t scan_command(Scan& scan, const Run& run) {
    const auto text = scan.text;
    if (run.start < scan.command_end || at(text, run.end) != ' ' || !is_opened(text, run.start)) return 0;
    const auto end = command_end(text, run);
    const auto line = text.substr(run.start, end - run.start);
    if (!has_arguments(line)) return 0;
    const auto floor = scan.floor;
    scan.add(Type::command_line, run.start, end, std::string(line));
    scan.command_end = end, scan.floor = floor; // What stands in it is looked through too.
    return 0;
}
}
