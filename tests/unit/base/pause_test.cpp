#include "core/base/clock.hpp"
#include "core/base/pause.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace std::chrono_literals;

TEST_CASE("pause_for: as long as was said, where nothing stops it") {
    const auto begun = steady_time();
    CHECK(pause_for(30ms, {}));
    CHECK(steady_time() - begun >= 30ms);
    CHECK(pause_for(0ms, [] { return false; }));
    CHECK(pause_for(-1h, {}));
}

TEST_CASE("pause_for: it ends when it is stopped, at the first look and at a later one") {
    CHECK_FALSE(pause_for(24h, [] { return true; }));
    CHECK_FALSE(pause_for(0ms, [] { return true; }));
    int looks = 0;
    CHECK_FALSE(pause_for(24h, [&] { return ++looks == 3; }));
    CHECK(looks >= 3);
}
