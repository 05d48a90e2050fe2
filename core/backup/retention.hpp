#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cti::backup {

// Which backups stay. A backup stays where one of these keeps it.
struct RetentionRules {
    std::optional<int> days = {}; // those that are no older
    int daily = 0, weekly = 0,
        monthly = 0; // the newest of each of the last so many days, weeks, months that have one
    int min = 3;     // the newest ones, whatever their age
};

struct Kept {
    Time time;
    bool is_verified = false; // It was found whole, and nothing has been found since.
};

// Why each of the backups stays; "" where none of the rules keeps it. The newest that was verified always
// stays. The oldest comes first: of two with one time the later one is the newer.
std::vector<std::string> reasons_to_keep(std::span<const Kept> backups, const RetentionRules& rules,
                                         Time now);
}
