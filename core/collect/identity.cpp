#include "core/collect/identity.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <unordered_map>

namespace cti::collect {
namespace {

constexpr std::size_t k_key_digits = 32;

std::string key_of(std::string_view kind, std::string_view text) {
    return sha256_hex(fmt::format("{}\n{}", kind, text)).substr(0, k_key_digits);
}

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

std::string content_key(const feed::Entry& entry) {
    return key_of("content", fmt::format("{}\n{}\n{}", entry.title, entry.summary, entry.content));
}
}

namespace {
constexpr std::string_view k_pending = "page:";
}

std::string pending_key(int tries) { return fmt::format("{}{}", k_pending, tries); }

int tries_of(std::string_view content_key) {
    if (!content_key.starts_with(k_pending)) return 0;
    int tries = 0;
    content_key.remove_prefix(k_pending.size());
    std::from_chars(content_key.data(), content_key.data() + content_key.size(), tries);
    return std::clamp(tries, 0, 1000);
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

std::vector<EntryKeys> keys_of(const feed::Feed& feed) {
    std::unordered_map<std::string_view, int> times;
    for (const auto& entry : feed.entries) ++times[entry.id];
    std::vector<EntryKeys> keys;
    keys.reserve(feed.entries.size());
    for (const auto& entry : feed.entries) {
        EntryKeys one;
        one.content = content_key(entry);
        if (!entry.link.empty()) one.link = key_of("link", stable_address(entry.link));
        if (entry.id.empty()) {
            one.entry = one.link.empty() ? key_of("text", one.content) : one.link;
        } else {
            const bool shared = times[entry.id] > 1;
            one.entry = key_of(
                "id", shared ? fmt::format("{}\n{}", entry.id,
                                           entry.link.empty() ? one.content : stable_address(entry.link))
                             : entry.id);
        }
        keys.push_back(std::move(one));
    }
    return keys;
}
}
