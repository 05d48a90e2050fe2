#include "core/page/html/text_flow.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
struct ElementFlow {
    std::string_view name;
    Kind kind;
};
constexpr ElementFlow k_element_flows[] = {
    {"address", Kind::line},
    {"area", Kind::empty},
    {"article", Kind::paragraph},
    {"aside", Kind::paragraph},
    {"audio", Kind::dropped},
    {"base", Kind::empty},
    {"blockquote", Kind::paragraph},
    {"br", Kind::line_break},
    {"canvas", Kind::dropped},
    {"caption", Kind::line},
    {"center", Kind::line},
    {"col", Kind::empty},
    {"dd", Kind::item},
    {"details", Kind::paragraph},
    {"dir", Kind::list},
    {"div", Kind::line},
    {"dl", Kind::list},
    {"dt", Kind::item},
    {"embed", Kind::empty},
    {"fieldset", Kind::line},
    {"figcaption", Kind::line},
    {"figure", Kind::paragraph},
    {"footer", Kind::paragraph},
    {"form", Kind::line},
    {"h1", Kind::paragraph},
    {"h2", Kind::paragraph},
    {"h3", Kind::paragraph},
    {"h4", Kind::paragraph},
    {"h5", Kind::paragraph},
    {"h6", Kind::paragraph},
    {"header", Kind::paragraph},
    {"hr", Kind::paragraph},
    {"iframe", Kind::raw},
    {"img", Kind::image},
    {"input", Kind::empty},
    {"legend", Kind::line},
    {"li", Kind::item},
    {"link", Kind::empty},
    {"listing", Kind::pre},
    {"main", Kind::paragraph},
    {"menu", Kind::list},
    {"meta", Kind::empty},
    {"nav", Kind::paragraph},
    {"noembed", Kind::raw},
    {"noframes", Kind::raw},
    {"ol", Kind::list},
    {"optgroup", Kind::line},
    {"option", Kind::line},
    {"p", Kind::paragraph},
    {"param", Kind::empty},
    {"pre", Kind::pre},
    {"script", Kind::raw},
    {"section", Kind::paragraph},
    {"source", Kind::empty},
    {"style", Kind::raw},
    {"summary", Kind::line},
    {"svg", Kind::dropped},
    {"table", Kind::table},
    {"tbody", Kind::line},
    {"td", Kind::cell},
    {"template", Kind::dropped},
    {"tfoot", Kind::line},
    {"th", Kind::cell},
    {"thead", Kind::line},
    {"title", Kind::raw},
    {"tr", Kind::row},
    {"track", Kind::empty},
    {"ul", Kind::list},
    {"video", Kind::dropped},
    {"wbr", Kind::empty},
};
static_assert(std::ranges::is_sorted(k_element_flows, {}, &ElementFlow::name));
constexpr std::size_t k_max_element_bytes = 10;

