#include "core/backup/retention.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::backup;
using namespace std::chrono_literals;

namespace {
const Time k_now = parse_time_argument("2026-11-27T12:00:00Z", Time()).value();

// One a day, the oldest first; the ages of those that stay, in days.
std::vector<int> ages_that_stay(int count, const RetentionRules& rules, int verified_age = -1) {
    std::vector<Kept> backups;
    for (int age = count - 1; age >= 0; --age) backups.push_back({k_now - age * 24h, age == verified_age});
    std::vector<int> ages;
    const auto reasons = reasons_to_keep(backups, rules, k_now);
    for (int i = 0; i < count; ++i)
        if (!reasons[static_cast<std::size_t>(i)].empty()) ages.push_back(count - 1 - i);
    return ages;
}
}

TEST_CASE("retention: the young ones stay, and the newest whatever their age") {
    CHECK(ages_that_stay(10, {.days = 2, .min = 0}) == std::vector{2, 1, 0});
    CHECK(ages_that_stay(10, {.days = 0, .min = 3}) == std::vector{2, 1, 0});
    CHECK(ages_that_stay(2, {.days = 0, .min = 3}) == std::vector{1, 0});
}

TEST_CASE("retention: the newest that was verified stays, however old") {
    CHECK(ages_that_stay(50, {.days = 1, .min = 1}, 40) == std::vector{40, 1, 0});
    CHECK(ages_that_stay(50, {.days = 0, .min = 0}, 49) == std::vector{49, 0});
}

TEST_CASE("retention: of days, weeks and months the newest stays") {
    CHECK(ages_that_stay(10, {.daily = 4, .min = 0}) == std::vector{3, 2, 1, 0});
    // 2026-11-27 is a Friday: the Sundays before it end their weeks.
    CHECK(ages_that_stay(30, {.weekly = 3, .min = 0}) == std::vector{12, 5, 0});
    CHECK(ages_that_stay(90, {.monthly = 3, .min = 0}) == std::vector{58, 27, 0});
}

TEST_CASE("retention: of those of one second the last is the newest") {
    const std::vector<Kept> backups{{k_now}, {k_now}, {k_now}};
    CHECK(reasons_to_keep(backups, {.days = {}, .min = 1}, k_now) ==
          std::vector<std::string>{"", "", "one of the newest"});
    CHECK(reasons_to_keep(backups, {.days = {}, .daily = 1, .min = 0}, k_now) ==
          std::vector<std::string>{"", "", "the last of its day"});
}

TEST_CASE("retention: two of one day are one to it, and none of none is nothing") {
    const std::vector<Kept> backups{{k_now - 2h}, {k_now - 1h}};
    const auto reasons = reasons_to_keep(backups, {.daily = 2, .min = 0}, k_now);
    CHECK(reasons == std::vector<std::string>{"", "the last of its day"});
    CHECK(reasons_to_keep({}, {.daily = 2}, k_now).empty());
}
