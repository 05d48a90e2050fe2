#include "core/sources/config_review.hpp"

#include "core/base/text.hpp"
#include "core/model/source_config.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <re2/re2.h>
#include <span>

namespace cti::sources {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t k_max_notes = 100; // of one source

enum class Holds { anything, flag, number, text, texts, mapping, patterns, idle };

struct Key {
    std::string_view scope, name;
    Holds holds = Holds::anything;
    std::string_view why{}; // an idle one does nothing
};

// Those that `check_config` refuses with another type hold anything here.
constexpr std::array k_keys{
    Key{"", "kind", Holds::text},
    Key{"", "allow"},
    Key{"", "post_url_regex", Holds::patterns},
    Key{"", "content_selector"},
    Key{"", "discovery"},
    Key{"", "extract"},
    Key{"", "robots", Holds::mapping},
    Key{"", "fetch", Holds::mapping},
    Key{"", "wp_json", Holds::mapping},
    Key{"", "filter", Holds::mapping},
    Key{"", "rss_only"},
    Key{"", "min_content_length", Holds::number},
    Key{"", "min_word_count", Holds::number},
    Key{"", "title_filter_keywords", Holds::texts},
    Key{"", "use_playwright", Holds::idle, "no browser is run"},
    Key{"", "playwright_profile", Holds::idle, "no browser is run"},
    Key{"", "archive_pages", Holds::idle, "name the archive's pages as a listing in 'discovery'"},
    Key{"", "archive_url_pattern", Holds::idle, "name the archive's pages as a listing in 'discovery'"},
    Key{"", "max_archive_pages", Holds::idle, "name the archive's pages as a listing in 'discovery'"},
    Key{"", "image_ocr_enabled"}, // the web service's operators own it
    Key{"", "collection_days", Holds::idle, "'lookback_days' of the source says how far back"},
    Key{"", "categories", Holds::idle, "'filter' chooses by category"},
    Key{"robots", "enabled", Holds::flag},
    Key{"robots", "user_agent", Holds::text}, // stands in every source of the web service's own file
    Key{"robots", "respect_delay", Holds::flag},
    Key{"robots", "crawl_delay", Holds::number},
    Key{"robots", "max_requests_per_minute", Holds::number},
    Key{"fetch", "timeout", Holds::number},
    Key{"fetch", "max_mib", Holds::number},
    Key{"fetch", "max_pages", Holds::number},
    Key{"fetch", "allow_private", Holds::flag},
    Key{"fetch", "user_agent", Holds::text},
    Key{"fetch", "ca_file", Holds::text},
    Key{"fetch", "proxy", Holds::text},
    Key{"fetch", "auth", Holds::text},
    Key{"fetch", "headers", Holds::idle, "they stand in the file of secrets, in the entry that 'auth' names"},
    Key{"wp_json", "endpoints", Holds::texts},
    Key{"wp_json", "url_field_priority", Holds::texts},
    Key{"extract", "prefer_jsonld", Holds::flag},
    Key{"extract", "title_selectors", Holds::texts},
    Key{"extract", "date_selectors", Holds::texts},
    Key{"extract", "body_selectors", Holds::texts},
    Key{"extract", "author_selectors", Holds::texts},
    Key{"discovery", "strategies"},
    Key{"discovery.strategies.*", "listing", Holds::mapping},
    Key{"discovery.strategies.*", "sitemap", Holds::mapping},
    Key{"discovery.strategies.*.listing", "urls", Holds::texts},
    Key{"discovery.strategies.*.listing", "post_link_selector", Holds::text},
    Key{"discovery.strategies.*.listing", "next_selector", Holds::text},
    Key{"discovery.strategies.*.listing", "max_pages", Holds::number},
    Key{"discovery.strategies.*.sitemap", "urls", Holds::texts},
    Key{"discovery.strategies.*.sitemap", "url_patterns", Holds::patterns},
    Key{"filter", "include"},
    Key{"filter", "exclude"},
    Key{"filter.include", "title", Holds::patterns},
    Key{"filter.include", "categories", Holds::patterns},
    Key{"filter.include", "authors", Holds::patterns},
    Key{"filter.include", "text", Holds::patterns},
    Key{"filter.exclude", "title", Holds::patterns},
    Key{"filter.exclude", "categories", Holds::patterns},
    Key{"filter.exclude", "authors", Holds::patterns},
    Key{"filter.exclude", "text", Holds::patterns},
};

bool is_texts(const Json& value) {
    return value.is_string() ||
           (value.is_array() && std::ranges::all_of(value, [](const Json& one) { return one.is_string(); }));
}

// What is wanted instead, or "".
std::string_view find_type_fault(Holds holds, const Json& value) {
    switch (holds) {
    case Holds::flag: return value.is_boolean() ? "" : "true or false";
    case Holds::number: return value.is_number() ? "" : "a number";
    case Holds::text: return value.is_string() ? "" : "a text";
    case Holds::mapping: return value.is_object() ? "" : "a mapping";
    case Holds::texts:
    case Holds::patterns: return is_texts(value) ? "" : "a list of texts";
    case Holds::anything:
    case Holds::idle: break;
    }
    return "";
}

// "" where it is a pattern.
std::string find_pattern_fault(const std::string& pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(pattern, options);
    return compiled.ok() ? std::string() : printable(compiled.error());
}

bool is_off(const Json& value) {
    return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
           (value.is_number() && value.get<double>() == 0) || (value.is_string() && value.empty());
}

class Review {
public:
    std::vector<ConfigNote> look_through(const Json& config) {
        look_at(config, "");
        return std::move(m_notes);
    }

private:
    void note(std::string message, bool is_pattern = false) {
        if (m_notes.size() < k_max_notes) m_notes.push_back({m_path, std::move(message), is_pattern});
    }

