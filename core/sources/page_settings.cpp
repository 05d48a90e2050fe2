#include "core/sources/page_settings.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

namespace cti::sources {
namespace {
constexpr int k_max_depth = 64; // of a config that is read
constexpr std::size_t k_max_texts = 100, k_max_text_bytes = 4096;
constexpr long k_max_characters = 1'000'000, k_max_pages = 10'000, k_max_listing_pages = 50;

const nlohmann::json* find(const nlohmann::json* object, const char* key) {
    if (object == nullptr || !object->is_object()) return nullptr;
    const auto found = object->find(key);
    return found == object->end() ? nullptr : &*found;
}

std::string text(const nlohmann::json* value) {
    if (value == nullptr || !value->is_string()) return {};
    const auto read = trim(value->get_ref<const std::string&>());
    return read.size() <= k_max_text_bytes ? std::string(read) : std::string();
}

// A list of texts; a single one counts as a list of it.
std::vector<std::string> texts(const nlohmann::json* value) {
    std::vector<std::string> out;
    const auto add = [&](const nlohmann::json& one) {
        if (auto read = text(&one); !read.empty() && out.size() < k_max_texts) out.push_back(std::move(read));
    };
    if (value != nullptr && value->is_array())
        std::ranges::for_each(*value, add);
    else if (value != nullptr)
        add(*value);
    return out;
}

std::optional<long> whole_number(const nlohmann::json* value, long most) {
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto read = value->get<double>();
    if (!(read >= 0)) return std::nullopt;
    return static_cast<long>(std::min(read, static_cast<double>(most)));
}

// The web service takes the word for the flag.
bool is_true(const nlohmann::json* value) {
    if (value == nullptr) return false;
    return value->is_boolean() ? value->get<bool>() : iequals(text(value), "true");
}

void read_strategy(const nlohmann::json& strategy, PageSettings& settings) {
    if (const auto* listing = find(&strategy, "listing")) {
        ListingStrategy read{texts(find(listing, "urls")), text(find(listing, "post_link_selector")),
                             text(find(listing, "next_selector"))};
        if (const auto most = whole_number(find(listing, "max_pages"), k_max_listing_pages);
            most && *most > 0)
            read.max_pages = static_cast<int>(*most);
        if (!read.urls.empty() && settings.listings.size() < k_max_texts)
            settings.listings.push_back(std::move(read));
    }
    if (const auto* sitemap = find(&strategy, "sitemap")) {
        SitemapStrategy read{texts(find(sitemap, "urls")), texts(find(sitemap, "url_patterns"))};
        if (!read.urls.empty() && settings.sitemaps.size() < k_max_texts)
            settings.sitemaps.push_back(std::move(read));
    }
}
}

namespace {
// A list for the whole entry, or a mapping of lists for its fields.
FieldPatterns read_patterns(const nlohmann::json* value) {
    constexpr std::array names{"title", "categories", "authors", "text"};
    FieldPatterns patterns;
    if (value == nullptr) return patterns;
    if (!value->is_object()) {
        patterns[static_cast<std::size_t>(EntryField::any)] = texts(value);
        return patterns;
    }
    for (std::size_t i = 0; i < names.size(); ++i) patterns[i] = texts(find(value, names[i]));
    return patterns;
}

EntryRules read_entry_rules(const nlohmann::json* config) {
    EntryRules rules;
    const auto* const filter = find(config, "filter");
    rules.include = read_patterns(find(filter, "include"));
    rules.exclude = read_patterns(find(filter, "exclude"));
    rules.title_words = texts(find(config, "title_filter_keywords"));
    if (const auto least = whole_number(find(config, "min_word_count"), k_max_characters))
        rules.min_words = static_cast<int>(*least);
    return rules;
}
}

std::string read_kind(std::string_view config_json) {
    if (config_json.find("\"kind\"") == config_json.npos || is_nested_deeper(config_json, k_max_depth))
        return {};
    const auto config = nlohmann::json::parse(config_json, nullptr, false);
    return text(find(&config, "kind"));
}

PageSettings read_page_settings(std::string_view config_json) {
    PageSettings settings;
    if (is_nested_deeper(config_json, k_max_depth)) return settings;
    const auto parsed = nlohmann::json::parse(config_json, nullptr, false);
    const auto* const config = &parsed;
    settings.feed_only = is_true(find(config, "rss_only"));
    if (const auto least = whole_number(find(config, "min_content_length"), k_max_characters))
        settings.min_characters = static_cast<std::size_t>(*least);
    if (const auto most = whole_number(find(find(config, "fetch"), "max_pages"), k_max_pages))
        settings.max_new_pages = static_cast<int>(*most);

    const auto* const extract = find(config, "extract");
    settings.title_selectors = texts(find(extract, "title_selectors"));
    settings.body_selectors = texts(find(extract, "body_selectors"));
    settings.author_selectors = texts(find(extract, "author_selectors"));
    settings.date_selectors = texts(find(extract, "date_selectors"));
    // What the web service writes for "nothing was said".
    if (auto own = text(find(config, "content_selector")); !own.empty() && own != "article")
        settings.body_selectors.insert(settings.body_selectors.begin(), std::move(own));

    settings.entries = read_entry_rules(config);
    settings.allow = texts(find(config, "allow"));
    settings.post_url_regex = texts(find(config, "post_url_regex"));
    if (const auto* strategies = find(find(config, "discovery"), "strategies");
        strategies != nullptr && strategies->is_array())
        for (const auto& strategy : *strategies) read_strategy(strategy, settings);
    const auto* const wp = find(config, "wp_json");
    settings.wp_endpoints = texts(find(wp, "endpoints"));
    settings.wp_url_fields = texts(find(wp, "url_field_priority"));
    return settings;
}
}
