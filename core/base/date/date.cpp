#include "core/base/date/date.hpp"

#include "core/base/date/date_fields.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <string>

namespace cti {
namespace {
using namespace std::chrono;

// Dashes and minus signs as '-', the blanks of typographers as ' ', marks of direction left out.
std::string plain_signs(std::string_view text) {
    std::string out;
    for (std::size_t pos = 0; pos < text.size();) {
        const char32_t c = next_code_point(text, pos);
        if (c == 0x2212 || (c >= 0x2010 && c <= 0x2015)) {
            out += '-';
        } else if (c == 0xA0 || c == 0x3000 || c == 0x202F || (c >= 0x2000 && c <= 0x200A)) {
            out += ' ';
        } else if (c != 0x200B && c != 0x200E && c != 0x200F && c != 0xFEFF) {
            append_utf8(out, c);
        }
    }
    return out;
}

std::optional<Time> to_time(DateFields f) {
    if (f.year < 1 || f.year > 9999) return std::nullopt;
    if (f.month < 0 && f.day < 0 && f.hour < 0) f.month = 1; // A year alone.
    if (f.day < 0) f.day = 1;
    if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > 366) return std::nullopt;
    // June 31 is July 1, as nearly all readers have it; beyond 31 it was a day of the year.
    const auto first = sys_days{year{f.year} / month{static_cast<unsigned>(f.month)} / 1};
    int hour = std::max(f.hour, 0);
    if (f.afternoon && hour < 12) hour += 12;
    if (f.morning && hour == 12) hour = 0;
    if (hour > 24 || f.minute > 59 || f.second > 60 || (hour == 24 && (f.minute > 0 || f.second > 0)))
        return std::nullopt;
    if (f.region != nullptr && !f.has_zone) {
        f.zone =
            f.region->winter + (date_names::is_summer(f.region->summer, first + days{f.day - 1}) ? 60 : 0);
    }
    return first + days{f.day - 1} + hours{hour} + minutes{f.minute} + seconds{f.second} + f.fraction -
           minutes{f.zone};
}

// Years without a century, and days of the year, as ISO 8601 once let them be written: 031231, 03335,
// 2003335.
std::optional<Time> parse_short_digits(std::string_view text) {
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    DateFields f;
    const bool has_month = text.size() == 6;
    const int divisor = has_month ? 10'000 : 1000;
    f.year = value / divisor;
    if (text.size() < 7) f.year += f.year < 50 ? 2000 : 1900;
    f.month = has_month ? value / 100 % 100 : 1;
    f.day = has_month ? value % 100 : value % 1000;
    return to_time(f);
}

// Unix seconds or milliseconds, years 1973 to 5138; YYYYMMDDhhmmss.
std::optional<Time> parse_digits(std::string_view text) {
    if (text.size() == 14) {
        const std::string iso = std::string(text.substr(0, 8)) + 'T' + std::string(text.substr(8));
        return parse_date(iso);
    }
    if (text.size() < 9 || text.size() > 13 || text.size() == 12) return std::nullopt;
    long long value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return text.size() == 13 ? Time{milliseconds{value}} : Time{seconds{value}};
}
}

int month_of(std::string_view word) {
    return std::max(0, date_names::find_month(date_names::fold_word(word)));
}

std::optional<Time> parse_date(std::string_view text) {
    text = trim(text);
    constexpr std::size_t longest = 100; // Longer text is no date, and a title must not be searched for one.
    if (text.empty() || text.size() > longest) return std::nullopt;
    std::string plain;
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        plain = plain_signs(text);
        text = trim(plain);
    }
    if (std::ranges::all_of(text, is_ascii_digit)) {
        if (text.size() >= 9) return parse_digits(text);
        if (text.size() >= 5 && text.size() <= 7) return parse_short_digits(text);
        if (text.size() < 4) return std::nullopt;
    }
    if (text.starts_with('-')) {
        // "-0312" is a month of 2003; a year before our era, as in "-0001-11-30", is nobody's date.
        if (text.starts_with("--")) return std::nullopt;
        const auto digits = text.find_first_not_of("0123456789", 1);
        if (digits == 5) return std::nullopt;
        if (digits == std::string_view::npos && text.size() == 5)
            return parse_short_digits(std::string(text.substr(1)) + "01");
    } else if (text.find(" -0001") != std::string_view::npos) {
        return std::nullopt;
    }
    const auto fields = read_date_fields(text);
    return fields ? to_time(*fields) : std::nullopt;
}
}