    // scope: the path with "*" for places in lists.
    void look_at(const Json& mapping, const std::string& scope) {
        for (const auto& [name, value] : mapping.items()) {
            m_path.push_back(name);
            look_at_member(name, value, scope);
            m_path.pop_back();
        }
        if (scope.ends_with(".listing") && !mapping.contains("post_link_selector"))
            note("a listing without its 'post_link_selector' takes every link that looks like a post");
    }

    void look_at_member(const std::string& name, const Json& value, const std::string& scope) {
        const auto key = std::ranges::find_if(
            k_keys, [&](const Key& one) { return one.scope == scope && one.name == name; });
        if (key == k_keys.end()) return note_unknown(name, scope);
        if (value.is_null()) return;
        if (key->holds == Holds::idle) {
            if (!is_off(value)) note(fmt::format("'{}' has no effect: {}", name, key->why));
            return;
        }
        if (const auto wanted = find_type_fault(key->holds, value); !wanted.empty())
            return note(fmt::format("'{}' must be {} and is ignored", name, wanted));
        if (key->holds == Holds::patterns) return check_patterns(name, value);
        if (name == "title_filter_keywords") return check_words(value);
        look_inside(name, value, scope);
    }

    void look_inside(const std::string& name, const Json& value, const std::string& scope) {
        const auto inner = scope.empty() ? name : scope + "." + name;
        if (value.is_object()) return look_at(value, inner);
        if (inner == "filter.include" || inner == "filter.exclude") {
            if (!is_texts(value))
                return note(fmt::format("'{}' must be a list of texts and is ignored", name));
            return check_patterns(name, value);
        }
        if (!value.is_array() || inner != "discovery.strategies") return;
        for (std::size_t i = 0; i < value.size(); ++i) {
            m_path.push_back(std::to_string(i));
            if (value[i].is_object())
                look_at(value[i], inner + ".*");
            else if (!value[i].is_null())
                note("a strategy must be a mapping with 'listing' or 'sitemap' and is ignored");
            m_path.pop_back();
        }
    }

    // In its right place it is known; else perhaps misspelt.
    void note_unknown(const std::string& name, const std::string& scope) {
        const auto shown = printable(head_code_points(name, 100));
        const auto where = scope.empty() ? std::string("config") : scope;
        const auto home = std::ranges::find_if(k_keys, [&](const Key& one) { return one.name == name; });
        std::vector<std::string> near;
        for (const auto& key : k_keys)
            if (key.scope == scope) near.emplace_back(key.name);
        auto guess = closest(name, near);
        if (guess.empty() && name == "selector" && scope.ends_with(".listing")) guess = "post_link_selector";
        if (!guess.empty())
            note(
                fmt::format("unknown key '{}' of '{}' is ignored (did you mean '{}'?)", shown, where, guess));
        else if (home != k_keys.end())
            note(fmt::format("'{}' is ignored below '{}': it belongs {}", shown, where,
                             home->scope.empty() ? "directly below 'config'"
                                                 : fmt::format("below '{}'", home->scope)));
        else
            note(fmt::format("unknown key '{}' of '{}' is ignored", shown, where));
    }

    void check_patterns(const std::string& name, const Json& value) {
        const auto check = [&](const Json& one) {
            if (!one.is_string()) return;
            const auto& pattern = one.get_ref<const std::string&>();
            if (const auto fault = find_pattern_fault(pattern); !fault.empty())
                note(fmt::format("'{}': '{}' is no regular expression and is ignored: {}", name,
                                 printable(head_code_points(pattern, 200)), fault),
                     true);
        };
        if (value.is_array())
            std::ranges::for_each(value, check);
        else
            check(value);
    }

    void check_words(const Json& words) {
        for (const auto& word : words)
            if (word.is_string() && RE2::PartialMatch(word.get_ref<const std::string&>(), R"(\p{Lu})"))
                note(fmt::format("'title_filter_keywords': '{}' is never found: write it in lower case",
                                 printable(head_code_points(word.get_ref<const std::string&>(), 100))));
    }

    std::vector<std::string> m_path;
    std::vector<ConfigNote> m_notes;
};
}

std::vector<ConfigNote> review_config(std::string_view config_json) {
    return Review().look_through(parse_config(config_json));
}
}
