#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Where a span stands: W3C Trace Context, version 00.
namespace cti::telemetry {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct TraceContext {
    TraceId trace{};
    SpanId span{};
    bool is_sampled = true;

    bool is_valid() const { return trace != TraceId{} && span != SpanId{}; }
    bool operator==(const TraceContext&) const = default;
};

// What TRACEPARENT holds. Nothing where it is malformed, all zero, or of the version ff, which is forbidden.
// Of a version above 00 the first four fields count.
std::optional<TraceContext> parse_traceparent(std::string_view text);

// At random, never zero.
TraceId draw_trace_id();
SpanId draw_span_id();

std::string to_hex(const TraceId& id); // lower-case digits
std::string to_hex(const SpanId& id);
}
