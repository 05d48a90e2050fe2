#pragma once
#include <span>
#include <string_view>

// Sectors, countries and platforms: closed lists, as a word of a model's own would be nobody else's.
namespace cti::analysis {

struct ListedTarget {
    std::string_view kind, value;
    std::string_view terms; // that mean it, parted by '|'; "": its value alone
    bool any_case = false;  // "turkey" is no country, "Energy" is a sector
};
std::span<const ListedTarget> listed_targets();
}
