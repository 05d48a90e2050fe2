#include "core/db/migrate.hpp"
#include "core/db/time_base.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;

namespace {
// moment: of type timestamptz. own: as cti writes a check down, else as the web service does.
void add_check(const Ready& ready, const std::string& moment, const std::string& zone, bool own) {
    ready.test.run(fmt::format(
        "INSERT INTO source_checks (source_id, check_time, success, method, articles_found, check_metadata) "
        "SELECT id, ({}) AT TIME ZONE '{}', true, 'rss', 0, '{}' FROM sources LIMIT 1",
        moment, zone, own ? "{\"entries\": 1}" : "{}"));
}

std::optional<db::Fault> fault_of(Ready& ready) {
    auto transaction = ready.begin();
    return db::find_zone_fault(transaction, ready.schema);
}
}

TEST_CASE("time base: rows of others that fit the server's clock are no fault") {
    Ready ready;
    CHECK_FALSE(fault_of(ready));
    add_check(ready, "now() - interval '3 days'", "UTC", false);
    CHECK_FALSE(fault_of(ready));
    add_check(ready, "now()", "UTC", true);
    add_check(ready, "now()", "UTC", false);
    CHECK_FALSE(fault_of(ready));
}

TEST_CASE("time base: a row of this moment in the zone of the service of 2026 is named with that zone") {
    Ready ready;
    add_check(ready, "now()", "America/New_York", false);
    const auto fault = fault_of(ready);
    REQUIRE(fault);
    CHECK(contains(fault->what, "behind the server's clock"));
    CHECK(contains(fault->remedy, "cti init --time-zone America/New_York"));
}

TEST_CASE("time base: a row later than the server's clock is named") {
    Ready ready;
    add_check(ready, "now()", "Asia/Tokyo", false);
    const auto fault = fault_of(ready);
    REQUIRE(fault);
    CHECK(contains(fault->what, "ahead of the server's clock"));
}

TEST_CASE("time base: an old row that does not fit between those of cti is named") {
    Ready ready;
    add_check(ready, "now() - interval '2 days'", "UTC", true);
    add_check(ready, "now() - interval '2 days'", "America/Los_Angeles", false);
    const auto fault = fault_of(ready);
    REQUIRE(fault);
    CHECK(contains(fault->what, "earlier than the row of cti before it"));
}

TEST_CASE("time base: init changes the zone of a database that one side has written, and of no other") {
    Ready own;
    add_check(own, "'2026-11-02T12:00:00Z'", "UTC", true);
    db::set_up(own.database, "America/New_York", false);
    CHECK(own.test.value("SELECT check_time::text FROM source_checks") == "2026-11-02 07:00:00");
    CHECK(own.test.value("SELECT value FROM cti.settings WHERE key = 'time_base'") == "America/New_York");

    Ready foreign;
    add_check(foreign, "'2026-11-02T12:00:00Z'", "America/New_York", false);
    db::set_up(foreign.database, "America/New_York", false);
    CHECK(foreign.test.value("SELECT check_time::text FROM source_checks") == "2026-11-02 07:00:00");

    add_check(foreign, "now()", "America/New_York", true);
    const auto refused = error_of([&] { db::set_up(foreign.database, "UTC", false); });
    REQUIRE(refused);
    CHECK(refused->code() == ExitCode::usage);
    CHECK(foreign.test.value("SELECT value FROM cti.settings WHERE key = 'time_base'") == "America/New_York");
    db::set_up(foreign.database, "America/New_York", false);
}
