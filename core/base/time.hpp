#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// Moments are UTC with microseconds, as PostgreSQL keeps them. Nothing here knows the local time zone.
namespace cti {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

// The wall clock, for people and plans; waits and ages are by base/clock.hpp. Pure folders get their moments
// passed in.
Time current_time();

// RFC 3339 with Z, whole seconds: 2026-11-19T12:00:00Z.
std::string format_rfc3339(Time time);
std::optional<std::string> format_rfc3339(const std::optional<Time>& time); // Nothing for nothing.
// The same with three digits of the second: 2026-11-19T12:00:00.250Z.
std::string format_rfc3339_millis(Time time);
// RFC 9110 section 5.6.7: Thu, 19 Nov 2026 12:00:00 GMT.
std::string format_http_date(Time time);
// "3 h ago", "in 5 min", "just now": for people only.
std::string format_relative(Time time, Time now);
// "850 ms", "12.4 s", "3 min 5 s".
std::string format_duration(std::chrono::microseconds duration);

// 90s, 15min or 90m, 12h, 7d, 2w; a bare number is seconds.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// What --since and --until take: a duration back from `now`, "now", "today", "yesterday", 2026-11-01,
// 2026-11-01T08:00, RFC 3339 with or without zone (none: UTC).
std::optional<Time> parse_time_argument(std::string_view text, Time now);
}
