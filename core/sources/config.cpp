#include "core/sources/config.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/model/source_config.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::sources {
namespace {

using Json = nlohmann::ordered_json;

Json parse_any(std::string_view text) {
    if (is_nested_deeper(text, k_max_config_depth)) return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

bool is_same(const Json& a, const Json& b) {
    if (a.is_object() && b.is_object()) {
        return a.size() == b.size() &&
               std::all_of(a.items().begin(), a.items().end(), [&](const auto& member) {
                   const auto other = b.find(member.key());
                   return other != b.end() && is_same(member.value(), *other);
               });
    }
    if (a.is_array() && b.is_array()) return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_same);
    return a == b;
}

bool is_list_of_texts(const Json& value) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
}

struct Rule {
    std::string_view key;
    bool (*fits)(const Json&);
    std::string_view wanted;
};
bool is_text(const Json& value) { return value.is_string(); }
bool is_whole(const Json& value) { return value.is_number_integer(); }
bool is_mapping(const Json& value) { return value.is_object(); }

constexpr std::array<Rule, 6> k_rules{{{"allow", is_list_of_texts, "a list of texts"},
                                       {"post_url_regex", is_list_of_texts, "a list of texts"},
                                       {"discovery", is_mapping, "a mapping"},
                                       {"extract", is_mapping, "a mapping"},
                                       {"content_selector", is_text, "a text"},
                                       {"collection_days", is_whole, "a whole number"}}};

// Secrets have a file of their own: what stands in a config is stored, shown and exported.
std::string_view find_secret(const Json& fetch) {
    const auto auth = fetch.find("auth"), headers = fetch.find("headers");
    if (auth != fetch.end() && !auth->is_null() && !auth->is_string())
        return "must hold in 'auth' the name of an entry of the file of secrets, never the secret itself";
    if (headers != fetch.end() && !headers->is_null())
        return "must not hold 'headers': they stand in the file of secrets, in the entry that 'auth' names";
    return {};
}

bool has_login(const Json& value) {
    if (value.is_string()) return !userinfo_of(value.get_ref<const std::string&>()).empty();
    return value.is_structured() && std::any_of(value.begin(), value.end(), has_login);
}

Error bad_assignment(std::string_view assignment) {
    return Error{ExitCode::usage, fmt::format("cannot set '{}': KEY=JSON is needed", assignment),
                 "Write it like --set min_content_length=1500 or --set 'robots.crawl_delay=5'."};
}
}

std::vector<ConfigChange> compare_config(std::string_view before_json, std::string_view after_json) {
    const auto before = parse_config(before_json), after = parse_config(after_json);
    std::vector<ConfigChange> changes;
    for (const auto& [key, value] : after.items()) {
        const auto old = before.find(key);
        if (old == before.end())
            changes.push_back({key, "", dump_config(value)});
        else if (!is_same(*old, value))
            changes.push_back({key, dump_config(*old), dump_config(value)});
    }
    for (const auto& [key, value] : before.items())
        if (!after.contains(key)) changes.push_back({key, dump_config(value), ""});
    return changes;
}

std::string set_config_key(std::string_view config_json, std::string_view assignment) {
    const auto equals = assignment.find('=');
    if (equals == assignment.npos || equals == 0) throw bad_assignment(assignment);
    const auto path = split(assignment.substr(0, equals), '.');
    const auto text = assignment.substr(equals + 1);
    if (path.size() > k_max_config_depth) throw bad_assignment(assignment);

    auto config = parse_config(config_json);
    auto* place = &config;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        if (path[i].empty()) throw bad_assignment(assignment);
        auto& next = (*place)[std::string(path[i])];
        if (!next.is_object()) next = Json::object();
        place = &next;
    }
    const std::string key(path.back());
    if (key.empty()) throw bad_assignment(assignment);
    if (text.empty()) {
        place->erase(key);
        return dump_config(config);
    }
    auto value = parse_any(text);
    (*place)[key] = value.is_discarded() ? Json(std::string(text)) : std::move(value);
    return dump_config(config);
}

std::vector<ConfigProblem> check_config(std::string_view config_json) {
    const auto config = parse_config(config_json);
    std::vector<ConfigProblem> problems;
    for (const auto& rule : k_rules) {
        const auto found = config.find(std::string(rule.key));
        const bool is_said = found != config.end() && !found->is_null();
        if (is_said && !rule.fits(*found))
            problems.push_back({std::string(rule.key), fmt::format("must be {}", rule.wanted)});
    }
    if (const auto fetch = config.find("fetch"); fetch != config.end() && fetch->is_object())
        if (const auto fault = find_secret(*fetch); !fault.empty())
            problems.push_back({"fetch", std::string(fault)});
    for (const char* key : {"discovery", "wp_json"})
        if (const auto found = config.find(key); found != config.end() && has_login(*found))
            problems.push_back({key, "must not hold addresses with a login: 'fetch.auth' names one"});
    return problems;
}
}
