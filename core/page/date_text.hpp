#pragma once
#include "core/page/page.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cti::page {

// Day and month as "03/04/2006" has them.
enum class SlashOrder { day_first, month_first };

struct Day {
    int year = 0, month = 0, day = 0;
    bool operator==(const Day&) const = default;
};

// The next date that stands in running text at or after `pos`, which moves past it:
// 2019-11-20, 20.11.2019, 20 November 2019, Nov. 20th, 2019, 20 de noviembre de 2019, 2019年11月20日. Years
// 1990 to 2039.
std::optional<Day> next_date(std::string_view text, std::size_t& pos, SlashOrder order);

// The same, and where it stands.
struct DateSpan {
    Day day;
    std::size_t begin = 0, end = 0;
};
std::optional<DateSpan> next_date_span(std::string_view text, std::size_t from, SlashOrder order);

// A sentence says when something happened, or a label whose day it is: "The sample was compiled on 3 January
// 2020", "First seen: 2020-01-03". Not "Berlin, 3 January 2020", "Posted on …", "By Ada Meyer, …".
bool tells_of_event(std::string_view line, const DateSpan& date);
// "Updated on …", in the languages met.
bool says_changed(std::string_view text);

// The day in an address: /2019/11/20/, /2019/1/2/, /2019-11-20-, /20191120/. A year and month alone are none.
std::optional<Day> date_in_url(std::string_view url);

// "datePublished":"2019-11-20" and the like in a page's scripts, for pages that say it nowhere else.
// `others` are days that the page tells of other articles.
std::optional<Day> date_in_data(std::string_view html, const std::vector<std::string>& others);

// A value that is a date: the day is the one that was written, in whatever zone. Nothing for years before
// 1990.
std::optional<PageDate> read_date(std::string_view value, std::string_view source,
                                  SlashOrder order = SlashOrder::month_first);
PageDate to_page_date(const Day& day, std::string_view source);
}
