#include "core/monitor/page_html.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <fmt/format.h>

namespace cti::monitor {
namespace {
constexpr std::size_t k_max_link_bytes = 2000;
}

std::string safe_html(std::string_view text, std::size_t max_characters) {
    return escape_html(printable(head_code_points(text, max_characters)));
}

std::string time_html(const std::optional<Time>& time, Time now) {
    if (!time) return "–";
    return fmt::format("<time datetime=\"{}\">{}</time>", format_rfc3339(*time), format_relative(*time, now));
}

// An address that had to be cut would lead elsewhere.
std::string link_html(std::string_view url, const std::string& html) {
    if (!is_http_url(url) || url.size() > k_max_link_bytes) return html;
    return fmt::format("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>",
                       safe_html(without_userinfo(url), k_max_link_bytes), html);
}
}
