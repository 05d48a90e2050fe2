#include "core/telemetry/otlp.hpp"

#include "core/base/json.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace cti::telemetry {
namespace {

constexpr int k_status_error = 2; // Status.StatusCode; 0 is not set, as nobody said that all was well

std::string nanoseconds_of(Time moment) {
    using std::chrono::nanoseconds;
    return std::to_string(std::chrono::duration_cast<nanoseconds>(moment.time_since_epoch()).count());
}

void write_attribute(JsonWriter& json, const Attribute& attribute) {
    json.begin_object().member("key", attribute.name).key("value").begin_object();
    if (const auto* const text = std::get_if<std::string>(&attribute.value))
        json.member("stringValue", *text);
    else
        json.member("intValue", std::to_string(std::get<std::int64_t>(attribute.value)));
    json.end_object().end_object();
}

void write_attributes(JsonWriter& json, std::span<const Attribute> attributes) {
    json.key("attributes").begin_array();
    for (const auto& attribute : attributes) write_attribute(json, attribute);
    json.end_array();
}

void write_span(JsonWriter& json, const SpanData& span) {
    json.begin_object();
    json.member("traceId", to_hex(span.context.trace)).member("spanId", to_hex(span.context.span));
    if (span.parent != SpanId{}) json.member("parentSpanId", to_hex(span.parent));
    json.member("name", span.name).member("kind", static_cast<int>(span.kind));
    json.member("startTimeUnixNano", nanoseconds_of(span.began));
    json.member("endTimeUnixNano", nanoseconds_of(span.ended));
    write_attributes(json, span.attributes);
    json.key("status").begin_object();
    if (span.is_failed) json.member("code", k_status_error);
    if (!span.fault.empty()) json.member("message", span.fault);
    json.end_object().end_object();
}

void write_resource(JsonWriter& json, const Resource& resource) {
    const std::vector<Attribute> attributes{
        {"service.name", resource.service_name},
        {"service.version", resource.service_version},
        {"process.pid", std::int64_t{resource.process_id}},
        {"telemetry.sdk.language", std::string("cpp")},
    };
    json.key("resource").begin_object();
    write_attributes(json, attributes);
    json.end_object();
}

// A number, or a text of one: both are right for 64 bits.
std::size_t to_count(const nlohmann::json& value) {
    if (value.is_number_unsigned()) return value.get<std::size_t>();
    std::size_t count = 0;
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    return count;
}
}

std::string write_traces(const Resource& resource, std::span<const SpanData> spans) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("resourceSpans").begin_array().begin_object();
    write_resource(json, resource);
    json.key("scopeSpans").begin_array().begin_object();
    json.key("scope").begin_object().member("name", "cti");
    json.member("version", resource.service_version).end_object();
    json.key("spans").begin_array();
    for (const auto& span : spans) write_span(json, span);
    json.end_array().end_object().end_array().end_object().end_array().end_object();
    return out;
}

std::size_t count_rejected(std::string_view answer, std::size_t sent) {
    constexpr int k_max_depth = 8;
    if (answer.empty() || is_nested_deeper(answer, k_max_depth)) return 0;
    const auto json = nlohmann::json::parse(answer, nullptr, false);
    if (!json.is_object()) return 0;
    const auto part = json.find("partialSuccess");
    if (part == json.end() || !part->is_object()) return 0;
    const auto rejected = part->find("rejectedSpans");
    return rejected == part->end() ? 0 : std::min(to_count(*rejected), sent);
}

std::size_t size_of(const SpanData& span) {
    constexpr std::size_t k_fixed = 400, k_per_attribute = 60;
    auto size = k_fixed + span.name.size() + span.fault.size();
    for (const auto& attribute : span.attributes) {
        const auto* const text = std::get_if<std::string>(&attribute.value);
        size += k_per_attribute + attribute.name.size() + (text != nullptr ? text->size() : 20);
    }
    return size;
}
}
