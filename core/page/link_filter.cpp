#include "core/page/link_filter.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <re2/re2.h>

namespace cti::page {
namespace {
// Real configurations escape once too often: "\\." in YAML's plain style stays two backslashes.
std::string with_single_escapes(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && pattern.substr(i).starts_with("\\\\") && i + 2 < pattern.size() &&
            !is_ascii_space(pattern[i + 2]))
            ++i;
        out += pattern[i];
    }
    return out;
}
}

LinkFilter::LinkFilter(std::vector<std::string> allow, const std::vector<std::string>& patterns)
    : m_allow(std::move(allow)) {
    for (auto& host : m_allow) host = ascii_lower(host);
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    for (const auto& pattern : patterns) {
        auto compiled = std::make_shared<const RE2>(with_single_escapes(pattern), options);
        if (compiled->ok())
            m_patterns.push_back(std::move(compiled));
        else
            m_warnings.push_back(fmt::format("post_url_regex '{}' is left out: {}", printable(pattern),
                                             printable(compiled->error())));
    }
}

std::string_view LinkFilter::refusal(std::string_view url) const {
    const auto parts = split_url(url);
    const auto host = ascii_lower(parts.host) + (parts.port.empty() ? "" : fmt::format(":{}", parts.port));
    if (!m_allow.empty() && std::ranges::none_of(m_allow, [&](const std::string& part) {
            return host.find(part) != std::string::npos;
        }))
        return "not_allowed";
    const re2::StringPiece text(url.data(), url.size()); // On Debian 13 not the standard's string_view.
    const auto matches = [&](const auto& pattern) {
        return pattern->Match(text, 0, text.size(), RE2::ANCHOR_START, nullptr, 0);
    };
    return m_patterns.empty() || std::ranges::any_of(m_patterns, matches) ? "" : "url_regex";
}
}
