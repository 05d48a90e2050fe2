#include "core/telemetry/span.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace cti::telemetry;

namespace {
struct Spans : SpanSink {
    explicit Spans(const std::optional<TraceContext>& root = {}) { set_sink(this, root); }
    ~Spans() override { set_sink(nullptr); }
    void add(SpanData span) override { all.push_back(std::move(span)); }
    std::vector<SpanData> all;
};

std::string text_of(const SpanData& span, std::string_view name) {
    const auto found = std::ranges::find(span.attributes, name, &Attribute::name);
    return found == span.attributes.end() ? "" : std::get<std::string>(found->value);
}
}

TEST_CASE("span: where nobody wants any, none is kept") {
    Span span("nothing");
    span.set("a", 1);
    span.fail("x");
    CHECK_FALSE(span.is_recording());
    CHECK_FALSE(span.context().is_valid());
    const Scope scope(span.context());
    Spans sink;
    { const Span first("first"); }
    REQUIRE(sink.all.size() == 1);
    CHECK(sink.all[0].parent == SpanId{});
}

TEST_CASE("span: what begins in a thread is a child of what the thread is at") {
    const auto root = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    Spans sink(root);
    {
        const Span outer("outer");
        {
            const Scope scope(outer.context());
            const Span inner("inner");
        }
        const Span beside("beside");
        const Span given("given", outer.context());
    }
    REQUIRE(sink.all.size() == 4);
    const auto find = [&](const char* name) { return *std::ranges::find(sink.all, name, &SpanData::name); };
    const auto outer = find("outer");
    CHECK(outer.parent == root->span);
    CHECK(find("inner").parent == outer.context.span);
    CHECK(find("beside").parent == root->span);
    CHECK(find("given").parent == outer.context.span);
    for (const auto& span : sink.all) {
        CHECK(span.context.trace == root->trace);
        CHECK(span.ended >= span.began);
    }
}

TEST_CASE("span: an exception that ends it is its failure") {
    Spans sink;
    try {
        const Span span("broken");
        throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
        const Span well("well");
    }
    REQUIRE(sink.all.size() == 2);
    CHECK(sink.all[0].is_failed);
    CHECK(text_of(sink.all[0], "error.type") == "_OTHER");
    CHECK_FALSE(sink.all[1].is_failed);
}

TEST_CASE("span: the first failure counts") {
    Spans sink;
    {
        Span span("failed");
        span.fail("timeout", "no answer");
        span.fail("other");
    }
    CHECK(text_of(sink.all.at(0), "error.type") == "timeout");
    CHECK(sink.all[0].fault == "no answer");
}

TEST_CASE("span: texts and attributes have an end, and no control characters") {
    Spans sink;
    {
        Span span(std::string(10'000, 'n'));
        span.set("long", std::string(10'000, 'x'));
        span.set("control", "a\x1b[1mb");
        span.set("empty", "");
        for (int i = 0; i < 100; ++i) span.set("number", i);
        span.fail("x", std::string(10'000, 'f'));
    }
    const auto& span = sink.all.at(0);
    CHECK(span.name.size() == 128);
    CHECK(text_of(span, "long").size() == k_max_attribute_characters);
    CHECK(text_of(span, "control").find('\x1b') == std::string::npos);
    CHECK(text_of(span, "empty").empty());
    CHECK(span.attributes.size() == k_max_attributes);
    CHECK(span.fault.size() == k_max_attribute_characters);
}

TEST_CASE("span: one that was handed on ends once") {
    Spans sink;
    {
        Span first("moved");
        const Span second(std::move(first));
    }
    CHECK(sink.all.size() == 1);
}
