#pragma once
#include "core/model/indicator.hpp"

#include <string>
#include <string_view>

namespace cti::exporter {
// What MITRE ATT&CK calls a technique, a mitigation, a group or a software: "T1059.001" is "PowerShell". ""
// for an id that config/attack_names.txt has not got; ids are in capitals.
std::string_view find_attack_name(std::string_view id);

// The page of an id at attack.mitre.org; "" for a type or a value that has none.
std::string attack_page(IndicatorType type, std::string_view id);
}
