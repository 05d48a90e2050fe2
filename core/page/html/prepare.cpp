#include "core/page/html/prepare.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/page/html/elements.hpp"
#include "core/page/html/html_text.hpp"
#include "core/page/html/tag_scanner.hpp"
#include "core/page/indicator_marks.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
// What becomes of an element before the tree is built.
enum class Handling : unsigned char {
    keep,
    raw,      // gone, and all to the end of the page where its end tag is missing
    removed,  // gone with its content where it has an end tag; else only the tag
    unwrapped // only the tag is gone
};
Handling handling_of(Element element) {
    switch (element) {
    case Element::e_script:
    case Element::e_style: return Handling::raw;
    case Element::e_svg:
    case Element::e_template:
    case Element::e_noscript:
    case Element::e_iframe:
    case Element::e_textarea:
    case Element::e_select:
    case Element::e_canvas:
    case Element::e_audio:
    case Element::e_video: return Handling::removed;
    case Element::e_embed:
    case Element::e_source:
    case Element::e_param:
    case Element::e_object:
    case Element::e_picture: return Handling::unwrapped;
    default: return Handling::keep;
    }
}

// Elements whose end tags are left out by rights: the parser closes them, so they nest no deeper for being
// many.
bool is_closed_by_others(Element element) {
    switch (element) {
    case Element::e_p:
    case Element::e_li:
    case Element::e_td:
    case Element::e_th:
    case Element::e_tr:
    case Element::e_dt:
    case Element::e_dd:
    case Element::e_thead:
    case Element::e_tbody:
    case Element::e_tfoot:
    case Element::e_option:
    case Element::e_html:
    case Element::e_head:
    case Element::e_body: return true;
    default: return false;
    }
}

// Shown by a script, or to be copied from: a list of indicators there is read like any other.
bool holds_text(Element element) {
    return element == Element::e_textarea || element == Element::e_template || element == Element::e_noscript;
}

bool is_void(Element element) { return has_no_end_tag(kind_of(element), name_of(element)); }

bool is_of_head(Element element) {
    switch (element) {
    case Element::e_base:
    case Element::e_head:
    case Element::e_html:
    case Element::e_link:
    case Element::e_meta:
    case Element::e_title: return true;
    default: return false;
    }
}

// Not worth a place in the tree: scripts, layout, sources of pictures.
bool is_dropped_attribute(std::string_view name, std::string_view value) {
    if (name.size() > 2 && istarts_with(name, "on")) return true;
    if (iequals(name, "srcset") || iequals(name, "sizes")) return true;
    return istarts_with(value, "data:");
}

// The parser would take such a name for an end of the tag or for an error.
bool is_attribute_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '_' || c == ':' || c == '.';
    });
}
bool is_element_name(std::string_view name) { return name.size() <= 64 && is_attribute_name(name); }

constexpr std::array<bool, 256> k_special = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 0x20; ++c) table[static_cast<std::size_t>(c)] = true;
    for (const char c : {'\t', '\n'}) table[static_cast<unsigned char>(c)] = false;
    for (const char c : {'&', '<', '>', '"', '\x7F', '\xEF'}) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

class Preparer {
public:
    Preparer(std::string_view html, const Limits& limits)
        : m_html(html), m_limits(limits), m_is_xml(trim(html.substr(0, 64)).starts_with("<?xml")) {
        if (m_html.size() > limits.bytes) cut();
        m_out.html.reserve(m_html.size() / 2);
        m_attributes.reserve(32);
    }

    Prepared run() {
        while (m_pos < m_html.size()) {
            // What a reference or a sign grows to is bounded too.
            if (m_out.html.size() > m_limits.bytes + m_limits.bytes / 2) {
                warn("the page is cut off: too many signs that must be written as references");
                break;
            }
            const auto next = std::min(m_html.find('<', m_pos), m_html.size());
            append_text(m_html.substr(m_pos, next - m_pos), References::in_text);
            if ((m_pos = next) < m_html.size()) read_markup();
        }
        return std::move(m_out);
    }

private:
    void cut() {
        auto size = m_limits.bytes;
        while (size > 0 && (static_cast<unsigned char>(m_html[size]) & 0xC0U) == 0x80U) --size;
        m_html = m_html.substr(0, size);
        m_out.warning = "the page is cut off: more than " + std::to_string(m_limits.bytes >> 20U) + " MiB";
    }

