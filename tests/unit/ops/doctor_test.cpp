#include "core/base/error.hpp"
#include "core/ops/doctor/doctor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::ops;

namespace {
ops::Finding get(const std::vector<ops::Finding>& findings, const std::string& check) {
    const auto found = std::ranges::find(findings, check, &ops::Finding::check);
    REQUIRE(found != findings.end());
    return *found;
}
std::vector<ops::Finding> examine_address(const std::string& url, bool is_visible = false) {
    DoctorOptions options;
    options.find_address = [&] {
        return ops::FoundAddress{url, is_visible ? "--database-url" : "DATABASE_URL"};
    };
    return examine(options);
}
}

TEST_CASE("doctor: an address that cannot be found out is a finding, and what needs it is skipped") {
    DoctorOptions options;
    options.find_address = []() -> ops::FoundAddress {
        throw Error{ExitCode::usage, "cannot read 'x', which DATABASE_URL_FILE names", "Make it readable."};
    };
    const auto findings = examine(options);
    CHECK_FALSE(is_well(findings));
    CHECK(get(findings, "address").verdict == Verdict::fail);
    CHECK(get(findings, "address").remedy == "Make it readable.");
    for (const char* check : {"dns", "tcp", "authentication"})
        CHECK(get(findings, check).verdict == Verdict::skipped);
    CHECK(get(findings, "disk").verdict != Verdict::skipped);
}

TEST_CASE("doctor: where nobody listens, nobody logs in") {
    const auto findings = examine_address("postgresql://me@127.0.0.1:1/db");
    CHECK(get(findings, "address").detail == "db as 'me' at 127.0.0.1:1 (from DATABASE_URL)");
    CHECK(get(findings, "dns").verdict == Verdict::ok);
    CHECK(get(findings, "tcp").verdict == Verdict::fail);
    CHECK(get(findings, "authentication").verdict == Verdict::skipped);
    CHECK_FALSE(is_well(findings));
}

TEST_CASE("doctor: a password that others see is warned of") {
    const std::string url = "postgresql://me:secret@127.0.0.1:1/db";
    CHECK(get(examine_address(url), "address").verdict == Verdict::ok);
    CHECK(get(examine_address(url, true), "address").verdict == Verdict::warn);
    CHECK(get(examine_address("postgresql://me@127.0.0.1:1/db", true), "address").verdict == Verdict::ok);
}
