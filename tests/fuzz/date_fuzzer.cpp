#include "core/base/date/date.hpp"

#include <cstdint>
#include <cstdlib>

// A date that was read stays the same date when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto time = cti::parse_date({reinterpret_cast<const char*>(data), size});
    if (!time) return 0;
    const auto again = cti::parse_date(cti::format_rfc3339(*time));
    // Zones may move the first and the last hours out of the years that are read.
    if (again && *again != std::chrono::floor<std::chrono::seconds>(*time)) std::abort();
    return 0;
}
