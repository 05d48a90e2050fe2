#include "cli/term/fold.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::cli {
namespace {

constexpr const char* code_of(Ink ink) {
    switch (ink) {
    case Ink::plain: break;
    case Ink::strong: return "1";
    case Ink::faint: return "2";
    case Ink::value: return "33";
    case Ink::name: return "36";
    }
    return "";
}

struct Character {
    std::size_t start, end, cells;
    char32_t code;
};

Character next_character(std::string_view text, std::size_t pos) {
    Character character{pos, pos, 1, 0};
    character.code = next_code_point(text, character.end);
    if (character.code >= 0x300) character.cells = display_width(text.substr(pos, character.end - pos));
    return character;
}

// What stands neither at the beginning nor at the end of a line in East Asian texts.
bool closes(char32_t c) {
    constexpr std::u32string_view all = U"、。，．：；？！）］｝」』】》〉〕・ー々…,.;:?!)]}";
    return all.find(c) != all.npos;
}
bool opens(char32_t c) {
    constexpr std::u32string_view all = U"（［｛「『【《〈〔([{";
    return all.find(c) != all.npos;
}

bool may_part(const Character& before, const Character& after) {
    return before.code != ' ' && (before.cells == 2 || after.cells == 2) && after.cells > 0 &&
           !closes(after.code) && !opens(before.code);
}

// Where a line that begins at `start` ends, and where the next one begins.
struct Break {
    std::size_t end, next;
};

Break end_of_line(std::string_view text, std::size_t start, std::size_t width, bool at_blanks) {
    std::size_t used = 0;
    Break best{0, 0};
    Character before{};
    for (auto pos = start; pos < text.size();) {
        const auto character = next_character(text, pos);
        const bool is_blank = at_blanks && character.code == ' ';
        if (is_blank && before.code != ' ') best = {pos, 0};
        if (at_blanks && pos > start && may_part(before, character)) best = {pos, pos};
        if (used + character.cells > width && !is_blank && pos > start) {
            if (best.end <= start) return {pos, pos};
            const auto next = text.find_first_not_of(' ', best.end);
            return {best.end, best.next > 0 ? best.next : std::min(next, text.size())};
        }
        used += character.cells;
        pos = character.end;
        before = character;
    }
    return {text.size(), text.size()};
}

std::vector<StyledText> fold(const StyledText& text, std::size_t width, bool at_blanks) {
    std::vector<StyledText> lines;
    std::size_t start = 0;
    do {
        const auto [end, next] = end_of_line(text.text(), start, std::max<std::size_t>(width, 1), at_blanks);
        lines.push_back(text.part(start, end));
        start = next;
    } while (start < text.text().size());
    return lines;
}
}

void StyledText::append(std::string_view text, Ink ink) {
    const auto start = m_text.size();
    m_text += printable(text);
    if (ink != Ink::plain && m_text.size() > start) m_runs.push_back({start, m_text.size(), ink});
}

void StyledText::append(const StyledText& other) {
    const auto start = m_text.size();
    m_text += other.m_text;
    for (const auto& run : other.m_runs) m_runs.push_back({start + run.start, start + run.end, run.ink});
}

StyledText StyledText::part(std::size_t start, std::size_t end) const {
    StyledText out;
    out.m_text = m_text.substr(start, end - start);
    for (auto run = std::ranges::upper_bound(m_runs, start, {}, &Run::end);
         run != m_runs.end() && run->start < end; ++run)
        out.m_runs.push_back(
            {std::max(run->start, start) - start, std::min(run->end, end) - start, run->ink});
    return out;
}

std::string StyledText::render(bool color) const {
    if (!color || m_runs.empty()) return m_text;
    std::string out;
    std::size_t pos = 0;
    for (const auto& [start, end, ink] : m_runs) {
        out += m_text.substr(pos, start - pos);
        out += fmt::format("\x1b[{}m{}\x1b[0m", code_of(ink), m_text.substr(start, end - start));
        pos = end;
    }
    return out + m_text.substr(pos);
}

std::vector<StyledText> fold(const StyledText& text, std::size_t width) { return fold(text, width, true); }

std::vector<StyledText> fold_anywhere(const StyledText& text, std::size_t width) {
    return fold(text, width, false);
}
}
