#include "core/net/caching.hpp"

#include "core/base/date/date.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace cti::net {
namespace {
using std::chrono::seconds;
constexpr seconds k_max_rest = std::chrono::hours{24 * 7};
constexpr seconds k_max_fresh = std::chrono::hours{24};

// Digits only; what is too big for any use is a year.
std::optional<seconds> parse_seconds(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    if (text.empty() || !std::ranges::all_of(text, is_ascii_digit)) return std::nullopt;
    constexpr long year = 366L * 24 * 3600;
    long value = 0;
    for (const char c : text) value = std::min(year, value * 10 + (c - '0'));
    return seconds{value};
}

seconds between(Time from, Time to) { return std::chrono::ceil<seconds>(to - from); }

struct CacheControl {
    bool forbidden = false;
    std::optional<seconds> max_age, s_maxage;
};

CacheControl parse_cache_control(std::string_view text) {
    CacheControl out;
    for (auto directive : split(text, ',')) {
        directive = trim(directive);
        const auto equals = std::min(directive.find('='), directive.size());
        const auto name = trim(directive.substr(0, equals));
        const auto value = directive.substr(std::min(equals + 1, directive.size()));
        if (iequals(name, "no-store") || iequals(name, "no-cache")) out.forbidden = true;
        // A negative or unreadable age is stale (RFC 9111 section 4.2.1).
        if (iequals(name, "max-age")) out.max_age = parse_seconds(value).value_or(seconds{0});
        if (iequals(name, "s-maxage")) out.s_maxage = parse_seconds(value).value_or(seconds{0});
    }
    return out;
}

std::optional<seconds> lifetime(const Freshness& headers, Time answered) {
    const auto control = parse_cache_control(headers.cache_control);
    if (control.forbidden) return std::nullopt;
    if (control.max_age) return control.max_age;
    if (control.s_maxage) return control.s_maxage;
    if (const auto expires = parse_http_date(headers.expires)) return between(answered, *expires);
    return std::nullopt;
}
}

std::optional<Time> parse_http_date(std::string_view text) {
    text = trim(text);
    if (text.empty() || text.size() > 64 || !is_ascii_alpha(text.front())) return std::nullopt;
    return parse_date(text);
}

std::optional<seconds> parse_retry_after(std::string_view value, Time answered) {
    if (const auto wait = parse_seconds(value)) return std::min(*wait, k_max_rest);
    const auto moment = parse_http_date(value);
    if (!moment) return std::nullopt;
    return std::clamp(between(answered, *moment), seconds{0}, k_max_rest);
}

std::optional<seconds> fresh_for(const Freshness& headers, Time answered) {
    const auto whole = lifetime(headers, answered);
    if (!whole) return std::nullopt;
    const auto left = *whole - parse_seconds(headers.age).value_or(seconds{0});
    if (left <= seconds{0}) return std::nullopt;
    return std::min(left, k_max_fresh);
}
}
