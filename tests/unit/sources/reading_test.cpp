#include "core/sources/reading.hpp"

#include <deque>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::sources;
using namespace std::chrono_literals;

namespace {
struct Fleet {
    std::deque<Source> sources;
    std::vector<SourceState> states;
    void add(int failures, std::string_view error) {
        auto& source = sources.emplace_back();
        source.active = true;
        source.last_check = Time(1h);
        source.consecutive_failures = failures;
        states.push_back({&source, error});
    }
    Reading reading() const { return assess_reading(states); }
};
constexpr std::string_view k_no_name = "cannot resolve the host name: Could not resolve host: a.example";
}

TEST_CASE("reading: sources that all fail for one reason are one fault with one remedy") {
    Fleet fleet;
    for (int i = 0; i < 3; ++i) fleet.add(1, k_no_name);
    CHECK(is_dead(fleet.reading()));
    CHECK(reading_fault(fleet.reading()) == "none of 3 sources can be read: cannot resolve the host name");
    CHECK(reading_remedy(fleet.reading()).find("online") != std::string::npos);
}

TEST_CASE("reading: one source that is read is enough to live") {
    Fleet fleet;
    for (int i = 0; i < 40; ++i) fleet.add(5, k_no_name);
    fleet.add(0, "");
    CHECK_FALSE(is_dead(fleet.reading()));
    CHECK(reading_fault(fleet.reading()) == "");
}

TEST_CASE("reading: what two sources have in common may be chance") {
    Fleet fleet;
    fleet.add(1, k_no_name), fleet.add(2, k_no_name);
    CHECK_FALSE(is_dead(fleet.reading()));
    CHECK(reading_fault(fleet.reading()) == "none of 2 sources can be read: cannot resolve the host name");
    fleet.sources[0].consecutive_failures = fleet.sources[1].consecutive_failures = 3;
    CHECK_FALSE(is_dead(fleet.reading()));
}

TEST_CASE("reading: different reasons are no reason of the machine") {
    Fleet fleet;
    fleet.add(1, k_no_name), fleet.add(1, "HTTP 404 (not found)"),
        fleet.add(1, "timed out: no answer within 10 s");
    CHECK_FALSE(is_dead(fleet.reading()));
    CHECK(reading_fault(fleet.reading()) == "none of 3 sources can be read");
    CHECK(reading_remedy(fleet.reading()).find("sources show") != std::string::npos);
    for (auto& source : fleet.sources) source.consecutive_failures = 3;
    CHECK(is_dead(fleet.reading())); // for so long
}

TEST_CASE("reading: the remedy for a single source fits its fault") {
    CHECK(site_remedy("HTTP 429 (too many requests)", "a").find("disable") == std::string::npos);
    CHECK(site_remedy("HTTP 404 (not found)", "a").find("cti sources edit a --rss-url URL") !=
          std::string::npos);
    CHECK(site_remedy("more than 10 MiB", "a").find("cti sources edit a --set fetch.max_mib=32") !=
          std::string::npos);
    CHECK(site_remedy("not a feed", "a") == "See 'cti sources show a'; 'cti sources disable a' ends it.");
}

TEST_CASE("reading: disabled sources and those never asked say nothing") {
    Fleet fleet;
    fleet.add(9, k_no_name), fleet.sources[0].active = false;
    fleet.add(0, ""), fleet.sources[1].last_check.reset();
    const auto reading = fleet.reading();
    CHECK(reading.active == 1);
    CHECK(reading.asked == 0);
    CHECK_FALSE(is_dead(reading));
}
