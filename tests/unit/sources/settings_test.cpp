#include "core/sources/settings.hpp"

#include <doctest/doctest.h>

using namespace cti::sources;
using namespace std::chrono_literals;

TEST_CASE("sources::read_fetch_settings: the web service's robots keys and ours") {
    const auto settings = read_fetch_settings(
        R"json({"robots":{"enabled":true,"respect_delay":true,"max_requests_per_minute":10,"crawl_delay":1.5},
        "fetch":{"max_mib":2,"timeout":30,"allow_private":true,"user_agent":"bot (+https://a.example)","ca_file":"/etc/ca.pem","proxy":"http://p:3128"}})json");
    CHECK(settings.crawl_delay == 1500ms);
    CHECK(settings.max_requests_per_minute == 10);
    CHECK(settings.max_bytes == 2U * 1024 * 1024);
    CHECK(settings.timeout == 30s);
    CHECK(settings.allow_private);
    CHECK(settings.user_agent == "bot (+https://a.example)");
    CHECK(settings.ca_file == "/etc/ca.pem");
    CHECK(settings.proxy == "http://p:3128");
}

TEST_CASE("sources::read_fetch_settings: respect_delay false means no delay, enabled false no robots.txt") {
    const auto settings =
        read_fetch_settings(R"({"robots":{"enabled":false,"respect_delay":false,"crawl_delay":5}})");
    CHECK(settings.crawl_delay == 0ms);
    CHECK_FALSE(settings.obey_robots);
}

TEST_CASE("sources::read_fetch_settings: what is no setting counts as not said") {
    for (const char* config :
         {"", "[]", "null", "{", R"({"robots":5,"fetch":[]})",
          R"({"robots":{"crawl_delay":"1","max_requests_per_minute":-1,"enabled":1}})",
          R"({"fetch":{"max_mib":0,"timeout":-5,"user_agent":"a\r\nX: y","proxy":7}})"}) {
        CAPTURE(config);
        const auto settings = read_fetch_settings(config);
        CHECK(settings.crawl_delay == 0ms);
        CHECK_FALSE(settings.max_requests_per_minute.has_value());
        CHECK_FALSE(settings.max_bytes.has_value());
        CHECK_FALSE(settings.timeout.has_value());
        CHECK(settings.obey_robots);
        CHECK(settings.user_agent == "");
    }
    CHECK(read_fetch_settings(R"({"robots":{"crawl_delay":1e300}})").crawl_delay == 60s);
}
