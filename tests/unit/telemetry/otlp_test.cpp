#include "core/telemetry/otlp.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace cti::telemetry;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {
SpanData some_span() {
    SpanData span;
    span.name = "GET";
    span.kind = SpanKind::client;
    span.context = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    span.parent = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0123456789abcdef-01")->span;
    span.began = cti::Time{1'780'000'000'123'456us};
    span.ended = span.began + 1'500us;
    span.attributes = {{"url.full", std::string("https://a/\"\x01")},
                       {"http.response.status_code", std::int64_t{503}}};
    return span;
}

json first_span(const SpanData& span) {
    const auto all = json::parse(write_traces({"cti", "1.0", 7}, std::vector{span}));
    return all["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
}
}

TEST_CASE("otlp json: a span is written as the schema has it") {
    const auto expected = json::parse(R"({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7",
        "parentSpanId": "0123456789abcdef", "name": "GET", "kind": 3,
        "startTimeUnixNano": "1780000000123456000", "endTimeUnixNano": "1780000000124956000",
        "attributes": [{"key": "url.full", "value": {"stringValue": "https://a/\"\u0001"}},
                       {"key": "http.response.status_code", "value": {"intValue": "503"}}],
        "status": {}})");
    CHECK(first_span(some_span()) == expected);
}

TEST_CASE("otlp json: the first span of a trace has no parent, a failed one has its status") {
    auto span = some_span();
    span.parent = {};
    span.is_failed = true;
    span.fault = "no answer";
    const auto written = first_span(span);
    CHECK_FALSE(written.contains("parentSpanId"));
    CHECK(written["status"] == json::parse(R"({"code": 2, "message": "no answer"})"));
}

TEST_CASE("otlp json: the resource says which service and process it was") {
    const auto all = json::parse(write_traces({"my cti", "1.0", 7}, std::vector{some_span(), some_span()}));
    const auto& resource = all["resourceSpans"][0]["resource"]["attributes"];
    CHECK(resource[0] == json::parse(R"({"key": "service.name", "value": {"stringValue": "my cti"}})"));
    CHECK(resource[1] == json::parse(R"({"key": "service.version", "value": {"stringValue": "1.0"}})"));
    CHECK(resource[2] == json::parse(R"({"key": "process.pid", "value": {"intValue": "7"}})"));
    const auto& scope = all["resourceSpans"][0]["scopeSpans"][0];
    CHECK(scope["scope"] == json::parse(R"({"name": "cti", "version": "1.0"})"));
    CHECK(scope["spans"].size() == 2);
}

TEST_CASE("otlp answer: rejected spans are counted, whatever else is answered is nothing") {
    CHECK(count_rejected(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}})", 5) == 3);
    CHECK(count_rejected(R"({"partialSuccess":{"rejectedSpans":3}})", 5) == 3);
    CHECK(count_rejected(R"({"partialSuccess":{"rejectedSpans":"99999999999"}})", 5) == 5);
    for (const auto* answer : {"", "{}", "[]", "{", "{\"partialSuccess\":1}", "{\"partialSuccess\":{}}",
                               "{\"partialSuccess\":{\"rejectedSpans\":-3}}",
                               "{\"partialSuccess\":{\"rejectedSpans\":\"x\"}}", "\xff"})
        CHECK_MESSAGE(count_rejected(answer, 5) == 0, answer);
    CHECK(count_rejected(std::string(60'000, '['), 5) == 0);
}
