#include "core/page/date_text.hpp"

#include "core/base/date/date.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::page {
namespace {
using namespace std::chrono;

bool is_valid(const Day& day) {
    return day.year >= 1990 && day.year < 2040 && year_month_day{year{day.year} / day.month / day.day}.ok();
}

class DateScanner {
public:
    DateScanner(std::string_view text, std::size_t pos, SlashOrder order)
        : m_text(text), m_pos(pos), m_order(order) {}

    std::optional<Day> next() {
        while (m_pos < m_text.size()) {
            const auto start = m_pos;
            std::optional<Day> found;
            if (is_ascii_digit(m_text[start])) {
                found = from_number();
                if (!found) skip_digits(start);
            } else if (is_word_start(start)) {
                found = from_month_name();
                if (!found) m_pos = word_end(start);
            } else {
                ++m_pos;
            }
            if (found && is_valid(*found)) {
                m_begin = start;
                return found;
            }
            m_pos = std::max(m_pos, start + 1);
        }
        return std::nullopt;
    }
    std::size_t pos() const { return m_pos; }
    std::size_t begin() const { return m_begin; } // of the date found

private:
    struct Number {
        int value = -1;
        std::size_t digits = 0;
    };

    Number number() {
        Number out;
        while (m_pos < m_text.size() && is_ascii_digit(m_text[m_pos]) && out.digits < 9) {
            out.value = std::max(0, out.value) * 10 + (m_text[m_pos++] - '0');
            ++out.digits;
        }
        return out;
    }
    void skip_digits(std::size_t start) {
        m_pos = start;
        while (m_pos < m_text.size() && is_ascii_digit(m_text[m_pos])) ++m_pos;
    }
    bool consume(std::string_view text) {
        if (!istarts_with(m_text.substr(m_pos), text)) return false;
        m_pos += text.size();
        return true;
    }
    void blanks() {
        while (m_pos < m_text.size() && (m_text[m_pos] == ' ' || m_text.substr(m_pos, 2) == "\xC2\xA0"))
            m_pos += m_text[m_pos] == ' ' ? 1 : 2;
    }
    static bool is_letter(char c) { return is_ascii_alpha(c) || static_cast<unsigned char>(c) >= 0x80; }
    bool is_word_start(std::size_t at) const {
        return is_letter(m_text[at]) && (at == 0 || !is_letter(m_text[at - 1]));
    }
    std::size_t word_end(std::size_t at) const {
        while (at < m_text.size() && is_letter(m_text[at])) ++at;
        return at;
    }

    std::optional<Day> from_number() {
        if (m_pos > 0 && (is_ascii_digit(m_text[m_pos - 1]) || m_text[m_pos - 1] == '$')) return std::nullopt;
        const auto first = number();
        if (first.digits == 4) return year_first(first.value);
        if (first.digits > 2) return std::nullopt;
        const auto behind = m_pos;
        if (const auto found = all_numbers(first.value)) return found;
        m_pos = behind;
        return day_and_name(first.value);
    }

    // The sign of the year, month or day as Chinese, Japanese and Korean write it; blanks may stand around
    // it.
    bool unit(std::string_view chinese, std::string_view korean) {
        const auto before = m_pos;
        blanks();
        if (consume(chinese) || consume(korean)) {
            blanks();
            return true;
        }
        m_pos = before;
        return false;
    }

    // 2019-11-20, 2019/11/20, 2019.11.20, 2019. 11. 20, 2019年11月20日, 2019년 11월 20일
    std::optional<Day> year_first(int year) {
        if (unit("年", "년")) {
            const int month = number().value;
            if (!unit("月", "월")) return std::nullopt;
            const int day = number().value;
            unit("日", "일"); // It may be left out.
            return Day{year, month, day};
        }
        if (m_pos >= m_text.size()) return std::nullopt;
        const char sign = m_text[m_pos];
        if (sign != '-' && sign != '/' && sign != '.') return std::nullopt;
        ++m_pos;
        if (sign == '.') blanks();
        const auto month = number();
        if (month.digits == 0 || month.digits > 2 || m_pos >= m_text.size() || m_text[m_pos] != sign)
            return std::nullopt;
        ++m_pos;
        if (sign == '.') blanks();
        const auto day = number();
        if (day.digits == 0 || day.digits > 2) return std::nullopt;
        return Day{year, month.value, day.value};
    }

