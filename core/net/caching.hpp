#pragma once
#include "core/base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

// What a server says about when to come again (RFC 9110 section 10.2.3, RFC 9111).
namespace cti::net {

// Begins with the day of the week: "0" and "-1", which many send as Expires, are no dates.
std::optional<Time> parse_http_date(std::string_view text);

// Seconds or an HTTP date, which counts from `answered`. A moment that has passed is 0; at most 7 days.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, Time answered);

struct Freshness {
    std::string_view cache_control, expires, age;
};
// For how long the answer stays as it is: max-age, else s-maxage, else Expires; less Age. Nothing when the
// server forbids keeping it or it is stale already; at most 1 day.
std::optional<std::chrono::seconds> fresh_for(const Freshness& headers, Time answered);
}
