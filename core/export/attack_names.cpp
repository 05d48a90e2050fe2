#include "core/export/attack_names.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace cti::exporter {
std::string_view attack_names(); // the file, as it was built in

namespace {
std::unordered_map<std::string_view, std::string_view> read_names() {
    std::unordered_map<std::string_view, std::string_view> names;
    for (const auto line : split(attack_names(), '\n'))
        if (const auto blank = line.find(' '); !line.starts_with('#') && blank != line.npos)
            names.emplace(line.substr(0, blank), line.substr(blank + 1));
    return names;
}
}

std::string_view find_attack_name(std::string_view id) {
    static const auto names = read_names();
    const auto found = names.find(id);
    return found == names.end() ? std::string_view() : found->second;
}

std::vector<std::pair<std::string, std::string>> list_attack_techniques() {
    std::vector<std::pair<std::string, std::string>> techniques;
    for (const auto& [id, name] : read_names())
        if (id.starts_with("T1")) techniques.emplace_back(id, name);
    std::ranges::sort(techniques);
    return techniques;
}

std::string attack_page(IndicatorType type, std::string_view id) {
    struct Kind {
        IndicatorType type;
        std::string_view folder;
    };
    constexpr Kind kinds[] = {{IndicatorType::attack_technique, "techniques"},
                              {IndicatorType::attack_tactic, "tactics"},
                              {IndicatorType::attack_software, "software"},
                              {IndicatorType::attack_group, "groups"},
                              {IndicatorType::attack_mitigation, "mitigations"}};
    const auto* kind = std::ranges::find(kinds, type, &Kind::type);
    const bool is_id = !id.empty() && std::ranges::all_of(id, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '.';
    });
    if (kind == std::end(kinds) || !is_id) return {};
    std::string page(id);
    std::ranges::replace(page, '.', '/');
    return fmt::format("https://attack.mitre.org/{}/{}/", kind->folder, page);
}
}