    // 20.11.2019, 20/11/19, 11/20/2019, 20. 11. 2019
    std::optional<Day> all_numbers(int first) {
        if (m_pos >= m_text.size()) return std::nullopt;
        const char sign = m_text[m_pos];
        if (sign != '-' && sign != '/' && sign != '.') return std::nullopt;
        ++m_pos;
        if (sign == '.') blanks();
        const auto second = number();
        if (second.digits == 0 || second.digits > 2 || m_pos >= m_text.size() || m_text[m_pos] != sign)
            return std::nullopt;
        ++m_pos;
        if (sign == '.') blanks();
        const auto last = number();
        if (last.digits != 4 && last.digits != 2) return std::nullopt;
        if (m_pos < m_text.size() && (m_text[m_pos] == sign || is_ascii_digit(m_text[m_pos])))
            return std::nullopt; // An address, a version.
        const int year = last.digits == 2 ? 2000 + last.value : last.value;
        const bool month_first =
            second.value > 12 || (sign == '/' && m_order == SlashOrder::month_first && first <= 12);
        return month_first ? Day{year, first, second.value} : Day{year, second.value, first};
    }

    // 20th of November 2019, 20 de noviembre de 2019, 20-Nov-2019
    std::optional<Day> day_and_name(int day) {
        if (!consume("st") && !consume("nd") && !consume("rd") && !consume("th") && !consume("er") &&
            !consume("º"))
            consume(".");
        blanks();
        consume("-");
        if (consume("de ") || consume("of ")) blanks();
        const auto end = word_end(m_pos);
        const int month = end - m_pos < 3 ? 0 : month_of(m_text.substr(m_pos, end - m_pos));
        if (month == 0) return std::nullopt;
        m_pos = end;
        consume(".");
        consume(",");
        consume("-");
        blanks();
        if (consume("de ") || consume("del ") || consume("of ")) blanks();
        const auto year = number();
        if (year.digits != 4) return std::nullopt;
        return Day{year.value, month, day};
    }

    // November 20th, 2019
    std::optional<Day> from_month_name() {
        const auto end = word_end(m_pos);
        const auto word = m_text.substr(m_pos, end - m_pos);
        m_pos = end;
        consume(".");
        blanks();
        const auto day = number(); // Looked for first: a number is rarer than a word.
        if (day.digits == 0 || day.digits > 2) return std::nullopt;
        const int month = word.size() < 3 || word.size() > 24 ? 0 : month_of(word);
        if (month == 0) return std::nullopt;
        if (!consume("st") && !consume("nd") && !consume("rd")) consume("th");
        consume(".");
        consume(",");
        blanks();
        const auto year = number();
        if (year.digits != 4) return std::nullopt;
        return Day{year.value, month, day.value};
    }

    std::string_view m_text;
    std::size_t m_pos, m_begin = 0;
    SlashOrder m_order;
};

Time time_of(const Day& day) { return Time{sys_days{year{day.year} / day.month / day.day}}; }

// "20191120T2330": the clock without colons.
bool has_clock_digits(std::string_view text) {
    const auto mark = text.find('T');
    return mark != text.npos && mark > 0 && mark + 1 < text.size() && is_ascii_digit(text[mark - 1]) &&
           is_ascii_digit(text[mark + 1]);
}

// "+02:00", "-0500", "Z", "GMT" at the end: where it starts, or npos.
std::size_t zone_start(std::string_view text) {
    if (text.size() > 6 && (text.back() == 'Z' || text.back() == 'z') &&
        is_ascii_digit(text[text.size() - 2]))
        return text.size() - 1;
    const auto sign = text.find_last_of("+-");
    if (sign != text.npos && sign > 10 && text.find(':') < sign && text.size() - sign >= 3 &&
        text.size() - sign <= 6)
        return sign;
    const auto space = text.find_last_of(' ');
    if (space == text.npos || text.size() - space > 5 || text.find(':') > space) return text.npos;
    const auto word = text.substr(space + 1);
    if (iequals(word, "am") || iequals(word, "pm") || !std::ranges::all_of(word, is_ascii_alpha))
        return text.npos;
    return space;
}
}

std::optional<Day> next_date(std::string_view text, std::size_t& pos, SlashOrder order) {
    DateScanner scanner(text, pos, order);
    auto found = scanner.next();
    pos = scanner.pos();
    return found;
}

std::optional<DateSpan> next_date_span(std::string_view text, std::size_t from, SlashOrder order) {
    DateScanner scanner(text, from, order);
    const auto found = scanner.next();
    return found ? std::optional(DateSpan{*found, scanner.begin(), scanner.pos()}) : std::nullopt;
}

