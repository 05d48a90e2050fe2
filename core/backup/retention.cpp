#include "core/backup/retention.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace cti::backup {
namespace {
using namespace std::chrono;

long day_of(Time time) { return floor<days>(time).time_since_epoch().count(); }
// Weeks begin on Monday; 1970 began on a Thursday.
long week_of(Time time) { return (day_of(time) + 3) / 7; }
long month_of(Time time) {
    const year_month_day date(floor<days>(time));
    return static_cast<int>(date.year()) * 12L + static_cast<unsigned>(date.month());
}

struct Selection {
    std::span<const Kept> backups;
    std::vector<std::size_t> newest_first;
    std::vector<std::string> reasons;

    void keep(std::size_t i, const char* why) {
        if (reasons[i].empty()) reasons[i] = why;
    }

    // The newest of each period, for the last `count` periods that have one.
    void keep_newest(int count, long (*period_of)(Time), const char* why) {
        std::set<long> periods;
        for (const auto i : newest_first) {
            if (static_cast<int>(periods.size()) >= count) return;
            if (periods.insert(period_of(backups[i].time)).second) keep(i, why);
        }
    }
};
}

std::vector<std::string> reasons_to_keep(std::span<const Kept> backups, const RetentionRules& rules,
                                         Time now) {
    Selection selection{backups, std::vector<std::size_t>(backups.size()),
                        std::vector<std::string>(backups.size())};
    auto& order = selection.newest_first;
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto a, auto b) { return backups[a].time > backups[b].time; });
    const auto verified = std::ranges::find_if(order, [&](auto i) { return backups[i].is_verified; });
    if (verified != order.end()) selection.keep(*verified, "the last that was verified");
    for (std::size_t i = 0; i < order.size(); ++i)
        if (static_cast<int>(i) < rules.min) selection.keep(order[i], "one of the newest");
    for (const auto i : order)
        if (rules.days && backups[i].time >= now - days(*rules.days)) selection.keep(i, "young enough");
    selection.keep_newest(rules.daily, day_of, "the last of its day");
    selection.keep_newest(rules.weekly, week_of, "the last of its week");
    selection.keep_newest(rules.monthly, month_of, "the last of its month");
    return selection.reasons;
}
}
