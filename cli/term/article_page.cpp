#include "cli/term/article_page.hpp"

#include "cli/term/article_analyses.hpp"
#include "cli/term/fold.hpp"
#include "core/base/text.hpp"
#include "core/export/marks.hpp"
#include "core/export/text_blocks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace cti::cli {
namespace {
using exporter::MarkedText;
using exporter::TextBlock;
using Kind = TextBlock::Kind;

constexpr std::size_t k_label_gap = 2, k_min_cell = 6;
constexpr std::size_t k_label = 12; // of the lines above the text and below it

Ink ink_of(const Finding& finding) {
    return exporter::kind_of(finding.type) == exporter::FactKind::indicator ? Ink::value : Ink::name;
}

StyledText styled(MarkedText& text, std::string_view part, Ink otherwise = Ink::plain) {
    StyledText out;
    for (const auto& piece : text.cut(part))
        out.append(piece.text, piece.finding == nullptr ? otherwise : ink_of(*piece.finding));
    return out;
}

class Page {
public:
    explicit Page(const PageStyle& style) : m_style(style) {}

    void add_lines(const StyledText& first, const std::string& indent, const StyledText& text) {
        const auto lines = folded(text, indent.size());
        for (const auto& line : lines)
            m_out += (&line == &lines.front() ? first.render(m_style.color) : indent) +
                     line.render(m_style.color) + '\n';
    }
    void add_blank() { m_out += '\n'; }
    void add_heading(std::string_view text) {
        add_blank();
        add_lines({}, "", StyledText(text, Ink::strong));
    }
    void add_labelled(const std::vector<exporter::LabelledText>& lines) {
        for (const auto& [label, text] : lines)
            add_lines(StyledText(fmt::format("{:<{}}", label, k_label), Ink::faint),
                      std::string(k_label, ' '), StyledText(text));
    }
    void add_block(const TextBlock& block, MarkedText& text) {
        add_blank();
        switch (block.kind) {
        case Kind::heading: add_lines({}, "", styled(text, block.lines.front(), Ink::strong)); break;
        case Kind::paragraph: add_lines({}, "", styled(text, block.lines.front())); break;
        case Kind::list: add_list(block, text); break;
        case Kind::table: add_table(block, text); break;
        case Kind::code: add_code(block, text); break;
        }
    }
    std::string finish() { return std::move(m_out); }

private:
    std::vector<StyledText> folded(const StyledText& text, std::size_t indent) const {
        if (m_style.width == 0) return {text};
        const auto room = m_style.width > indent + k_min_cell ? m_style.width - indent : m_style.width;
        return fold(text, room);
    }

    // What goes on in the next line stands under its item, behind the mark that the item may have.
    void add_list(const TextBlock& block, MarkedText& text) {
        constexpr std::size_t under = 2;
        for (const auto line : block.lines) {
            const auto marker = exporter::length_of_marker(line);
            const auto first = styled(text, line.substr(0, marker));
            add_lines(first, std::string(marker > 0 ? display_width(first.text()) : under, ' '),
                      styled(text, line.substr(marker)));
        }
    }

    // Of a tab, blanks to the next multiple of four; a pipe gets the tab.
    void add_code(const TextBlock& block, MarkedText& text) {
        constexpr std::size_t stop = 4;
        for (const auto line : block.lines) {
            StyledText whole;
            for (const auto cell : exporter::split_cells(line)) {
                if (cell.data() != line.data()) {
                    const auto used = display_width(whole.text());
                    m_style.width > 0 ? whole.append(std::string(stop - used % stop, ' '))
                                      : flush(whole, "\t");
                }
                whole.append(styled(text, cell));
            }
            if (m_style.width == 0) {
                flush(whole, "\n");
                continue;
            }
            for (const auto& part : fold_anywhere(whole, m_style.width))
                m_out += part.render(m_style.color) + '\n';
        }
    }
    void flush(StyledText& text, std::string_view end) {
        m_out += text.render(m_style.color);
        m_out += end;
        text = {};
    }

    using Row = std::vector<StyledText>;
    void add_table(const TextBlock& block, MarkedText& text) {
        std::vector<Row> rows;
        for (const auto line : block.lines) {
            rows.emplace_back();
            for (const auto cell : exporter::split_cells(line))
                rows.back().push_back(styled(text, trim(cell)));
        }
        if (m_style.width == 0) {
            for (const auto& row : rows) add_cells(row);
            return;
        }
        const auto widths = fitting_widths(rows);
        for (const auto& row : rows) widths.empty() ? add_folded_row(row) : add_row(row, widths);
    }
    // Of more columns than there is room for.
    void add_folded_row(const Row& row) {
        StyledText line;
        for (const auto& cell : row) {
            if (&cell != &row.front()) line.append(" | ", Ink::faint);
            line.append(cell);
        }
        add_lines({}, "  ", line);
    }
    void add_cells(const Row& row) {
        for (const auto& cell : row)
            m_out += cell.render(m_style.color) + (&cell == &row.back() ? "\n" : "\t");
    }

