#include "core/collect/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;

TEST_CASE("collect::to_json: totals are the sums of the sources, null stands where nothing is known") {
    collect::Report report;
    CheckResult good, bad;
    good.identifier = "a", good.entries = 5, good.inserted = 3, good.duplicate = 1,
    good.filtered[DropReason::no_text] = 1, good.http_status = 200;
    bad.identifier = "b", bad.status = CheckStatus::failed, bad.method = CheckMethod::all_failed,
    bad.error = "HTTP \"404\"\x1b";
    report.results = {good, bad};
    const auto json = nlohmann::json::parse(collect::to_json(report));
    CHECK(json["totals"]["sources"] == 2);
    CHECK(json["totals"]["failed"] == 1);
    CHECK(json["totals"]["new"] == 3);
    CHECK(json["totals"]["filtered"] == 1);
    CHECK(json["sources"][0]["filtered"]["no_text"] == 1);
    CHECK(json["sources"][0]["error"].is_null());
    CHECK(json["sources"][1]["http_status"].is_null());
    CHECK(json["sources"][1]["error"] == "HTTP \"404\"\x1b");
}