    void append_special(std::string_view text, std::size_t& pos, References where) {
        switch (text[pos]) {
        case '&': {
            m_decoded.clear();
            append_reference(m_decoded, text, pos, where);
            if (m_decoded == "&" || m_decoded == "<" || m_decoded == ">" || m_decoded == "\"") {
                append_special(m_decoded);
            } else if (!m_decoded.empty() && m_decoded[0] == '&') { // no reference: it stays as it is
                m_out.html += "&amp;";
                m_out.html.append(m_decoded, 1);
            } else {
                m_out.html += m_decoded;
            }
            return;
        }
        case '<':
        case '>':
        case '"': append_special(text.substr(pos++, 1)); return;
        case '\xEF': // U+FFFE and U+FFFF are no characters to the parser.
            if (text.substr(pos, 2) == "\xEF\xBF" && pos + 2 < text.size() &&
                (text[pos + 2] == '\xBE' || text[pos + 2] == '\xBF')) {
                pos += 3;
            } else {
                m_out.html += text[pos++];
            }
            return;
        case '\r':
            if (text.substr(pos, 2) != "\r\n") m_out.html += '\n';
            break;
        case '\f': m_out.html += ' '; break;
        default: break; // a control character
        }
        ++pos;
    }
    void append_special(std::string_view character) {
        m_out.html += character == "&"   ? "&amp;"
                      : character == "<" ? "&lt;"
                      : character == ">" ? "&gt;"
                                         : "&quot;";
    }

    void append_text(std::string_view text, References where) {
        for (std::size_t pos = 0; pos < text.size() && m_out.html.size() <= 2 * m_limits.bytes;) {
            const auto start = pos;
            while (pos < text.size() && !k_special[static_cast<unsigned char>(text[pos])]) ++pos;
            m_out.html.append(text, start, pos - start);
            if (pos < text.size()) append_special(text, pos, where);
        }
    }

    void read_markup() {
        Tag tag;
        switch (scan_markup(m_html, m_pos, tag, &m_attributes)) {
        case Markup::text: append_text(m_html.substr(m_pos++, 1), References::in_text); break;
        case Markup::tag: use(tag, element_of(tag.name)); break;
        case Markup::nothing: break;
        }
    }

    void use(const Tag& tag, Element element) {
        const auto handling = handling_of(element);
        if (handling == Handling::unwrapped) return;
        if (handling != Handling::keep) {
            if (!tag.closing && !(tag.self_closing && (handling == Handling::removed || m_is_xml)))
                skip(tag, element, handling);
            return;
        }
        if (!is_element_name(tag.name)) return;
        tag.closing ? close(tag, element) : open(tag, element);
        if (m_is_xml && tag.self_closing && !tag.closing)
            close(tag, element);
        else if (element == Element::e_title && !tag.closing)
            read_title();
    }

    void skip(const Tag& tag, Element element, Handling handling) {
        auto& is_absent = m_end_is_absent[static_cast<std::size_t>(element)];
        const auto end = is_absent ? m_html.npos : find_end_tag(m_html, m_pos, tag.name);
        is_absent = end == m_html.npos; // Looked for once only.
        if (is_absent && handling == Handling::removed) return;
        if (holds_text(element)) { // Asked of the raw text first: most of them are small and hold none.
            const auto content = m_html.substr(m_pos, end - m_pos);
            if (has_indicator(content) && has_indicator(html_to_text(content))) return;
        }
        if (element == Element::e_script && is_json_ld()) {
            constexpr std::size_t k_max_scripts = 64;
            if (m_out.json_ld.size() < k_max_scripts)
                m_out.json_ld.push_back(m_html.substr(m_pos, std::min(end, m_html.size()) - m_pos));
        }
        if ((m_pos = std::min(end, m_html.size())) < m_html.size())
            m_pos = std::min(m_html.find('>', m_pos), m_html.size() - 1) + 1;
        // The words before and after stay apart only where they stood apart.
        if (element != Element::e_script && element != Element::e_style) m_out.html += ' ';
    }

