#pragma once
#include "core/collect/collect.hpp"

#include <string>

namespace cti::collect {

struct Totals {
    long sources = 0, failed = 0, not_modified = 0, postponed = 0, entries = 0, inserted = 0, duplicate = 0,
         near_duplicate = 0, updated = 0;
    long filtered = 0;
    std::map<Named<DropReason>, long> filtered_by_reason;
    std::int64_t bytes = 0;
};
Totals add_up(const Report& report);

std::string to_json(const Report& report); // `collect --format json`, one document with a line end
}
