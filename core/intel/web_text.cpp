#include "core/intel/web_text.hpp"

#include "core/base/byte_runs.hpp"
#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/intel/python_text.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
// Drops scripts, styles, templates, comments and tags, decodes references, and hands the rest on:
// sink.text(code point), sink.plain(words of visible ASCII, a space between two), sink.tag(starts with the
// name after '<').
template <class Sink>
class Stripper {
public:
    Stripper(std::string_view in, Sink& sink) : m_in(in), m_sink(sink) {}

    void run() {
        while (m_pos < m_in.size()) {
            if (m_in[m_pos] == '<' && skip_markup()) continue;
            if (m_in[m_pos] == '&') {
                m_decoded.clear();
                append_reference(m_decoded, m_in, m_pos);
                for (std::size_t i = 0; i < m_decoded.size();) m_sink.text(next_code_point(m_decoded, i));
            } else if (const auto end = skip_plain(); end > m_pos) {
                m_sink.plain(m_in.substr(m_pos, end - m_pos));
                m_pos = end;
            } else {
                m_sink.text(read_code_point(m_in, m_pos));
            }
        }
    }

private:
    // Most of a text: visible ASCII that is no markup.
    static constexpr auto is_plain = [](unsigned char c) {
        return static_cast<bool>((c > ' ') & (c < 0x7F) & (c != '<') & (c != '&'));
    };
    std::size_t skip_plain() const {
        return is_plain(static_cast<unsigned char>(m_in[m_pos])) ? skip_words(m_in, m_pos, is_plain) : m_pos;
    }

    char at(std::size_t pos) const { return pos < m_in.size() ? m_in[pos] : '\0'; }

    void skip_behind(std::string_view end) {
        const auto found = m_in.find(end, m_pos);
        m_pos = found == m_in.npos ? m_in.size() : found + end.size();
    }

    void skip_tag() {
        while (m_pos < m_in.size() && m_in[m_pos] != '>') {
            const char c = m_in[m_pos++];
            if (c != '=' || (at(m_pos) != '"' && at(m_pos) != '\'')) continue;
            const char quote[] = {m_in[m_pos++], '\0'};
            skip_behind(quote);
        }
        m_pos = std::min(m_pos + 1, m_in.size());
    }

    // Moves past the end tag of `name`, or to the end.
    void skip_element(std::string_view name) {
        while (m_pos < m_in.size()) {
            skip_behind("</");
            if (iequals(m_in.substr(m_pos, name.size()), name)) return skip_behind(">");
        }
    }

    // False where the '<' is text.
    bool skip_markup() {
        const auto start = m_pos + 1;
        if (m_in.substr(start, 3) == "!--") {
            skip_behind("-->");
        } else if (at(start) == '!' || at(start) == '?') {
            skip_behind(">");
        } else if (is_ascii_alpha(at(start) == '/' ? at(start + 1) : at(start))) {
            skip_tag();
            for (const std::string_view name : {"script", "style", "template"}) {
                if (is_element(start, name)) skip_element(name);
            }
        } else {
            return false;
        }
        m_sink.tag(m_in.substr(start));
        return true;
    }

    bool is_element(std::size_t start, std::string_view name) const {
        return istarts_with(m_in.substr(start), name) && !is_ascii_alpha(at(start + name.size()));
    }

    std::string_view m_in;
    Sink& m_sink;
    std::size_t m_pos = 0;
    std::string m_decoded;
};

class Text2025 {
public:
    void text(char32_t c) {
        if (is_python_space(c)) {
            m_gap = !out.empty();
            return;
        }
        if (m_gap) out += ' ';
        m_gap = false;
        append_utf8(out, c);
    }
    void plain(std::string_view text) {
        if (m_gap) out += ' ';
        m_gap = false;
        out += text;
    }
    void tag(std::string_view) {}

    std::string out;

private:
    bool m_gap = false;
};

class Text2026 {
public:
    // White space is folded first, then characters are dropped: what stood around a dropped one stays apart.
    void text(char32_t c) {
        if (c == '\n') {
            ++m_lines;
        } else if (is_python_space(c)) {
            m_space = true;
        } else {
            write_gap();
            if (c < 0x80) {
                if (c < 0x20 || c == 0x7F) return;
                out += static_cast<char>(c);
                m_replaced = false;
            } else if (c < 0x10000 && c != k_replacement_character && !is_unprintable(c)) {
                if (!m_replaced) out += ' ';
                m_replaced = true;
            }
        }
    }

    void plain(std::string_view text) {
        write_gap();
        out += text;
        m_replaced = false;
    }

    // A line end after each <br> and each end of a block.
    void tag(std::string_view tag) {
        m_space = true;
        const bool closing = tag.starts_with('/');
        const auto name = tag.substr(closing ? 1 : 0);
        const auto is = [&](std::string_view wanted) {
            return istarts_with(name, wanted) &&
                   (name.size() == wanted.size() || !is_name(name[wanted.size()]));
        };
        if (!closing) {
            if (is("br")) ++m_lines;
        } else if (is("p") || is("div") || is("li") ||
                   (ascii_lower(name[0]) == 'h' && name.size() > 1 && name[1] >= '1' && name[1] <= '6')) {
            ++m_lines;
        }
    }

    std::string out;

private:
    static bool is_name(char c) { return is_ascii_alpha(c) || is_ascii_digit(c); }

    void write_gap() {
        if (m_started && (m_lines > 0 || m_space)) {
            out.append(m_lines > 0 ? std::min(m_lines, 2) : 1, m_lines > 0 ? '\n' : ' ');
            m_replaced = false;
        }
        m_started = true;
        m_lines = 0;
        m_space = false;
    }

    int m_lines = 0;
    bool m_space = false;
    bool m_started = false;
    bool m_replaced = false; // The last character stands for a run of non-ASCII.
};

template <class Sink>
std::string strip(std::string_view content) {
    Sink sink;
    sink.out.reserve(content.size());
    Stripper<Sink>(content, sink).run();
    return std::move(sink.out);
}
}

std::string web_text_2025(std::string_view content) { return strip<Text2025>(content); }
std::string web_text_2026(std::string_view content) { return strip<Text2026>(content); }
}
