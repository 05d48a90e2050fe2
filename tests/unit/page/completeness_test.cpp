#include "core/page/completeness.hpp"

#include <doctest/doctest.h>
#include <string>

namespace {
using namespace cti::page;
const std::string k_text =
    "Lantern Fox replaced its loader, which talks to several servers of invoices and accountants. ";
std::string times(const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}
}

TEST_CASE("page::is_whole: long feed texts are whole unless they end as teasers do") {
    CHECK(is_whole(times(k_text, 30), {}));
    CHECK_FALSE(is_whole(k_text, {}));
    CHECK_FALSE(is_whole(times(k_text, 30) + "and then [\u2026]", {}));
    CHECK_FALSE(is_whole(times(k_text, 30) + "Continue reading", {}));
    CHECK_FALSE(is_whole(times(k_text, 30) + "more...", {}));
    CHECK(is_whole(k_text, {true, 2000}));
    CHECK(is_whole(k_text, {false, 50}));
    CHECK_FALSE(is_whole("", {}));
}

TEST_CASE("page::choose_text: the fuller text about the same thing is kept") {
    CHECK(choose_text(k_text, times(k_text, 20), {}).source == TextSource::page);
    CHECK(choose_text(times(k_text, 20), k_text, {}).source == TextSource::feed);
    CHECK(choose_text("", k_text, {}).source == TextSource::page);
    CHECK(choose_text(k_text, times(k_text, 20), {true, 2000}).source == TextSource::feed);
}

TEST_CASE("page::choose_text: a page about something else or without text leaves the feed's text") {
    const auto wall =
        times("Please enable cookies and prove that you are human before reading further below. ", 20);
    const auto choice = choose_text(k_text, wall, {});
    CHECK(choice.source == TextSource::feed);
    CHECK(choice.reason == "the page is about something else");
    CHECK(choice.completeness < 0.1);
    CHECK(choose_text(k_text, "", {}).completeness == 0);
}
