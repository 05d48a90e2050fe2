#pragma once
#include "core/base/date/date_names.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace cti {

// What was written of a date; -1 where nothing was.
struct DateFields {
    int year = -1, month = -1, day = -1, hour = -1, minute = 0, second = 0;
    std::chrono::microseconds fraction{0};
    int zone = 0;
    const date_names::Region* region = nullptr;
    bool has_zone = false, afternoon = false, morning = false;
};

// The numbers and words of a text that is a date and nothing else; core/base/date/date makes a moment of
// them.
std::optional<DateFields> read_date_fields(std::string_view text);
}
