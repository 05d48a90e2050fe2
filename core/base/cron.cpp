#include "core/base/cron.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <date/tz.h>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <vector>

namespace cti {
namespace {

constexpr std::array<std::string_view, 12> k_month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                         "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> k_day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_nicknames{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"}}};

struct Field {
    const char* name;
    int low, high;
    std::span<const std::string_view> names; // of low, low + 1 …
};

class FieldReader {
public:
    FieldReader(const Field& field, std::string_view text) : m_field(field), m_text(text) {}

    template <std::size_t N>
    std::bitset<N> read() const {
        std::bitset<N> set;
        for (const auto part : split(m_text, ',')) {
            const auto [first, last, step] = read_part(part);
            for (int value = first; value <= last; value += step)
                set.set(static_cast<std::size_t>(value) % N);
        }
        return set;
    }

private:
    struct Part {
        int first, last, step;
    };

    [[noreturn]] void refuse(std::string_view part) const {
        throw Error{ExitCode::usage,
                    fmt::format("the {} '{}' of a schedule is not understood", m_field.name, printable(part)),
                    "Write five fields as in crontab: minute hour day month weekday, e.g. '0 */3 * * *'."};
    }

    int read_number(std::string_view text, std::string_view part) const {
        for (std::size_t i = 0; i < m_field.names.size(); ++i)
            if (iequals(text, m_field.names[i])) return m_field.low + static_cast<int>(i);
        int value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty() || !is_ascii_digit(text.front()) || error != std::errc() ||
            end != text.data() + text.size())
            refuse(part);
        return value;
    }

    Part read_part(std::string_view part) const {
        const auto slash = part.find('/');
        const auto range = part.substr(0, slash);
        Part out{m_field.low, m_field.high, 1};
        if (slash != std::string_view::npos) out.step = read_number(part.substr(slash + 1), part);
        if (range != "*") {
            const auto dash = range.find('-');
            out.first = read_number(range.substr(0, dash), part);
            // "5/15" means from 5 on, as in most programs that read crontabs.
            if (dash != std::string_view::npos)
                out.last = read_number(range.substr(dash + 1), part);
            else if (slash == std::string_view::npos)
                out.last = out.first;
        }
        if (out.step < 1 || out.first < m_field.low || out.last > m_field.high || out.first > out.last)
            refuse(part);
        return out;
    }

    const Field& m_field;
    std::string_view m_text;
};

const date::time_zone& named_zone(const std::string& name) try {
    return *date::locate_zone(name);
} catch (const std::runtime_error&) {
    throw Error{ExitCode::usage, fmt::format("the time zone '{}' is not known", printable(name)),
                "Use a name of the system's tzdata, e.g. Europe/Berlin or UTC."};
}

std::vector<std::string_view> read_fields(std::string_view expression) {
    std::vector<std::string_view> fields;
    for (std::size_t at = 0; at < expression.size();) {
        const auto begin = expression.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        at = std::min(expression.find_first_of(" \t", begin), expression.size());
        fields.push_back(expression.substr(begin, at - begin));
    }
    return fields;
}

std::string_view expand(std::string_view expression) {
    for (const auto& [name, meaning] : k_nicknames)
        if (iequals(trim(expression), name)) return meaning;
    return expression;
}
}

Cron::Cron(std::string_view expression, std::string_view zone) : m_expression(expression), m_zone(zone) {
    static constexpr Field minute{"minute", 0, 59, {}}, hour{"hour", 0, 23, {}},
        day{"day of the month", 1, 31, {}}, month{"month", 1, 12, k_month_names},
        weekday{"day of the week", 0, 7, k_day_names};
    const auto fields = read_fields(expand(expression));
    if (fields.size() != 5)
        throw Error{
            ExitCode::usage,
            fmt::format("the schedule '{}' has {} fields, not 5", printable(expression), fields.size()),
            "Write five fields as in crontab: minute hour day month weekday, e.g. '0 */3 * * *'."};
    m_minutes = FieldReader(minute, fields[0]).read<60>();
    m_hours = FieldReader(hour, fields[1]).read<24>();
    m_days = FieldReader(day, fields[2]).read<32>();
    m_months = FieldReader(month, fields[3]).read<13>();
    m_weekdays = FieldReader(weekday, fields[4]).read<7>(); // 7 is 0
    m_any_hour = fields[1] == "*";
    m_any_day = fields[2].front() == '*';
    m_any_weekday = fields[4].front() == '*';
    named_zone(m_zone);
}

bool Cron::has_day(unsigned month, unsigned day, unsigned weekday) const {
    if (!m_months[month]) return false;
    if (m_any_day || m_any_weekday) return m_days[day] && m_weekdays[weekday];
    return m_days[day] || m_weekdays[weekday];
}

Time Cron::next(Time after) const {
    constexpr int most_days = 8 * 366 + 2; // 29 February may be eight years away
    const auto& zone = named_zone(m_zone);
    const auto utc = std::chrono::floor<std::chrono::seconds>(after);
    const auto today = date::floor<date::days>(zone.to_local(date::sys_seconds{utc.time_since_epoch()}));
    // From yesterday: at a change of the clock at midnight, a moment of yesterday may come now.
    for (int i = -1; i < most_days; ++i) {
        const auto local_day = today + date::days{i};
        const date::year_month_day ymd{local_day};
        if (!has_day(static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                     date::weekday{local_day}.c_encoding()))
            continue;
        std::optional<Time> earliest;
        const auto offer = [&](date::sys_seconds moment) {
            const Time time{moment.time_since_epoch()};
            if (time > after && (!earliest || time < *earliest)) earliest = time;
        };
        for (std::size_t hour = 0; hour < m_hours.size(); ++hour) {
            for (std::size_t minute = 0; m_hours[hour] && minute < m_minutes.size(); ++minute) {
                if (!m_minutes[minute]) continue;
                const auto local =
                    date::local_seconds{local_day} + std::chrono::hours{hour} + std::chrono::minutes{minute};
                const auto info = zone.get_info(local);
                if (info.result == date::local_info::nonexistent) {
                    offer(info.second.begin);
                    continue;
                }
                offer(date::sys_seconds{local.time_since_epoch()} - info.first.offset);
                if (info.result == date::local_info::ambiguous && m_any_hour)
                    offer(date::sys_seconds{local.time_since_epoch()} - info.second.offset);
            }
        }
        if (earliest) return *earliest;
    }
    throw Error{ExitCode::usage, fmt::format("the schedule '{}' never comes", printable(m_expression)),
                "Check its day and month."};
}
}
