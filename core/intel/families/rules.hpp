#pragma once
#include "core/intel/findings.hpp"

#include <string_view>

namespace cti::intel {
// YARA rules (their names) and Sigma rules (their titles) in the whole text: they go over many lines, and are
// read as they stand, without refanging. `heads` are places where "rule" or "title" stands, in order. Linear:
// what one rule took, or was looked through for its end, is no other's.
void add_yara_rules(std::string_view text, const std::vector<std::size_t>& heads, Findings& out);
void add_sigma_rules(std::string_view text, const std::vector<std::size_t>& heads, Findings& out);
}
