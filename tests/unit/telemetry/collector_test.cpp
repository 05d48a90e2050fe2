#include "core/telemetry/collector.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace cti::telemetry;

TEST_CASE("otlp address: the endpoint of traces stands as it is, /v1/traces is added to the common one") {
    CHECK(traces_url({"", ""}).empty());
    CHECK(traces_url({"", "http://collector:4318"}) == "http://collector:4318/v1/traces");
    CHECK(traces_url({"", "http://collector:4318/"}) == "http://collector:4318/v1/traces");
    CHECK(traces_url({"", "https://host/otlp"}) == "https://host/otlp/v1/traces");
    CHECK(traces_url({"https://host/mine", "http://collector:4318"}) == "https://host/mine");
}

TEST_CASE("otlp address: what is no web address is refused without being shown") {
    CHECK(collector_refusal("http://collector:4318/v1/traces").empty());
    CHECK(collector_refusal("https://user:c4nary@host/v1/traces").empty());
    for (const auto* url : {"collector:4318/c4nary", "grpc://c4nary", "http://", "http://host:99999/c4nary",
                            "http://ho st/c4nary"}) {
        const auto refusal = collector_refusal(url);
        CHECK_FALSE(refusal.empty());
        CHECK(refusal.find("c4nary") == std::string::npos);
    }
}

TEST_CASE("otlp headers: names and percent-encoded values become lines") {
    const auto parsed = parse_headers("api-key=c4nary, Authorization=Basic%20YTpi%3D ,,x=a=b");
    CHECK(parsed.fault.empty());
    CHECK(parsed.lines ==
          std::vector<std::string>{"api-key: c4nary", "Authorization: Basic YTpi=", "x: a=b"});
    CHECK(parse_headers("").lines.empty());
    CHECK(parse_headers("k=%41").lines == std::vector<std::string>{"k: A"});
}

TEST_CASE("otlp headers: what would be another request is refused without being shown") {
    for (const auto* text : {"c4nary", "=c4nary", "a b=c4nary", "a=c4nary%0d%0aHost: x", "a=c4nary%00",
                             "a=c4nary%", "a=c4nary%4", "a=c4nary%zz", "a:=c4nary", "ok=1,c4nary"}) {
        const auto parsed = parse_headers(text);
        CHECK_MESSAGE(!parsed.fault.empty(), text);
        CHECK(parsed.lines.empty());
        CHECK(parsed.fault.find("c4nary") == std::string::npos);
    }
    std::string many;
    for (int i = 0; i < 33; ++i) many += "a=b,";
    CHECK_FALSE(parse_headers(many).fault.empty());
    CHECK_FALSE(parse_headers("a=" + std::string(16 * 1024, 'x')).fault.empty());
}
