#include "core/net/retry.hpp"

#include <algorithm>

namespace cti::net {
using std::chrono::milliseconds;

bool may_pass(const Response& response) {
    switch (response.failure) {
    case Failure::resolve:
    case Failure::connect:
    case Failure::timeout:
    case Failure::transfer: return true;
    case Failure::none: return response.status >= 500 && response.status != 501 && response.status != 505;
    default: return false;
    }
}

bool may_repeat(std::string_view method, const Response& response) {
    for (const std::string_view same : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
        if (method == same) return true;
    return response.failure == Failure::resolve || response.failure == Failure::connect ||
           response.status == 429;
}

milliseconds backoff(int attempt, milliseconds base, milliseconds cap, std::uint64_t draw) {
    const int doublings = std::clamp(attempt - 2, 0, 30);
    const auto whole = std::min(cap.count(), base.count() << doublings);
    const auto half = whole / 2;
    return milliseconds{whole - half +
                        static_cast<milliseconds::rep>(draw % static_cast<std::uint64_t>(half + 1))};
}

std::uint64_t scramble(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
    return x ^ x >> 31;
}
}
