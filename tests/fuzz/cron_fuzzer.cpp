#include "core/base/cron.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

// Cron expressions: what is read has its next moment after the one that is given, on a whole minute; all
// else is a wrong usage.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string expression(reinterpret_cast<const char*>(data), size);
    const cti::Time after = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20};
    try {
        const auto next = cti::Cron(expression, "UTC").next(after);
        if (next <= after || next != std::chrono::floor<std::chrono::minutes>(next)) std::abort();
    } catch (const cti::Error& error) {
        if (error.code() != cti::ExitCode::usage) std::abort();
    }
    return 0;
}
