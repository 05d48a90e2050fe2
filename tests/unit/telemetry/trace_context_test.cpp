#include "core/telemetry/trace_context.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti::telemetry;

namespace {
const std::string k_traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string with(std::size_t pos, const std::string& text) {
    auto changed = k_traceparent;
    return changed.replace(pos, text.size(), text);
}
}

TEST_CASE("traceparent: the ids and the flag of the specification's own example are read") {
    const auto context = parse_traceparent(k_traceparent);
    REQUIRE(context);
    CHECK(to_hex(context->trace) == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(to_hex(context->span) == "00f067aa0ba902b7");
    CHECK(context->is_sampled);
    CHECK_FALSE(parse_traceparent(with(53, "00"))->is_sampled);
    CHECK(parse_traceparent(with(53, "03"))->is_sampled);
    CHECK_FALSE(parse_traceparent(with(53, "fe"))->is_sampled);
}

TEST_CASE("traceparent: of a later version the first four fields count") {
    CHECK(parse_traceparent(with(0, "01")));
    CHECK(parse_traceparent(with(0, "cc") + "-what-comes-later"));
    CHECK_FALSE(parse_traceparent(with(0, "cc") + "what-comes-later"));
    CHECK_FALSE(parse_traceparent(k_traceparent + "-more"));
}

TEST_CASE("traceparent: what is malformed is none") {
    CHECK_FALSE(parse_traceparent(""));
    CHECK_FALSE(parse_traceparent("00"));
    CHECK_FALSE(parse_traceparent(with(0, "ff")));
    CHECK_FALSE(parse_traceparent(with(0, "0g")));
    CHECK_FALSE(parse_traceparent(with(3, std::string(32, '0'))));
    CHECK_FALSE(parse_traceparent(with(36, std::string(16, '0'))));
    CHECK_FALSE(parse_traceparent(with(3, "4BF9")));
    CHECK_FALSE(parse_traceparent(with(53, "0x")));
    CHECK_FALSE(parse_traceparent(with(53, " 1")));
    for (const std::size_t dash : {2U, 35U, 52U}) CHECK_FALSE(parse_traceparent(with(dash, "_")));
    CHECK_FALSE(parse_traceparent(k_traceparent + " "));
    CHECK_FALSE(parse_traceparent(" " + k_traceparent));
    for (std::size_t size = 0; size < k_traceparent.size(); ++size)
        CHECK_FALSE(parse_traceparent(k_traceparent.substr(0, size)));
    CHECK_FALSE(parse_traceparent(std::string(55, '\0')));
}

TEST_CASE("trace ids: two that are drawn differ, and none is zero") {
    CHECK(draw_trace_id() != draw_trace_id());
    CHECK(draw_span_id() != draw_span_id());
    CHECK(draw_span_id() != SpanId{});
    CHECK_FALSE(TraceContext{}.is_valid());
}
