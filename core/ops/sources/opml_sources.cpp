#include "core/ops/sources/opml_sources.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/sources/spec.hpp"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace cti::ops {
namespace {

using Json = nlohmann::json;
constexpr std::size_t k_max_identifier = 60, k_max_source_name = 500;

// What two spellings of one feed's address have in common.
std::string address_key(std::string_view url) {
    const auto parts = split_url(url);
    auto key = fmt::format("{}:{}{}?{}", ascii_lower(parts.host), parts.port, parts.path, parts.query);
    if (const auto slash = key.rfind("/?"); slash != key.npos) key.erase(slash, 1);
    return key;
}

// "feed:" is what old readers put before an address.
std::string without_feed_scheme(const std::string& url) {
    if (istarts_with(url, "feed://")) return "http://" + url.substr(7);
    return istarts_with(url, "feed:") ? url.substr(5) : url;
}

std::string slug(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_ascii_alpha(c) || is_ascii_digit(c))
            out += ascii_lower(c);
        else if (!out.empty() && out.back() != '_')
            out += '_';
        if (out.size() >= k_max_identifier) break;
    }
    while (out.ends_with('_')) out.pop_back();
    return out;
}

class Identifiers {
public:
    void reserve(const std::string& identifier) { m_taken.insert(identifier); }

    std::string make(const std::string& wanted) {
        auto id = wanted;
        // The number goes on where it stopped: a list may hold thousands of feeds of one title.
        for (int& n = m_last.try_emplace(wanted, 1).first->second; !is_free(id);)
            id = fmt::format("{}_{}", wanted, ++n);
        reserve(id);
        return id;
    }

private:
    bool is_free(const std::string& id) const {
        return !m_taken.contains(id) && !sources::is_reserved_identifier(id);
    }

    std::set<std::string> m_taken;
    std::map<std::string, int> m_last;
};

SourceSpec to_spec(const feed::Outline& outline, const std::string& feed_url) {
    const auto parts = split_url(feed_url);
    SourceSpec spec;
    spec.rss_url = feed_url; // Its login too, which separate_logins() takes out.
    spec.name = std::string(head_code_points(printable(outline.title), k_max_source_name));
    if (spec.name.empty()) spec.name = std::string(parts.host);
    const bool has_site = sources::check_http_url(outline.site_url).empty();
    spec.url = has_site ? outline.site_url : resolve_url(without_userinfo(feed_url), "/");
    spec.identifier = slug(outline.title);
    if (spec.identifier.empty()) spec.identifier = slug(parts.host);
    if (spec.identifier.empty()) spec.identifier = "source";
    if (!outline.categories.empty()) spec.config_json = Json{{"categories", outline.categories}}.dump();
    sources::separate_logins(spec);
    return spec;
}

// Null-safe: config is whatever stands in the database.
std::vector<std::string> categories_of(const Source& row) {
    std::vector<std::string> names;
    const auto config = Json::parse(row.config_json, nullptr, false);
    if (!config.is_object()) return names;
    const auto found = config.find("categories");
    if (found == config.end() || !found->is_array()) return names;
    for (const auto& name : *found)
        if (name.is_string()) names.push_back(name.get<std::string>());
    return names;
}
}

ImportedOpml to_specs(const feed::Opml& opml, const std::vector<Source>& rows) {
    ImportedOpml result;
    Identifiers identifiers;
    std::set<std::string> known;
    for (const auto& row : rows) {
        identifiers.reserve(row.identifier);
        if (row.rss_url) known.insert(address_key(*row.rss_url));
    }
    for (const auto& outline : opml.outlines) {
        const auto url = without_feed_scheme(outline.feed_url);
        if (const auto problem = sources::check_http_url(url); !problem.empty()) {
            result.warnings.push_back(fmt::format("'{}' was left out: xmlUrl {}", outline.title, problem));
        } else if (!known.insert(address_key(url)).second) {
            result.known.push_back(without_userinfo(url));
        } else {
            auto spec = to_spec(outline, url);
            spec.identifier = identifiers.make(spec.identifier);
            if (!spec.rss_login.empty())
                result.warnings.push_back(
                    fmt::format("'{}': xmlUrl {}", outline.title, sources::k_login_is_stored));
            result.added.push_back(std::move(spec));
        }
    }
    return result;
}

std::vector<feed::Outline> to_outlines(const std::vector<Source>& rows) {
    std::vector<feed::Outline> outlines;
    for (const auto& row : rows)
        if (row.rss_url && !row.rss_url->empty())
            outlines.push_back({row.name, *row.rss_url, row.url, categories_of(row)});
    return outlines;
}
}
