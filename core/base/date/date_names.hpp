#pragma once
#include <chrono>
#include <string>
#include <string_view>

// The words of dates: months, zones and regions, as core/base/date/date reads them.
namespace cti::date_names {

// The common rules of today; what they were in other decades is not worth a table.
enum class Summer { none, european, american, australian };
struct Region {
    std::string_view name;
    int winter;
    Summer summer;
};

constexpr int k_no_zone = 10'000;

// Each takes what fold_word() gave. Minutes east of Greenwich, or k_no_zone.
int find_zone(std::string_view word);
// 1 to 12, or -1.
int find_month(std::string_view word);
// "america/los_angeles"; null where it is not known.
const Region* find_region(std::string_view name);

// ASCII case is folded; so are the capitals of Latin-1, Latin Extended-A, Greek and Cyrillic that start month
// names.
std::string fold_word(std::string_view word);

// Whether summer time is on at this local date; the two nights of the change are not split further.
bool is_summer(Summer rule, std::chrono::sys_days date);
}
