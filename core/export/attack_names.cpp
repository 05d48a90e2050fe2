#include "core/export/attack_names.hpp"

#include "core/base/text.hpp"

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
}
