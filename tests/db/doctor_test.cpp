#include "core/ops/doctor.hpp"
#include "use_case.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;

namespace {
using Finding = ops::Finding;

std::vector<Finding> examine(const std::string& url) {
    ops::DoctorOptions options;
    options.find_address = [&] { return ops::FoundAddress{url, "DATABASE_URL"}; };
    return ops::examine(options);
}
Finding get(const std::vector<Finding>& findings, const std::string& check) {
    const auto found = std::ranges::find(findings, check, &Finding::check);
    REQUIRE(found != findings.end());
    return *found;
}
}

TEST_CASE("doctor: a database that is ready passes, and a source that fails is named") {
    Ready ready;
    auto findings = examine(ready.test.address());
    for (const char* check : {"address", "authentication", "server", "schema", "rights", "sources"})
        CHECK(get(findings, check).verdict == ops::Verdict::ok);
    CHECK(get(findings, "sources").detail == "1, 1 active, 0 failing");
    ready.test.run("UPDATE sources SET consecutive_failures = 3, last_check = now()");
    findings = examine(ready.test.address());
    CHECK(get(findings, "source first").verdict == ops::Verdict::warn);
}

TEST_CASE("doctor: a database without tables fails by its schema, and what needs it is skipped") {
    const TestDatabase empty;
    const auto findings = examine(empty.address());
    CHECK(get(findings, "authentication").verdict == ops::Verdict::ok);
    CHECK(get(findings, "schema").verdict == ops::Verdict::fail);
    CHECK(get(findings, "rights").verdict == ops::Verdict::skipped);
    CHECK_FALSE(ops::is_well(findings));
}
