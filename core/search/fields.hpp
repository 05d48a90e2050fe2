#pragma once
#include "core/model/indicator.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The names that may stand before ':' in a query.
namespace cti::search {

// The types of indicators that a field means, by a type's own name or a shorter one ("ip", "hash"); none
// stand for any type. Nothing: no field of indicators.
std::optional<std::vector<IndicatorType>> types_of_field(std::string_view name);

// Why there is no such field, with the one that may have been meant. "" where `name` and what follows it are
// no field but words: "http://…", "C:\…", "localhost:8080".
std::string explain_unknown_field(std::string_view name, std::string_view rest);

// As the value of its type is written: "2026-1234" is "CVE-2026-1234" where a CVE is asked for.
std::string complete_value(std::string value, const std::vector<IndicatorType>& types);
}
