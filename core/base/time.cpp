#include "core/base/time.hpp"

#include "core/base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/compile.h>
#include <fmt/format.h>

namespace cti {
namespace {
using namespace std::chrono;

struct Civil {
    year_month_day date;
    hh_mm_ss<seconds> clock;
};
Civil to_civil(Time time) {
    const auto day = floor<days>(time);
    return {year_month_day{day}, hh_mm_ss<seconds>{floor<seconds>(time - day)}};
}

// Reads exactly `width` digits at the head of `text` and drops them.
std::optional<int> consume_digits(std::string_view& text, std::size_t width) {
    int value = 0;
    if (text.size() < width) return std::nullopt;
    for (std::size_t i = 0; i < width; ++i) {
        if (!is_ascii_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}
bool consume(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<sys_days> consume_date(std::string_view& text) {
    const auto y = consume_digits(text, 4);
    if (!y || !consume(text, '-')) return std::nullopt;
    const auto m = consume_digits(text, 2);
    if (!m || !consume(text, '-')) return std::nullopt;
    const auto d = consume_digits(text, 2);
    if (!d) return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date};
}

// hh:mm[:ss[.fraction]]
std::optional<microseconds> consume_clock(std::string_view& text) {
    const auto h = consume_digits(text, 2);
    if (!h || *h > 23 || !consume(text, ':')) return std::nullopt;
    const auto m = consume_digits(text, 2);
    if (!m || *m > 59) return std::nullopt;
    microseconds clock = hours{*h} + minutes{*m};
    if (!consume(text, ':')) return clock;
    const auto s = consume_digits(text, 2);
    if (!s || *s > 60) return std::nullopt;
    clock += seconds{*s};
    if (consume(text, '.')) {
        microseconds unit{100000};
        if (text.empty() || !is_ascii_digit(text.front())) return std::nullopt;
        for (; !text.empty() && is_ascii_digit(text.front()); text.remove_prefix(1), unit /= 10)
            clock += unit * (text.front() - '0');
    }
    return clock;
}

std::optional<minutes> consume_zone(std::string_view& text) {
    if (text.empty() || consume(text, 'Z') || consume(text, 'z')) return minutes{0};
    const int sign = text.front() == '-' ? -1 : text.front() == '+' ? 1 : 0;
    if (sign == 0) return std::nullopt;
    text.remove_prefix(1);
    const auto h = consume_digits(text, 2);
    if (!h || *h > 23) return std::nullopt;
    consume(text, ':');
    const auto m = text.empty() ? std::optional<int>{0} : consume_digits(text, 2);
    if (!m || *m > 59) return std::nullopt;
    return sign * (hours{*h} + minutes{*m});
}
}

Time current_time() { return floor<microseconds>(system_clock::now()); }

std::string format_rfc3339(Time time) {
    const auto [date, clock] = to_civil(time);
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"), static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::string> format_rfc3339(const std::optional<Time>& time) {
    return time ? std::optional(format_rfc3339(*time)) : std::nullopt;
}

std::string format_rfc3339_millis(Time time) {
    const auto millis = floor<milliseconds>(time - floor<seconds>(time)).count();
    return fmt::format("{}.{:03}Z", format_rfc3339(time).substr(0, 19), millis);
}

std::string format_http_date(Time time) {
    static constexpr std::array names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto [date, clock] = to_civil(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       names[weekday{sys_days{date}}.c_encoding()], static_cast<unsigned>(date.day()),
                       months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string format_relative(Time time, Time now) {
    const auto distance = floor<seconds>(now - time).count();
    const auto size = std::abs(distance);
    if (size < 10) return "just now";
    const std::string amount = size < 90       ? fmt::format("{} s", size)
                               : size < 5400   ? fmt::format("{} min", (size + 30) / 60)
                               : size < 129600 ? fmt::format("{} h", (size + 1800) / 3600)
                                               : fmt::format("{} d", (size + 43200) / 86400);
    return distance > 0 ? amount + " ago" : "in " + amount;
}

std::string format_duration(microseconds duration) {
    const double s = static_cast<double>(duration.count()) / 1e6;
    if (s < 0.9995) return fmt::format("{:.0f} ms", s * 1000);
    if (s < 59.95) return fmt::format("{:.1f} s", s);
    const auto whole = std::lround(s);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::optional<seconds> parse_duration(std::string_view text) {
    text = trim(text);
    long amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{} || amount < 0 || amount > 10'000'000'000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty() || text == "s") return seconds{amount};
    if (text == "m" || text == "min") return seconds{amount * 60};
    if (amount > 100'000'000) return std::nullopt;
    if (text == "h") return seconds{amount * 3600};
    if (text == "d") return seconds{amount * 86400};
    if (text == "w") return seconds{amount * 604800};
    return std::nullopt;
}

std::optional<Time> parse_time_argument(std::string_view text, Time now) {
    text = trim(text);
    if (text == "now") return now;
    if (text == "today") return floor<days>(now);
    if (text == "yesterday") return floor<days>(now) - days{1};
    if (!text.empty() && is_ascii_alpha(text.back()) && text.find('-') == std::string_view::npos) {
        if (const auto back = parse_duration(text)) return now - *back;
    }
    const auto date = consume_date(text);
    if (!date) return std::nullopt;
    if (text.empty()) return *date;
    if (!consume(text, 'T') && !consume(text, 't') && !consume(text, ' ')) return std::nullopt;
    const auto clock = consume_clock(text);
    const auto zone = consume_zone(text);
    if (!clock || !zone || !text.empty()) return std::nullopt;
    return *date + *clock - *zone;
}
}
