#include "core/export/text_blocks.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace cti::exporter {
namespace {
using Kind = TextBlock::Kind;

constexpr std::size_t k_max_heading_bytes = 120, k_max_heading_words = 14, k_max_heading_word = 30;

bool is_blank(std::string_view line) { return trim(line).empty(); }

bool has_cells(std::string_view line) {
    const auto first = line.find_first_not_of('\t');
    return first != line.npos && line.find('\t', first) != line.npos;
}

// Elsewhere runs of blanks have become one.
bool is_preformatted(std::string_view line) {
    return line.front() == ' ' || line.front() == '\t' || line.find("   ") != line.npos;
}

bool is_table(const std::vector<std::string_view>& lines) {
    const auto rows = std::ranges::count_if(lines, has_cells);
    const auto indented =
        std::ranges::count_if(lines, [](auto line) { return line.front() == ' ' || line.front() == '\t'; });
    return rows > 0 && 2 * rows >= static_cast<long>(lines.size()) && indented <= rows;
}

// "198.51.100.7" and "evil.example" are none, "3.1 Loader" is.
bool begins_heading(std::string_view word) {
    constexpr std::size_t longest_number = 5;
    const char first = word.front();
    if (is_ascii_digit(first)) return word.size() <= longest_number;
    return (first >= 'A' && first <= 'Z') || static_cast<unsigned char>(first) >= 0x80;
}

bool is_heading(std::string_view line) {
    if (line.size() > k_max_heading_bytes || line.find("://") != line.npos) return false;
    if (std::string_view(".,;:!?").find(line.back()) != std::string_view::npos) return false;
    const auto words = split(line, ' ');
    const bool has_letter = std::ranges::any_of(
        line, [](char c) { return is_ascii_alpha(c) || static_cast<unsigned char>(c) >= 0x80; });
    if (words.size() == 1 && line.find_first_of("0123456789./\\@_") != line.npos) return false;
    return has_letter && words.size() <= k_max_heading_words && !words.front().empty() &&
           begins_heading(words.front()) &&
           std::ranges::all_of(words, [](auto word) { return word.size() <= k_max_heading_word; });
}

Kind kind_of(const std::vector<std::string_view>& lines, bool is_last) {
    if (is_table(lines)) return Kind::table;
    if (std::ranges::any_of(lines, is_preformatted)) return Kind::code;
    if (lines.size() > 1) return Kind::list;
    if (!is_last && is_heading(lines.front())) return Kind::heading;
    return length_of_marker(lines.front()) > 0 ? Kind::list : Kind::paragraph;
}

// Code has empty lines of its own.
void append(std::vector<TextBlock>& blocks, TextBlock block) {
    if (blocks.empty() || block.kind != Kind::code || blocks.back().kind != Kind::code) {
        blocks.push_back(std::move(block));
        return;
    }
    auto& lines = blocks.back().lines;
    lines.emplace_back();
    lines.insert(lines.end(), block.lines.begin(), block.lines.end());
}
}

std::vector<TextBlock> split_blocks(std::string_view text) {
    std::vector<std::vector<std::string_view>> groups(1);
    for (auto line : split(text, '\n')) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (!is_blank(line))
            groups.back().push_back(line);
        else if (!groups.back().empty())
            groups.emplace_back();
    }
    if (groups.back().empty()) groups.pop_back();
    std::vector<TextBlock> blocks;
    for (auto& lines : groups) {
        const auto kind = kind_of(lines, &lines == &groups.back());
        append(blocks, {kind, std::move(lines)});
    }
    return blocks;
}

std::vector<std::string_view> split_cells(std::string_view row) { return split(row, '\t'); }

std::size_t length_of_marker(std::string_view item) {
    for (const std::string_view mark : {"- ", "* ", "+ ", "• ", "– ", "— ", "◦ ", "▪ ", "· "})
        if (item.starts_with(mark)) return mark.size();
    constexpr std::size_t longest_number = 3;
    std::size_t end = 0;
    while (end < item.size() && end < longest_number && is_ascii_digit(item[end])) ++end;
    if (end == 0 && !item.empty() && is_ascii_alpha(item[0])) {
        if (item.size() < 3 || item[1] != ')') return 0;
        end = 1;
    }
    const bool is_number = end > 0 && end + 1 < item.size() && (item[end] == '.' || item[end] == ')');
    return is_number && item[end + 1] == ' ' ? end + 2 : 0;
}
}
