#pragma once
#include "core/model/indicator.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cti::exporter {
// What MITRE ATT&CK calls a technique, a mitigation, a group or a software: "T1059.001" is "PowerShell". ""
// for an id that config/attack_names.txt has not got; ids are in capitals.
std::string_view find_attack_name(std::string_view id);

// All techniques and sub-techniques that have a name here: id and name, by their ids.
std::vector<std::pair<std::string, std::string>> list_attack_techniques();

// The page of an id at attack.mitre.org; "" for a type or a value that has none.
std::string attack_page(IndicatorType type, std::string_view id);
}
