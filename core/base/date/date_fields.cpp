#include "core/base/date/date_fields.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace cti {
namespace {
using namespace std::chrono;
using namespace date_names;

class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}
    bool read();
    const DateFields& fields() const { return m_fields; }

private:
    struct Number {
        int value = 0, digits = 0;
        bool valid = false;
    };
    char peek(std::size_t ahead = 0) const {
        return m_pos + ahead < m_text.size() ? m_text[m_pos + ahead] : '\0';
    }
    bool at_digit(std::size_t ahead = 0) const { return is_ascii_digit(peek(ahead)); }
    Number number();
    bool read_number();
    bool read_clock(int hour, char separator);
    bool read_week_date(int year);
    bool read_east_asian(const Number& n, bool& done);
    bool matches_weekday(int year, int month, int day) const;
    bool read_numeric_date(const Number& first, char separator);
    bool read_compact(const Number& n);
    bool place(const Number& n);
    bool read_word();
    bool read_offset();
    bool read_region();
    bool set_year(const Number& n);

    std::string_view m_text;
    std::size_t m_pos = 0;
    bool m_numeric_month = false;
    bool m_after_t = false, m_month_next = false;
    int m_weekday = -1; // 0 is Sunday
    DateFields m_fields;
};

Reader::Number Reader::number() {
    Number n;
    for (; at_digit() && n.digits < 9; ++m_pos, ++n.digits) n.value = n.value * 10 + (peek() - '0');
    n.valid = n.digits > 0;
    return n;
}

bool Reader::set_year(const Number& n) {
    if (m_fields.year >= 0) return false;
    if (n.digits > 4) return false;
    if (n.digits == 4 && n.value < 100) return false; // "0001-01-01": a program's word for "no date".
    // RFC 2822 section 4.3: 00 to 49 are this century, three digits count from 1900.
    m_fields.year = n.digits <= 2   ? n.value + (n.value < 50 ? 2000 : 1900)
                    : n.digits == 3 ? n.value + 1900
                                    : n.value;
    return true;
}

