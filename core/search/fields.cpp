#include "core/search/fields.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::search {
namespace {
using Type = IndicatorType;

struct Alias {
    std::string_view name;
    std::vector<Type> types;
};
const std::vector<Alias>& aliases() {
    static const std::vector<Alias> all{
        {"indicator", {}},
        {"ioc", {}},
        {"ip", {Type::ipv4, Type::ipv6}},
        {"hash",
         {Type::md5, Type::sha1, Type::sha256, Type::sha512, Type::ssdeep, Type::imphash,
          Type::authentihash}},
        {"technique", {Type::attack_technique}},
        {"tactic", {Type::attack_tactic}},
        {"actor", {Type::threat_actor}},
    };
    return all;
}

constexpr std::string_view k_other_fields[] = {"title",  "source",   "tag",    "score",   "after",
                                               "before", "analysis", "sector", "country", "platform"};

// What other programs call it, or what people try first.
struct Elsewhere {
    std::string_view name, instead;
};
constexpr Elsewhere k_elsewhere[] = {
    {"published", "write after:2026-11-01 before:2026-12-01"},
    {"date", "write after:2026-11-01 before:2026-12-01"},
    {"text", "words without a field are looked for in title and text"},
    {"content", "words without a field are looked for in title and text"},
    {"feed", "write source:ID"},
    {"site", "write source:ID"},
    {"type", "a type is a field itself: ipv4:198.51.100.7, cve:CVE-2026-1234"},
};

std::vector<std::string> all_fields() {
    std::vector<std::string> names(std::begin(k_other_fields), std::end(k_other_fields));
    for (const auto& alias : aliases()) names.emplace_back(alias.name);
    for (const auto name : k_names<Type>) names.emplace_back(name);
    return names;
}

bool is_plain_word(std::string_view name) {
    return name.size() > 1 && std::ranges::all_of(name, [](char c) { return is_ascii_alpha(c) || c == '_'; });
}
}

std::optional<std::vector<Type>> types_of_field(std::string_view name) {
    if (const auto alias = std::ranges::find(aliases(), name, &Alias::name); alias != aliases().end())
        return alias->types;
    if (const auto type = find_value<Type>(name)) return std::vector{*type};
    return std::nullopt;
}

std::string explain_unknown_field(std::string_view name, std::string_view rest) {
    const char next = rest.empty() ? '\0' : rest.front();
    if (next == '/' || next == '\\' || next == ':') return {};
    for (const auto& [other, instead] : k_elsewhere)
        if (iequals(other, name)) return fmt::format("there is no field '{}'; {}", name, instead);
    const auto near = closest(name, all_fields());
    if (near.empty() && (!is_plain_word(name) || is_ascii_digit(next))) return {};
    if (!near.empty()) return fmt::format("there is no field '{}'; did you mean '{}'?", name, near);
    return fmt::format("there is no field '{0}'; to look for the words, put them between quotes: \"{0}:…\"",
                       name);
}

std::string complete_value(std::string value, const std::vector<Type>& types) {
    const bool is_cve = types.size() == 1 && types.front() == Type::cve;
    return is_cve && !value.empty() && is_ascii_digit(value.front()) ? "CVE-" + value : value;
}
}
