#include "core/telemetry/exporter.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>

using namespace cti::telemetry;
using namespace std::chrono_literals;

namespace {
ExporterSettings unreachable() {
    ExporterSettings settings;
    settings.url = "http://127.0.0.1:1/v1/traces"; // No service has that port.
    settings.delay = 60s;
    return settings;
}

SpanData span_named(std::size_t size) {
    SpanData span;
    span.name = std::string(size, 'n');
    span.context = {draw_trace_id(), draw_span_id()};
    return span;
}
}

TEST_CASE("otlp exporter: without spans there is nothing to wait for, and stopping twice is fine") {
    Exporter exporter(unreachable());
    const auto tally = exporter.stop(10s);
    CHECK(tally.dropped == 0);
    CHECK(tally.fault.empty());
    CHECK(exporter.stop(10s).dropped == 0);
}

TEST_CASE("otlp exporter: what nobody takes is counted, and the end is soon") {
    Exporter exporter(unreachable());
    for (int i = 0; i < 3; ++i) exporter.add(span_named(10));
    const auto began = std::chrono::steady_clock::now();
    const auto tally = exporter.stop(5s);
    CHECK(std::chrono::steady_clock::now() - began < 4s);
    CHECK(tally.dropped == 3);
    CHECK(tally.delivered == 0);
    CHECK_FALSE(tally.fault.empty());
    CHECK_FALSE(tally.was_told);
    exporter.add(span_named(10));
    CHECK(exporter.stop(0s).dropped == 4);
}

TEST_CASE("otlp exporter: the queue has an end in spans and in bytes") {
    auto settings = unreachable();
    settings.first_pause = 60s; // The first batch is under way until the end.
    Exporter exporter(settings);
    for (int i = 0; i < 10'000; ++i) exporter.add(span_named(10));
    CHECK(exporter.stop(0s).dropped == 10'000);
    Exporter big(settings);
    for (int i = 0; i < 100; ++i) big.add(span_named(1'000'000));
    CHECK(big.stop(0s).dropped == 100);
}
