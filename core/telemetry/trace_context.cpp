#include "core/telemetry/trace_context.hpp"

#include "core/base/hex.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <unistd.h>

namespace cti::telemetry {
namespace {

// Lower case only, as the specification has it.
int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool read_hex(std::string_view digits, std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

template <std::size_t Size>
std::string hex_of(const std::array<std::uint8_t, Size>& bytes) {
    return cti::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

template <class Id>
Id draw_id() {
    for (Id id{};;) {
        if (getentropy(id.data(), id.size()) != 0) {
            thread_local std::random_device device; // A kernel that forbids the call.
            std::ranges::generate(id, [] { return static_cast<std::uint8_t>(device()); });
        }
        if (id != Id{}) return id;
    }
}

// version-trace-parent-flags: 2, 32, 16 and 2 digits.
constexpr std::size_t k_traceparent_length = 55;
}

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < k_traceparent_length || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
    std::array<std::uint8_t, 1> version{}, flags{};
    TraceContext context;
    if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), context.trace) ||
        !read_hex(text.substr(36, 16), context.span) || !read_hex(text.substr(53, 2), flags))
        return {};
    if (version[0] == 0xFF || !context.is_valid()) return {};
    const auto rest = text.substr(k_traceparent_length);
    if (!rest.empty() && (version[0] == 0 || rest.front() != '-')) return {};
    context.is_sampled = (flags[0] & 1) != 0;
    return context;
}

TraceId draw_trace_id() { return draw_id<TraceId>(); }
SpanId draw_span_id() { return draw_id<SpanId>(); }
std::string to_hex(const TraceId& id) { return hex_of(id); }
std::string to_hex(const SpanId& id) { return hex_of(id); }
}