    // As wide as their widest cell; where that is too much the widest columns give way. Empty: there are more
    // columns than there is room for.
    std::vector<std::size_t> fitting_widths(const std::vector<Row>& rows) const {
        std::vector<std::size_t> widths;
        for (const auto& row : rows) {
            widths.resize(std::max(widths.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i)
                widths[i] = std::max(widths[i], std::min(display_width(row[i].text()), m_style.width));
        }
        if (widths.size() * (k_min_cell + k_label_gap) > m_style.width) return {};
        auto total = std::accumulate(widths.begin(), widths.end(), k_label_gap * (widths.size() - 1));
        for (; total > m_style.width; --total) --*std::ranges::max_element(widths);
        return widths;
    }

    // As many lines as its highest cell has.
    void add_row(const Row& row, const std::vector<std::size_t>& widths) {
        std::vector<std::vector<StyledText>> cells;
        std::size_t height = 1;
        for (std::size_t i = 0; i < row.size(); ++i) {
            cells.push_back(fold(row[i], widths[i]));
            height = std::max(height, cells.back().size());
        }
        for (std::size_t line = 0; line < height; ++line) {
            std::size_t padding = 0;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto used = line < cells[i].size() ? display_width(cells[i][line].text()) : 0;
                if (used > 0)
                    m_out += std::string(padding, ' ') + cells[i][line].render(m_style.color), padding = 0;
                padding += widths[i] > used ? widths[i] - used + k_label_gap : k_label_gap;
            }
            m_out += '\n';
        }
    }

    PageStyle m_style;
    std::string m_out;
};

void add_groups(Page& page, std::string_view heading, const std::vector<exporter::FactGroup>& groups,
                Ink ink) {
    if (groups.empty()) return;
    page.add_heading(heading);
    for (const auto& [type, facts] : groups) {
        page.add_lines(StyledText("  "), "  ", StyledText(type, Ink::faint));
        for (const auto& fact : facts) {
            StyledText line(fact.value, ink);
            if (!fact.note.empty()) line.append("  " + fact.note);
            if (fact.count > 1) line.append(fmt::format("  {} times", fact.count), Ink::faint);
            page.add_lines(StyledText("    "), "      ", line);
        }
    }
}

void add_marked(Page& page, const std::map<std::string, long>& marked) {
    std::vector<std::string> parts;
    for (const auto& [verdict, count] : marked) parts.push_back(fmt::format("{} {}", count, verdict));
    if (parts.empty()) return;
    page.add_blank();
    page.add_lines(
        {}, "", StyledText("Left out, as something speaks against them: " + join(parts, ", "), Ink::faint));
}
}

// Never as a fact: who said it, and the sentence of the text that it rests on.
void add_analyses(Page& page, const std::vector<store::Analysis>& analyses) {
    if (analyses.empty()) return;
    page.add_heading("What a language model read in it");
    for (const auto& part : analysis_parts(analyses)) {
        page.add_lines(StyledText("  "), "  ", StyledText(part.heading, Ink::faint));
        for (const auto& [finding, quotation] : part.lines) {
            if (!finding.empty())
                page.add_lines(StyledText("    "), "      ", StyledText(finding, Ink::name));
            if (!quotation.empty()) page.add_lines(StyledText("      > "), "        ", StyledText(quotation));
        }
        if (part.lines.empty())
            page.add_lines(StyledText("    "), "      ", StyledText("nothing", Ink::faint));
        if (part.rejected > 0)
            page.add_lines(StyledText("    "), "      ",
                           StyledText(fmt::format("{} rejected without proof", part.rejected), Ink::faint));
    }
}

std::string article_page(const ops::WholeArticle& whole, const PageStyle& style) {
    const auto& article = whole.article;
    Page page(style);
    page.add_lines({}, "", StyledText(article.title.empty() ? "untitled" : article.title, Ink::strong));
    page.add_blank();
    page.add_labelled(about_article(article, style.now));
    MarkedText text(article.content, article.findings);
    for (const auto& block : exporter::split_blocks(article.content)) page.add_block(block, text);
    const auto facts = exporter::list_facts(article);
    add_groups(page, "Indicators, defanged", facts.indicators, Ink::value);
    add_groups(page, "Techniques", facts.techniques, Ink::name);
    add_groups(page, "Names", facts.names, Ink::name);
    add_marked(page, facts.marked);
    add_analyses(page, whole.analyses);
    if (!whole.near.empty()) page.add_heading("Nearly the same");
    for (const auto& line : near_articles(whole)) page.add_lines(StyledText("  "), "    ", StyledText(line));
    page.add_heading("Where it comes from");
    page.add_labelled(origin_of(whole));
    return page.finish();
}

std::string harmless_text(std::string_view text) {
    std::string out;
    for (const auto line : split(text, '\n')) {
        std::vector<std::string> cells;
        for (const auto cell : split(line, '\t')) cells.push_back(printable(cell));
        out += join(cells, "\t") + '\n';
    }
    return out;
}
}
