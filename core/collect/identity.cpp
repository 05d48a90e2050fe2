#include "core/collect/identity.hpp"

#include "core/base/hash.hpp"
#include "core/base/stable_address.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace cti::collect {
namespace {

constexpr std::size_t k_key_digits = 32;

std::string key_of(std::string_view kind, std::string_view text) {
    return sha256_hex(fmt::format("{}\n{}", kind, text)).substr(0, k_key_digits);
}

// A link that names its own place in a page is no other entry's.
std::string shared_address(const std::string& link) {
    return fmt::format("{}#{}", stable_address(link), split_url(link).fragment);
}

// More than the link once more, in whatever spelling.
bool has_own_id(const feed::Entry& entry) {
    if (entry.id.empty() || entry.id == entry.link) return false;
    return !is_http_url(entry.id) || !split_url(entry.id).fragment.empty() ||
           stable_address(entry.id) != stable_address(entry.link);
}

std::string fragment_of(const std::string& id) {
    constexpr std::size_t k_max_fragment = 100;
    constexpr std::string_view plain = "-._~:@!$'()*+,;=/?%";
    if (const auto own = split_url(id).fragment;
        is_http_url(id) && !own.empty() && own.size() <= k_max_fragment)
        return std::string(own);
    std::string out;
    for (const char c : id)
        if (is_ascii_alpha(c) || is_ascii_digit(c) || plain.find(c) != plain.npos)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    return out.size() <= k_max_fragment ? out : key_of("fragment", id);
}

// "" where the feed gives none.
std::string date_key(const std::string& link, const feed::Entry& entry) {
    const auto date = entry.published ? entry.published : entry.updated;
    return date ? key_of(link, format_rfc3339(*date)) : std::string();
}
}

std::string content_key_of(const feed::Entry& entry) {
    return key_of("content", fmt::format("{}\n{}\n{}", entry.title, entry.summary, entry.content));
}

std::string separate_link_key(const feed::Entry& entry) { return key_of("link", shared_address(entry.link)); }

EntryKeys keys_of_article(const std::string& url) {
    const bool has_fragment = !split_url(url).fragment.empty();
    return {key_of("import", url), key_of("link", has_fragment ? shared_address(url) : stable_address(url)),
            content_key_of({})};
}

bool separate_link(feed::Entry& entry) {
    if (!has_own_id(entry)) return false;
    entry.link = fmt::format("{}#{}", entry.link.substr(0, entry.link.find('#')), fragment_of(entry.id));
    return true;
}

std::vector<bool> separate_shared_links(feed::Feed& feed) {
    std::vector<bool> is_shared(feed.entries.size(), false);
    std::unordered_map<std::string, int> links, titles, texts, dates, ids;
    std::vector<std::string> link_of, title_of, text_of, date_of;
    for (const auto& entry : feed.entries) {
        link_of.push_back(is_http_url(entry.link) ? shared_address(entry.link) : std::string());
        ++links[link_of.back()];
    }
    // Of most feeds no two entries share a link: their texts need not be hashed.
    const auto has_company = [&](const auto& link) { return !link.first.empty() && link.second > 1; };
    if (std::ranges::none_of(links, has_company)) return is_shared;
    for (std::size_t i = 0; i < feed.entries.size(); ++i) {
        const auto& entry = feed.entries[i];
        title_of.push_back(key_of(link_of[i], entry.title));
        text_of.push_back(key_of(link_of[i], entry.summary + '\n' + entry.content));
        date_of.push_back(date_key(link_of[i], entry));
        ++titles[title_of.back()], ++texts[text_of.back()], ++dates[date_of.back()], ++ids[entry.id];
    }
    for (std::size_t i = 0; i < feed.entries.size(); ++i) {
        auto& entry = feed.entries[i];
        const bool has_own_date = !date_of[i].empty() && dates[date_of[i]] == 1;
        const bool is_own =
            ids[entry.id] == 1 && texts[text_of[i]] == 1 && (titles[title_of[i]] == 1 || has_own_date);
        if (!link_of[i].empty() && links[link_of[i]] > 1 && is_own) is_shared[i] = separate_link(entry);
    }
    return is_shared;
}

std::vector<EntryKeys> keys_of(const feed::Feed& feed, const std::vector<bool>& is_shared) {
    std::unordered_map<std::string_view, int> times;
    for (const auto& entry : feed.entries) ++times[entry.id];
    std::vector<EntryKeys> keys;
    keys.reserve(feed.entries.size());
    for (const auto& entry : feed.entries) {
        EntryKeys one;
        one.content = content_key_of(entry);
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
        if (!is_shared.empty() && is_shared.at(keys.size())) one.link = separate_link_key(entry);
        keys.push_back(std::move(one));
    }
    return keys;
}
}