namespace {
// "2019/11/20", "2019-11-20", "20191120" at `at`; between slashes one digit will do for month and day.
std::optional<Day> day_at(std::string_view path, std::size_t at) {
    const auto number = [&](std::size_t least, std::size_t most) {
        const auto start = at;
        int value = 0;
        while (at < path.size() && is_ascii_digit(path[at]) && at - start < most)
            value = value * 10 + (path[at++] - '0');
        return at - start < least ? -1 : value;
    };
    const auto sign = [&] {
        const bool is_sign = at < path.size() && (path[at] == '/' || path[at] == '-' || path[at] == '_');
        return is_sign ? path[at++] : '\0';
    };
    const int year = number(4, 4);
    const char first = sign();
    const int month = number(first == '/' ? 1 : 2, 2);
    const char second = sign();
    const int day = number(first == '/' && second == '/' ? 1 : 2, 2);
    const bool is_one_digit = at > 1 && second == '/' && path[at - 2] == '/';
    if (is_one_digit && at < path.size() && path[at] != '/') return std::nullopt; // "/2019/11/3-questions"
    const bool is_whole =
        (first == '\0') == (second == '\0') && (at == path.size() || !is_ascii_digit(path[at]));
    const Day found{year, month, day};
    return is_whole && month > 0 && day > 0 && is_valid(found) ? std::optional(found) : std::nullopt;
}
}

std::optional<Day> date_in_url(std::string_view url) {
    const auto path = split_url(url).path;
    for (std::size_t at = 0; at + 8 <= path.size(); ++at) {
        if (!is_ascii_digit(path[at]) || (at > 0 && is_ascii_digit(path[at - 1]))) continue;
        if (const auto day = day_at(path, at)) return day;
    }
    return std::nullopt;
}

std::optional<Day> date_in_data(std::string_view html, const std::vector<std::string>& others) {
    static constexpr std::string_view names[] = {"datePublished", "publishedAt",     "published_at",
                                                 "publishDate",   "publicationDate", "publish_date",
                                                 "pubDate",       "datePosted"};
    constexpr std::size_t k_max_between = 24; // quotes, escaped twice, and a colon
    for (const auto name : names) {
        for (auto at = html.find(name); at != html.npos; at = html.find(name, at)) {
            at += name.size();
            const auto digits = html.substr(at, k_max_between).find_first_of("0123456789");
            if (digits == html.npos) continue;
            const auto between = html.substr(at, digits);
            if (between.find(':') == between.npos || between.find('<') != between.npos) continue;
            std::size_t pos = 0;
            const auto day = next_date(html.substr(at + digits, 10), pos, SlashOrder::month_first);
            if (!day || pos != 10) continue;
            const auto written = html.substr(at + digits, 10);
            if (std::ranges::none_of(others,
                                     [&](const std::string& other) { return other.starts_with(written); }))
                return day;
        }
    }
    return std::nullopt;
}

PageDate to_page_date(const Day& day, std::string_view source) {
    return {fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day), time_of(day),
            std::string(source)};
}

std::optional<PageDate> read_date(std::string_view value, std::string_view source, SlashOrder order) {
    value = trim(value);
    if (value.size() > 200) return std::nullopt;
    std::optional<Time> utc, local;
    bool has_time = false, has_zone = false;
    const auto slash = value.find('/');
    const bool is_ambiguous = slash != value.npos && slash <= 2 && order == SlashOrder::day_first;
    if (!is_ambiguous && (utc = parse_date(value))) {
        const auto zone = zone_start(value);
        has_zone = zone != value.npos;
        has_time = value.find(':') != value.npos || has_clock_digits(value) ||
                   (value.size() > 8 && std::ranges::all_of(value, is_ascii_digit));
        local = has_zone ? parse_date(value.substr(0, zone)) : utc;
        if (!local) local = utc;
    }
    if (!utc) { // "Published on 20 November 2019 by …"
        std::size_t pos = 0;
        if (const auto day = next_date(value, pos, order)) return to_page_date(*day, source);
        return std::nullopt;
    }
    const year_month_day day{floor<days>(*local)};
    if (int(day.year()) < 1990 || int(day.year()) >= 2040) return std::nullopt;
    const auto midnight = floor<days>(*local);
    if (!has_time)
        return to_page_date({int(day.year()), int(unsigned(day.month())), int(unsigned(day.day()))}, source);
    const hh_mm_ss clock{floor<seconds>(*local - midnight)};
    const auto offset = duration_cast<minutes>(*local - *utc).count();
    std::string written = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(day.year()),
                                      unsigned(day.month()), unsigned(day.day()), clock.hours().count(),
                                      clock.minutes().count(), clock.seconds().count());
    written += offset == 0 ? "Z"
                           : fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', std::abs(offset) / 60,
                                         std::abs(offset) % 60);
    return PageDate{std::move(written), *utc, std::string(source)};
}
}
