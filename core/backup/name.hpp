#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cti::backup {

// "cti-<database>-20261127T020000Z[.2][-label]": what a backup's folder is called.
struct Name {
    std::string database, label;
    Time time;
    int number = 1; // of those that would have the same name: made in the same second, with the same label
};
constexpr int k_max_number = 9999;
// A database's name may hold anything; what is no letter, digit, '_' or '.' becomes '_' here. The manifest
// has it as it is.
std::string to_text(const Name& name);
std::optional<Name> parse_name(std::string_view text);

// 1 to 40 letters, digits, '_' and '.'; no '-', which ends the parts before it.
bool is_label(std::string_view text);

// What is not whole yet, or is about to go, has a hidden name that nobody takes for a backup.
std::string hidden_name(std::string_view name);
bool is_hidden_name(std::string_view text);
}
