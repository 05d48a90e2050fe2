#include "cli/term/charts.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::cli;

TEST_CASE("cli::sparkline: one character a value, as high as its share of the largest") {
    CHECK(sparkline({0, 1, 2, 4, 8}) == "▁▂▂▄█");
    CHECK(sparkline({0, 0}) == "▁▁");
    CHECK(sparkline({5, 5}) == "██");
    CHECK(sparkline({}).empty());
    CHECK(display_width(sparkline(std::vector<long>(30, 7))) == 30);
}

TEST_CASE("cli::bar: eighths of a cell, never longer than the room, never nothing for something") {
    CHECK(bar(10, 10, 4) == "████");
    CHECK(bar(5, 10, 4) == "██");
    CHECK(bar(1, 1000000, 10) == "▏");
    CHECK(bar(0, 10, 10).empty());
    CHECK(bar(3, 0, 10).empty());
    CHECK(bar(20, 10, 3) == "███");
    for (long value = 1; value <= 100; ++value) CHECK(display_width(bar(value, 100, 13)) <= 13);
}

TEST_CASE("cli::size_text: three figures and a unit") {
    CHECK(size_text(0) == "0 B");
    CHECK(size_text(1023) == "1023 B");
    CHECK(size_text(1536) == "1.5 KiB");
    CHECK(size_text(5L << 30) == "5.0 GiB");
}