    bool is_json_ld() const {
        return std::ranges::any_of(m_attributes, [](const RawAttribute& a) {
            return iequals(a.name, "type") && istarts_with(trim(a.value), "application/ld+json");
        });
    }

    // Tags mean nothing in a title.
    void read_title() {
        constexpr std::size_t k_max_title = 4096;
        constexpr int k_max_titles = 16; // Drawings have titles too.
        if (++m_titles > k_max_titles) return;
        const auto end =
            find_end_tag(m_html.substr(0, std::min(m_html.size(), m_pos + k_max_title)), m_pos, "title");
        if (end == m_html.npos) return;
        append_text(m_html.substr(m_pos, end - m_pos), References::in_text);
        m_pos = end;
    }

    // The parser ends a head whose end tag is missing at elements of HTML 4 only: an <article> stayed in it.
    void begin_body_at(Element element) {
        if (is_of_head(element)) {
            m_is_in_head |= !m_is_in_body && element != Element::e_html;
            return;
        }
        if (m_is_in_head && element != Element::e_body) m_out.html += "</head><body>";
        m_is_in_head = false, m_is_in_body = true;
    }

    void open(const Tag& tag, Element element) {
        if (m_tags >= m_limits.tags) return warn("more tags than the limit: the rest is read as plain text");
        const bool counts = !is_void(element) && !is_closed_by_others(element);
        if (counts && m_depth >= m_limits.depth)
            return warn("elements are nested too deep: the inner ones are read as plain text");
        begin_body_at(element);
        ++m_tags;
        m_depth += counts ? 1 : 0;
        ++m_open[static_cast<std::size_t>(element)];
        m_out.html += '<';
        m_out.html += tag.name;
        int kept = 0;
        for (const auto& [name, value] : m_attributes) {
            if (kept >= m_limits.attributes) break;
            if (value.size() > m_limits.attribute_bytes || is_dropped_attribute(name, value) ||
                !is_attribute_name(name))
                continue;
            ++kept;
            m_out.html += ' ';
            m_out.html += name;
            m_out.html += "=\"";
            append_text(value, References::in_attribute);
            m_out.html += '"';
        }
        m_out.html += '>';
    }

    void close(const Tag& tag, Element element) {
        auto& open = m_open[static_cast<std::size_t>(element)];
        if (open == 0 || is_void(element)) {
            if (element == Element::e_br) m_out.html += "<br>"; // </br> is a <br>.
            return;
        }
        --open;
        if (element == Element::e_head) m_is_in_head = false;
        if (!is_closed_by_others(element)) m_depth = std::max(0, m_depth - 1);
        m_out.html += "</";
        m_out.html += tag.name;
        m_out.html += '>';
    }

    void warn(const char* what) { m_out.warning = what; }

    std::string_view m_html;
    const Limits& m_limits;
    bool m_is_xml; // "<a/>" is an element without content
    bool m_is_in_head = false, m_is_in_body = false;
    Prepared m_out;
    std::size_t m_pos = 0;
    std::vector<RawAttribute> m_attributes;
    std::string m_decoded;
    std::array<int, static_cast<std::size_t>(Element::count)> m_open{};
    std::array<bool, static_cast<std::size_t>(Element::count)> m_end_is_absent{};
    int m_tags = 0, m_depth = 0, m_titles = 0;
};
}

Prepared prepare(std::string_view html, const Limits& limits) { return Preparer(html, limits).run(); }
}
