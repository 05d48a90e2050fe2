#include "core/base/text.hpp"
#include "core/export/article_facts.hpp"
#include "core/export/harmless.hpp"
#include "core/export/markdown.hpp"
#include "core/export/marks.hpp"
#include "core/export/text_blocks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::exporter {
namespace {
using Kind = TextBlock::Kind;

std::string harmless(MarkedText& text, std::string_view part) {
    std::string out;
    for (const auto& piece : text.cut(part)) out += printable(piece.text);
    return out;
}

void append_table(std::string& out, const TextBlock& block, MarkedText& text) {
    std::size_t columns = 0;
    for (const auto line : block.lines) columns = std::max(columns, split_cells(line).size());
    for (const auto& line : block.lines) {
        const auto cells = split_cells(line);
        for (std::size_t i = 0; i < columns; ++i)
            out += "| " + (i < cells.size() ? escape_markdown(harmless(text, cells[i])) : "") + ' ';
        out += "|\n";
        if (&line != &block.lines.front()) continue;
        for (std::size_t i = 0; i < columns; ++i) out += "|---";
        out += "|\n";
    }
}

// Fenced by more backticks than stand in it.
void append_code(std::string& out, const TextBlock& block, MarkedText& text) {
    std::string code, fence = "```";
    for (const auto line : block.lines) {
        std::vector<std::string> parts; // Tabs are kept.
        for (const auto part : split_cells(line)) parts.push_back(harmless(text, part));
        code += join(parts, "\t") + '\n';
    }
    while (code.find(fence) != code.npos) fence += '`';
    out += fence + "text\n" + code + fence + '\n';
}

void append_list(std::string& out, const TextBlock& block, MarkedText& text) {
    for (const auto line : block.lines) {
        const auto marker = length_of_marker(line);
        const bool is_numbered = marker > 0 && is_ascii_digit(line.front());
        out += is_numbered ? line.substr(0, marker) : "- ";
        out += markdown_paragraph(harmless(text, line.substr(marker))) + '\n';
    }
}

void append_block(std::string& out, const TextBlock& block, MarkedText& text) {
    out += '\n';
    switch (block.kind) {
    case Kind::heading: out += "## " + escape_markdown(harmless(text, block.lines.front())) + '\n'; break;
    case Kind::paragraph: out += markdown_paragraph(harmless(text, block.lines.front())) + '\n'; break;
    case Kind::list: append_list(out, block, text); break;
    case Kind::table: append_table(out, block, text); break;
    case Kind::code: append_code(out, block, text); break;
    }
}

void append_groups(std::string& out, std::string_view heading, const std::vector<FactGroup>& groups) {
    if (groups.empty()) return;
    out += fmt::format("\n## {}\n", heading);
    for (const auto& [type, facts] : groups) {
        out += fmt::format("\n### {}\n\n", escape_markdown(printable(type)));
        for (const auto& fact : facts)
            out += fmt::format("- {}{}{}\n", markdown_code(printable(fact.value)),
                               fact.note.empty() ? "" : " ", escape_markdown(fact.note));
    }
}

void append_labelled(std::string& out, const std::vector<LabelledText>& lines) {
    for (const auto& [label, text] : lines)
        out += fmt::format("- **{}**: {}\n", label, escape_markdown(printable(text)));
}
}

std::string article_markdown(const ArticlePage& page) {
    const auto& article = page.article;
    auto out = fmt::format("# {}\n\n",
                           article.title.empty() ? "untitled" : escape_markdown(printable(article.title)));
    append_labelled(out, page.about);
    MarkedText text(article.content, article.findings);
    for (const auto& block : split_blocks(article.content)) append_block(out, block, text);
    const auto facts = list_facts(article);
    append_groups(out, "Indicators", facts.indicators);
    append_groups(out, "Techniques", facts.techniques);
    append_groups(out, "Names", facts.names);
    if (!page.near.empty()) out += "\n## Nearly the same\n\n";
    for (const auto& line : page.near) out += "- " + escape_markdown(printable(line)) + '\n';
    if (!page.origin.empty()) out += "\n## Where it comes from\n\n";
    append_labelled(out, page.origin);
    return out;
}
}