// Bytes that end a run of text that can be copied as it stands: white space, '&', and the lead of U+00A0.
constexpr std::array<bool, 256> k_stops = [] {
    std::array<bool, 256> table{};
    for (const char c : {' ', '\t', '\n', '\v', '\f', '\r', '&', '\xC2'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();
constexpr bool stops(char c) { return k_stops[static_cast<unsigned char>(c)]; }
}

Kind kind_of(std::string_view element) {
    if (element.size() > k_max_element_bytes) return Kind::inlined;
    std::array<char, k_max_element_bytes> lower{};
    std::ranges::transform(element, lower.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view wanted(lower.data(), element.size());
    const auto* it = std::ranges::lower_bound(k_element_flows, wanted, {}, &ElementFlow::name);
    return it != std::end(k_element_flows) && it->name == wanted ? it->kind : Kind::inlined;
}

bool has_no_end_tag(Kind kind, std::string_view name) {
    return kind == Kind::empty || kind == Kind::line_break || kind == Kind::image || iequals(name, "hr");
}

void TextFlow::trim_end() {
    const auto last = m_out.find_last_not_of(" \t\n");
    m_out.resize(last == std::string::npos ? 0 : last + 1);
}

void TextFlow::write_gap() {
    if (m_gap == Gap::space) {
        if (!m_out.empty()) m_out += ' ';
    } else if (m_gap != Gap::none) {
        trim_end();
        if (!m_out.empty()) {
            if (m_gap >= Gap::line) m_out.append(m_gap == Gap::line ? 1 : 2, '\n');
            m_out.append(m_tabs, '\t');
        }
    }
    m_gap = Gap::none;
    m_tabs = 0;
    m_at_cell_start = false;
    m_row_has_text = true;
}

void TextFlow::append(std::string_view text) {
    if (m_pres > 0) {
        append_preformatted(text);
    } else {
        append_flowing(text);
    }
}

// Decodes the reference at text[pos] == '&'. What comes out is text even where it looks like markup.
void TextFlow::append_decoded(std::string_view text, std::size_t& pos) {
    m_decoded.clear();
    append_reference(m_decoded, text, pos);
    if (m_decoded.empty()) return;
    if (m_decoded == "\xC2\xA0") m_decoded = " ";
    if (m_pres == 0 && m_decoded.size() == 1 && is_ascii_space(m_decoded[0])) {
        m_gap = std::max(m_gap, Gap::space);
        return;
    }
    write_gap();
    m_out += m_decoded;
}

void TextFlow::append_flowing(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size();) {
        const auto start = pos;
        while (pos < text.size()) {
            if (stops(text[pos])) {
                // One space between two words is the usual case and needs no stop.
                if (text[pos] != ' ' || pos == start || pos + 1 >= text.size() || stops(text[pos + 1])) break;
            }
            ++pos;
        }
        if (pos > start) {
            write_gap();
            m_out.append(text, start, pos - start);
        }
        if (pos >= text.size()) return;
        if (text[pos] == '&' && m_decodes) {
            append_decoded(text, pos);
        } else if (is_ascii_space(text[pos])) {
            m_gap = std::max(m_gap, Gap::space);
            ++pos;
        } else if (text.substr(pos, 2) == "\xC2\xA0") {
            m_gap = std::max(m_gap, Gap::space);
            pos += 2;
        } else {
            write_gap();
            m_out += text[pos++];
        }
    }
}

void TextFlow::append_preformatted(std::string_view text) {
    std::size_t pos = 0;
    // The line end after <pre>, <pre><code> or a <div> of one line of code is none of the text.
    if (m_gap >= Gap::cell || m_out.empty()) pos = std::min(text.find_first_not_of("\r\n"), text.size());
    while (pos < text.size()) {
        const auto end = std::min(text.find_first_of("&\r\xC2", pos), text.size());
        if (end > pos) {
            write_gap();
            m_out.append(text, pos, end - pos);
        }
        if ((pos = end) >= text.size()) return;
        if (text[pos] == '&' && m_decodes) {
            append_decoded(text, pos);
            continue;
        }
        write_gap();
        if (text[pos] == '\r') {
            m_out += '\n';
            pos += text.substr(pos, 2) == "\r\n" ? 2 : 1;
        } else if (text.substr(pos, 2) == "\xC2\xA0") {
            m_out += ' ';
            pos += 2;
        } else {
            m_out += text[pos++];
        }
    }
}

void TextFlow::break_text(Gap gap) {
    if (!m_at_cell_start) m_gap = std::max(m_gap, gap);
}

void TextFlow::start_row() {
    m_gap = std::max(m_gap, Gap::line);
    m_cells_in_row = 0;
    m_tabs = 0;
    m_at_cell_start = m_row_has_text = false;
}

void TextFlow::start_cell() {
    if (m_cells_in_row++ > 0) {
        ++m_tabs; // Empty cells keep their column.
        if (m_row_has_text) m_gap = Gap::cell;
    } else {
        m_gap = std::max(m_gap, Gap::cell);
    }
    m_at_cell_start = true;
}

void TextFlow::open(Kind kind) {
    switch (kind) {
    case Kind::line:
    case Kind::item: break_text(Gap::line); break;
    case Kind::paragraph: break_text(block_gap()); break;
    case Kind::list:
        break_text(block_gap());
        ++m_lists;
        break;
    case Kind::table:
        m_at_cell_start = false;
        break_text(block_gap());
        ++m_tables;
        start_row();
        break;
    case Kind::row: start_row(); break;
    case Kind::cell: start_cell(); break;
    case Kind::pre:
        break_text(block_gap());
        ++m_pres;
        break;
    // Two in a row leave a blank line.
    case Kind::line_break: break_text(m_gap >= Gap::line ? Gap::paragraph : Gap::line); break;
    default: break;
    }
}

// End tags may be missing or too many: the counters never go below zero.
void TextFlow::close(Kind kind) {
    const auto leave = [](int& count) { count = std::max(0, count - 1); };
    switch (kind) {
    case Kind::cell:
        m_at_cell_start = false;
        m_gap = std::max(m_gap, Gap::space);
        break;
    case Kind::list:
        leave(m_lists);
        break_text(block_gap());
        break;
    case Kind::table:
        leave(m_tables);
        start_row();
        break_text(block_gap());
        break;
    case Kind::pre:
        leave(m_pres);
        break_text(block_gap());
        break;
    case Kind::row: start_row(); break;
    default: open(kind);
    }
}

void TextFlow::add_image(std::string_view alt) {
    if (!m_out.empty() || alt.empty()) return;
    m_alts += alt;
    m_alts += '\n';
}

std::string TextFlow::finish() {
    trim_end();
    if (m_out.empty() && !m_alts.empty()) {
        TextFlow alts(m_alts.size());
        alts.append(m_alts);
        return alts.finish();
    }
    return std::move(m_out);
}
}
