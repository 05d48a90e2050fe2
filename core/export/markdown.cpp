#include "core/export/markdown.hpp"

#include "core/base/html.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::exporter {

std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\`*_{}[]()<>#|~!&$^=").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string markdown_paragraph(std::string_view text) {
    auto out = escape_markdown(text);
    const auto digits = std::min(out.find_first_not_of("0123456789"), out.size());
    if (out.starts_with('-') || out.starts_with('+') || (digits < out.size() && out[digits] == '.'))
        out.insert(digits, "\\");
    return out;
}

std::string markdown_code(std::string_view text) {
    std::size_t longest = 0, run = 0;
    for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
    const std::string fence(longest + 1, '`');
    const std::string_view pad = longest > 0 ? " " : "";
    return fmt::format("{}{}{}{}{}", fence, pad, text, pad, fence);
}

std::string markdown_link_target(std::string_view link) {
    std::string out;
    for (const char c : escape_html(link)) {
        if (c == '(' || c == ')')
            out += c == '(' ? "%28" : "%29";
        else
            out += c;
    }
    return out;
}
}
