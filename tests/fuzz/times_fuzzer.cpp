#include "core/base/time.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Durations and the moments of --since: a duration is none below zero, and is the same whatever stands around
// it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const cti::Time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20};
    if (const auto duration = cti::parse_duration(text); duration && duration->count() < 0) std::abort();
    if (const auto time = cti::parse_time_argument(text, now)) {
        const auto again = cti::parse_time_argument(cti::format_rfc3339(*time), now);
        if (again && *again != std::chrono::floor<std::chrono::seconds>(*time)) std::abort();
    }
    return 0;
}