// h:mm[:ss[.fraction]], and what is written after it by mistake: "15:04:05:00". Midnight may give way to a
// second clock: "2006-01-02 00:00:00.0 15:04:05.0".
bool Reader::read_clock(int hour, char separator) {
    if (m_fields.hour > 0 || (m_fields.hour == 0 && (m_fields.minute > 0 || m_fields.second > 0)))
        return false;
    m_fields.hour = hour;
    ++m_pos;
    const auto minute = number();
    if (!minute.valid || minute.digits > 2) return false;
    m_fields.minute = minute.value;
    if (peek() != separator && !(peek() == '.' && at_digit(1) && at_digit(2) && !at_digit(3))) return true;
    if (!at_digit(1)) return ++m_pos, true;
    ++m_pos;
    const auto second = number();
    if (second.digits > 2) return false;
    m_fields.second = second.value;
    if ((peek() == '.' || peek() == ',') && at_digit(1)) {
        ++m_pos;
        for (microseconds unit{100'000}; at_digit(); ++m_pos, unit /= 10)
            m_fields.fraction += unit * (peek() - '0');
    }
    while (peek() == ':' && at_digit(1)) ++m_pos, number();
    return true;
}

// Three numbers, or a year and a month, with one sort of separator.
bool Reader::read_numeric_date(const Number& first, char separator) {
    ++m_pos;
    m_numeric_month = true;
    const auto second = number();
    Number third;
    if (peek() == separator && at_digit(1)) ++m_pos, third = number();
    if (!third.valid && first.digits != 4) return false;
    if (first.digits >= 3 || (first.value > 31 && third.valid)) {
        if (!set_year(first)) return false;
        if (second.digits == 3 && !third.valid) { // The day of the year: 2003-335.
            m_fields.month = 1, m_fields.day = second.value;
            return true;
        }
        m_fields.month = second.value, m_fields.day = third.valid ? third.value : 1;
        return true;
    }
    if (first.digits == 2 && second.digits == 1 && third.digits == 1) { // 06/1/2
        m_fields.month = second.value, m_fields.day = third.value;
        return set_year(first);
    }
    bool month_first = (separator == '/' && first.value <= 12) || second.value > 12;
    // "Mon, 02/01/2006": only one of the two days is a Monday.
    if (month_first && second.value <= 12 && third.digits == 4 &&
        !matches_weekday(third.value, first.value, second.value))
        month_first = !matches_weekday(third.value, second.value, first.value);
    m_fields.month = month_first ? first.value : second.value;
    m_fields.day = month_first ? second.value : first.value;
    return set_year(third);
}

// True when no weekday was named.
bool Reader::matches_weekday(int y, int m, int d) const {
    if (m_weekday < 0) return true;
    const sys_days date = year{y} / month{static_cast<unsigned>(m)} / day{static_cast<unsigned>(d)};
    return weekday{date}.c_encoding() == static_cast<unsigned>(m_weekday);
}

// ISO 8601 weeks: 2026-W47-6; week 1 is the one with January 4.
bool Reader::read_week_date(int y) {
    m_pos += 2;
    const auto week = number();
    Number of_week;
    if (peek() == '-' && at_digit(1)) ++m_pos, of_week = number();
    if (week.value < 1 || week.value > 53 || of_week.value > 7) return false;
    const sys_days fourth = year{y} / January / 4;
    const auto monday = fourth - (weekday{fourth} - Monday);
    const year_month_day date{monday + weeks{week.value - 1} + days{of_week.valid ? of_week.value - 1 : 0}};
    m_fields.year = static_cast<int>(date.year());
    m_fields.month = static_cast<int>(static_cast<unsigned>(date.month()));
    m_fields.day = static_cast<int>(static_cast<unsigned>(date.day()));
    return true;
}

// Chinese, Japanese and Korean write the unit after each number: 2026年11月21日 10時20分.
bool Reader::read_east_asian(const Number& n, bool& done) {
    enum class Unit { year, month, day, hour, minute, second };
    static constexpr std::pair<std::string_view, Unit> units[] = {
        {"年", Unit::year},   {"년", Unit::year},  {"月", Unit::month},  {"월", Unit::month},
        {"日", Unit::day},    {"일", Unit::day},   {"時", Unit::hour},   {"时", Unit::hour},
        {"点", Unit::hour},   {"시", Unit::hour},  {"分", Unit::minute}, {"분", Unit::minute},
        {"秒", Unit::second}, {"초", Unit::second}};
    const auto rest = m_text.substr(m_pos, 3); // Each sign is three bytes of UTF-8.
    const auto* it = std::ranges::find(units, rest, &std::pair<std::string_view, Unit>::first);
    done = it != std::end(units);
    if (!done) return true;
    m_pos += rest.size();
    switch (it->second) {
    case Unit::year: return set_year(n);
    case Unit::month: m_numeric_month = true; return m_fields.month = n.value, true;
    case Unit::day: return m_fields.day = n.value, true;
    case Unit::hour: return m_fields.hour = n.value, true;
    case Unit::minute: return m_fields.minute = n.value, true;
    case Unit::second: return m_fields.second = n.value, true;
    }
    return false;
}

// 20061002, and with a clock: 20061002T150405.
bool Reader::read_compact(const Number& n) {
    if (m_fields.year >= 0 || n.digits != 8) return false;
    m_fields.year = n.value / 10'000, m_fields.month = n.value / 100 % 100, m_fields.day = n.value % 100;
    if ((peek() == 'T' || peek() == 't') && at_digit(1)) {
        ++m_pos;
        const auto clock = number();
        const int value = clock.digits == 4 ? clock.value * 100 : clock.value;
        if (clock.digits != 4 && clock.digits != 6) return false;
        m_fields.hour = value / 10'000, m_fields.minute = value / 100 % 100, m_fields.second = value % 100;
    }
    return true;
}

// A number that stands alone is the first of these that is still missing.
bool Reader::place(const Number& n) {
    if (n.digits >= 3) return n.digits <= 4 && set_year(n);
    if (m_fields.day < 0 && n.value >= 1 && n.value <= 31) return m_fields.day = n.value, true;
    if (m_fields.year < 0) return set_year(n);
    if (m_fields.hour < 0) return m_fields.hour = n.value, true;
    return n.value == 0; // "15:04:05 00": a zone without its sign.
}

bool Reader::read_number() {
    const auto n = number();
    const char next = peek();
    if (at_digit()) return false;
    bool done = false;
    if (static_cast<unsigned char>(next) >= 0xE0 && (!read_east_asian(n, done) || done)) return done;
    if (m_month_next) return m_month_next = false, m_numeric_month = true, m_fields.month = n.value, true;
    if (m_after_t && m_fields.hour < 0 && (n.digits == 4 || n.digits == 6)) { // 2006-01-02T1504
        const int value = n.digits == 4 ? n.value * 100 : n.value;
        m_fields.hour = value / 10'000, m_fields.minute = value / 100 % 100, m_fields.second = value % 100;
        return true;
    }
    if (next == ':' && at_digit(1) && n.digits <= 2) return read_clock(n.value, ':');
    const bool has_date = m_fields.year >= 0 && m_fields.month >= 0 && m_fields.day >= 0;
    if (next == '.' && at_digit(1) && at_digit(2) && n.digits <= 2 && has_date && m_fields.hour < 0)
        return read_clock(n.value, '.'); // 10.20.30
    if (next == '-' && ascii_lower(peek(1)) == 'w' && at_digit(2) && n.digits == 4 && m_fields.year < 0)
        return read_week_date(n.value);
    const bool separated = (next == '-' || next == '/' || next == '.') && at_digit(1);
    if (separated && m_fields.month < 0 && m_fields.year < 0 && n.digits <= 4)
        return read_numeric_date(n, next);
    if (n.digits > 4) return read_compact(n);
    return place(n);
}

bool Reader::read_offset() {
    const int sign = peek() == '-' ? -1 : 1;
    ++m_pos;
    while (peek() == '-' || peek() == '+') ++m_pos; // "GMT+-5"
    auto hours = number();
    int minutes = 0;
    if (peek() == ':' && at_digit(1)) {
        ++m_pos;
        minutes = number().value;
    } else if (hours.digits > 2) {
        if (hours.digits > 4) return false;
        minutes = hours.value % 100, hours.value /= 100;
    }
    if (hours.value > 24 || minutes > 59) return false;
    if (peek() == ':' && is_ascii_alpha(peek(1))) return false; // "+00:zz"
    m_fields.zone = sign * (hours.value * 60 + minutes);
    m_fields.has_zone = true;
    return true;
}

// "America/Los_Angeles".
bool Reader::read_region() {
    auto end = m_pos;
    while (end < m_text.size() && (is_ascii_alpha(m_text[end]) || m_text[end] == '_' || m_text[end] == '/'))
        ++end;
    if (m_text.substr(m_pos, end - m_pos).find('/') == std::string_view::npos) return false;
    const auto name = ascii_lower(m_text.substr(m_pos, end - m_pos));
    const auto* it = find_region(name);
    if (it == nullptr) return false;
    m_fields.region = it;
    m_pos = end;
    return true;
}

bool Reader::read_word() {
    if (read_region()) return true;
    const auto start = m_pos;
    while (m_pos < m_text.size() && (is_ascii_alpha(peek()) || static_cast<unsigned char>(peek()) >= 0x80))
        ++m_pos;
    const auto word = fold_word(m_text.substr(start, m_pos - start));
    if (word == "am" || word == "pm" ||
        ((word == "a" || word == "p") && (peek() == '.' || peek() == ' ') &&
         istarts_with(m_text.substr(m_pos + 1), "m"))) {
        if (word.size() == 1) m_pos += 2;
        (word.front() == 'p' ? m_fields.afternoon : m_fields.morning) = true;
        return true;
    }
    if (word == "t" && at_digit()) return m_after_t = true;
    if (word == "오전" || word == "上午" || word == "午前") return m_fields.morning = true;
    if (word == "오후" || word == "下午" || word == "午後") return m_fields.afternoon = true;
    if (word == "tháng") return m_month_next = true; // Vietnamese counts the months.
    static constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed",
                                                              "thu", "fri", "sat"};
    const auto* named = std::ranges::find(weekdays, std::string_view(word).substr(0, 3));
    if (named != weekdays.end() && m_weekday < 0) m_weekday = static_cast<int>(named - weekdays.begin());
    // The day may be glued to its month ("2Jan2006"), and the zone to its clock ("15:04:05MST").
    const bool wants_zone = m_fields.hour >= 0 || (m_fields.year >= 0 && m_fields.day >= 0);
    const bool is_letter = word.size() == 1 && m_fields.hour < 0; // "d." is a Lithuanian day, not a zone.
    if (wants_zone && !m_fields.has_zone && !is_letter) {
        if (const int zone = find_zone(word); zone != k_no_zone) {
            m_fields.zone = zone;
            m_fields.has_zone = true;
            return true;
        }
    }
    // The last one before the clock counts: "mar., 01 déc. 2020" starts with a Tuesday.
    if (word.size() >= 3 && m_fields.hour < 0 && !m_numeric_month) {
        if (const int month = find_month(word); month > 0) m_fields.month = month;
    } else if (word.size() >= 3 && m_fields.month < 0) {
        m_fields.month = find_month(word);
    }
    return true; // Weekdays, "th", "at", "o'clock", "Uhr": noise.
}

bool Reader::read() {
    while (m_pos < m_text.size()) {
        const char c = peek();
        if (is_ascii_digit(c)) {
            if (!read_number()) return false;
        } else if ((c == '+' || c == '-') && at_digit(1) && m_fields.day >= 0 &&
                   (m_fields.year >= 0 || m_fields.hour >= 0)) {
            if (!read_offset()) return false;
        } else if (c == '+' && is_ascii_alpha(peek(1)) && m_fields.hour >= 0) {
            return false; // "+zz:00"
        } else if (is_ascii_alpha(c) || static_cast<unsigned char>(c) >= 0x80) {
            if (!read_word()) return false;
        } else {
            ++m_pos;
        }
    }
    return true;
}
}

std::optional<DateFields> read_date_fields(std::string_view text) {
    Reader reader(text);
    return reader.read() ? std::optional(reader.fields()) : std::nullopt;
}
}
