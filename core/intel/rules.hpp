#pragma once
#include "core/intel/findings.hpp"

#include <string_view>

namespace cti::intel {
// YARA rules (their names) and Sigma rules (their titles) in the whole text: they go over many lines, and are
// looked for as they stand, without refanging. Linear: no byte is looked at twice.
void find_yara_rules(std::string_view text, Findings& out);
void find_sigma_rules(std::string_view text, Findings& out);
}
