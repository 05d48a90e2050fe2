#include "core/intel/plain_ascii.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/intel/python_text.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
class Cleaner {
public:
    explicit Cleaner(std::string_view content) : m_in(content) { m_out.reserve(content.size()); }

    std::string clean() {
        while (m_pos < m_in.size()) {
            if (m_in[m_pos] == '<' && skip_markup()) {
                m_gap = true;
            } else if (m_in[m_pos] == '&') {
                add_reference();
            } else {
                add(next_code_point(m_in, m_pos));
            }
        }
        return std::move(m_out);
    }

private:
    void add(char32_t c) {
        if (is_python_space(c)) {
            m_gap = true;
        } else if (c < 0x80) {
            if (c < 0x20 || c == 0x7F) return;
            if (m_gap && !m_out.empty()) m_out += ' ';
            m_gap = false;
            m_out += ascii_lower(static_cast<char>(c));
        } else if (c < 0x10000 && c != k_replacement_character && !is_unprintable(c)) {
            m_gap = true;
        }
    }

    char at(std::size_t pos) const { return pos < m_in.size() ? m_in[pos] : '\0'; }

    void add_reference() {
        std::string decoded;
        append_reference(decoded, m_in, m_pos);
        for (std::size_t i = 0; i < decoded.size();) add(next_code_point(decoded, i));
    }

    void skip_behind(std::string_view end) {
        const auto found = m_in.find(end, m_pos);
        m_pos = found == m_in.npos ? m_in.size() : found + end.size();
    }

    void skip_tag() {
        while (m_pos < m_in.size() && m_in[m_pos] != '>') {
            const char c = m_in[m_pos++];
            if (c == '=' && m_pos < m_in.size() && (m_in[m_pos] == '"' || m_in[m_pos] == '\'')) {
                const char quote[] = {m_in[m_pos++], '\0'};
                skip_behind(quote);
            }
        }
        m_pos = std::min(m_pos + 1, m_in.size());
    }

    // Moves behind the end tag of `name`, or to the end.
    void skip_element(std::string_view name) {
        while (m_pos < m_in.size()) {
            skip_behind("</");
            if (iequals(m_in.substr(m_pos, name.size()), name)) return skip_behind(">");
        }
    }

    // False where the '<' is text.
    bool skip_markup() {
        const auto start = m_pos + 1;
        const auto next = m_in.substr(start);
        if (next.starts_with("!--")) {
            skip_behind("-->");
        } else if (next.starts_with('!') || next.starts_with('?')) {
            skip_behind(">");
        } else if (is_ascii_alpha(at(start) == '/' ? at(start + 1) : at(start))) {
            skip_tag();
            for (const std::string_view name : {"script", "style", "template"}) {
                if (istarts_with(next, name) && !is_ascii_alpha(at(start + name.size()))) skip_element(name);
            }
        } else {
            return false;
        }
        return true;
    }

    std::string_view m_in;
    std::size_t m_pos = 0;
    std::string m_out;
    bool m_gap = false;
};
}

std::string plain_ascii(std::string_view content) { return Cleaner(content).clean(); }
}
