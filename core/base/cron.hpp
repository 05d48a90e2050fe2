#pragma once
#include "core/base/time.hpp"

#include <bitset>
#include <string>
#include <string_view>

// Schedules as crontab(5) writes them, in a time zone. Pure, but for the zones of the system's tzdata.
namespace cti {

// minute hour day-of-month month day-of-week: numbers, names (JAN, MON), lists, ranges, steps, 7 for Sunday,
// and @hourly, @daily,
// @weekly, @monthly, @yearly. Where both days are restricted, either of them is enough, as everywhere.
//
// Daylight saving: a moment that the clock skips comes at the first moment after the gap; one that the clock
// shows twice comes the first time only. Where the hour is `*`, every hour that passes counts, so the
// repeated one has its moments twice.
class Cron {
public:
    // Throws Error(usage) that names the field, or the zone that the system does not know.
    Cron(std::string_view expression, std::string_view zone);

    // The first moment after `after`, on a whole minute. Throws Error(usage) when there is none within eight
    // years (30 February).
    Time next(Time after) const;
    const std::string& expression() const { return m_expression; }
    const std::string& zone() const { return m_zone; }
    // Written in the same words.
    bool operator==(const Cron& other) const {
        return m_expression == other.m_expression && m_zone == other.m_zone;
    }

private:
    bool has_day(unsigned month, unsigned day, unsigned weekday) const;

    std::string m_expression, m_zone;
    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<32> m_days;
    std::bitset<13> m_months;
    std::bitset<7> m_weekdays;
    bool m_any_hour = false, m_any_day = false, m_any_weekday = false;
};
}
