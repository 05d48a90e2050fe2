#include "core/base/stable_address.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti {
namespace {
// What newsletters, advertisers and feed services hang onto a link. Names only that mean nothing else.
bool is_tracking(std::string_view name) {
    constexpr std::array prefixes{"utm_", "mc_", "pk_", "piwik_", "mtm_", "hsa_", "_hs", "oly_", "vero_"};
    constexpr std::array names{"fbclid",     "gclid",  "dclid", "gbraid",  "wbraid", "msclkid", "yclid",
                               "twclid",     "igshid", "icid",  "mkt_tok", "trk",    "cmpid",   "ncid",
                               "guccounter", "_ga",    "_gl",   "spm",     "rss",    "feed",    "ref_src"};
    return std::ranges::any_of(prefixes, [&](const char* prefix) { return istarts_with(name, prefix); }) ||
           std::ranges::any_of(names, [&](const char* known) { return iequals(name, known); });
}

std::string without_tracking(std::string_view query) {
    std::string out;
    for (const auto part : split(query, '&')) {
        if (part.empty() || is_tracking(part.substr(0, part.find('=')))) continue;
        if (!out.empty()) out += '&';
        out += part;
    }
    return out;
}

std::string stable_host(std::string_view host) {
    auto out = ascii_lower(host);
    for (const char* prefix : {"www.", "m.", "amp."}) {
        const auto rest = out.size() - std::min(out.size(), std::string_view(prefix).size());
        // "m.de" is a name of its own.
        if (out.starts_with(prefix) && out.find('.', out.size() - rest) != std::string::npos)
            return out.substr(out.size() - rest);
    }
    return out;
}
}

std::string stable_address(std::string_view url) {
    const auto parts = split_url(url);
    auto path = parts.path;
    while (path.ends_with('/')) path.remove_suffix(1);
    const bool usual_port = parts.port.empty() || parts.port == "80" || parts.port == "443";
    auto out = stable_host(parts.host) + (usual_port ? "" : fmt::format(":{}", parts.port));
    out += path;
    if (const auto query = without_tracking(parts.query); !query.empty()) out += "?" + query;
    return out;
}
}
