#pragma once
#include "core/telemetry/span.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

// OTLP/HTTP with its JSON encoding: what is posted to /v1/traces, and what is read of the answer. Pure.
namespace cti::telemetry {

// Who sends the spans.
struct Resource {
    std::string service_name, service_version;
    long process_id = 0;
};

// ExportTraceServiceRequest of opentelemetry-proto: ids as hex digits, 64-bit numbers as decimal texts, enums
// as numbers.
std::string write_traces(const Resource& resource, std::span<const SpanData> spans);

// How many spans the collector says that it did not take (partialSuccess of its answer), at most `sent`.
std::size_t count_rejected(std::string_view answer, std::size_t sent);

// About what a span takes in memory and in JSON without escapes.
std::size_t size_of(const SpanData& span);
}
