#include "core/page/html/html_text.hpp"

#include "core/base/text.hpp"
#include "core/page/html/tag_scanner.hpp"
#include "core/page/html/text_flow.hpp"

#include <algorithm>

namespace cti::page {
namespace {
// Leaves out what is hidden, hands the rest to the flow.
class Reader {
public:
    explicit Reader(std::string_view html) : m_html(html), m_flow(html.size()) {}

    std::string read() {
        while (m_pos < m_html.size()) {
            const auto next = std::min(m_html.find('<', m_pos), m_html.size());
            append(m_html.substr(m_pos, next - m_pos));
            if ((m_pos = next) < m_html.size()) read_markup();
        }
        return m_flow.finish();
    }

private:
    void append(std::string_view text) {
        if (m_hidden_depth == 0 && !text.empty()) m_flow.append(text);
    }

    void read_markup() {
        Tag tag;
        switch (scan_markup(m_html, m_pos, tag)) {
        case Markup::text: append(m_html.substr(m_pos++, 1)); break;
        case Markup::tag: use(tag, kind_of(tag.name)); break;
        case Markup::nothing: break;
        }
    }

    void use(const Tag& tag, Kind kind) {
        // XHTML content holds <script src="…"/>, which a browser's HTML parser would not take for closed.
        if (kind == Kind::raw && !tag.closing && !tag.self_closing)
            return skip_raw_text(m_html, m_pos, tag.name);
        if (m_hidden_depth > 0) return count_hidden(tag, kind);
        if (tag.closing) return close(tag, kind);
        if ((tag.hidden || kind == Kind::dropped) && !tag.self_closing && !has_no_end_tag(kind, tag.name))
            return hide(tag, kind);
        if (kind == Kind::image) return m_flow.add_image(tag.hidden ? std::string_view{} : tag.alt);
        m_flow.open(kind);
    }

    void close(const Tag& tag, Kind kind) {
        if (kind == Kind::line_break || !has_no_end_tag(kind, tag.name))
            m_flow.close(kind); // </br> is a <br>.
    }

    void hide(const Tag& tag, Kind kind) {
        m_flow.open(kind);
        m_hidden_name = tag.name;
        m_hidden_kind = kind;
        m_hidden_depth = 1;
    }

    // Elements of the same name may nest in the hidden one; a paragraph ends where the next starts.
    void count_hidden(const Tag& tag, Kind kind) {
        if (!iequals(tag.name, m_hidden_name)) return;
        if (!tag.closing && !tag.self_closing && !iequals(tag.name, "p")) {
            ++m_hidden_depth;
        } else if (!tag.self_closing && --m_hidden_depth == 0) {
            m_flow.close(m_hidden_kind);
            if (!tag.closing) use(tag, kind);
        }
    }

    std::string_view m_html;
    std::size_t m_pos = 0;
    TextFlow m_flow;
    std::string_view m_hidden_name;
    Kind m_hidden_kind = Kind::inlined;
    int m_hidden_depth = 0;
};

// Feeds that wrap twice: the section marks are part of the text that they gave.
std::string_view without_cdata(std::string_view html) {
    constexpr std::string_view start = "<![CDATA[", end = "]]>";
    const auto inner = trim(html);
    if (!inner.starts_with(start)) return html;
    html = inner.substr(start.size());
    return html.ends_with(end) ? html.substr(0, html.size() - end.size()) : html;
}
}

std::string html_to_text(std::string_view html) {
    html = without_cdata(html);
    if (html.find('\0') == html.npos && is_valid_utf8(html)) return Reader(html).read();
    const auto repaired = repair_utf8(html);
    return Reader(repaired).read();
}
}
