#include "core/collect/identity.hpp"

#include "core/base/hash.hpp"
#include "core/base/stable_address.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <unordered_map>

namespace cti::collect {
namespace {

constexpr std::size_t k_key_digits = 32;

std::string key_of(std::string_view kind, std::string_view text) {
    return sha256_hex(fmt::format("{}\n{}", kind, text)).substr(0, k_key_digits);
}

std::string content_key(const feed::Entry& entry) {
    return key_of("content", fmt::format("{}\n{}\n{}", entry.title, entry.summary, entry.content));
}
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
