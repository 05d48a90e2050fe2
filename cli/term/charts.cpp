#include "cli/term/charts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cti::cli {
namespace {
constexpr const char* k_heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* k_eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
}

std::string sparkline(const std::vector<long>& values) {
    const long largest = values.empty() ? 0 : *std::ranges::max_element(values);
    std::string out;
    for (const long value : values)
        out += k_heights[largest <= 0 || value <= 0 ? 0 : std::clamp((8 * value - 1) / largest, 1L, 7L)];
    return out;
}

std::string bar(long value, long largest, std::size_t width) {
    if (value <= 0 || largest <= 0 || width == 0) return "";
    const auto share = static_cast<double>(std::min(value, largest)) / static_cast<double>(largest);
    const auto eighths = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::lround(share * static_cast<double>(width) * 8)));
    std::string out;
    for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
    return out + k_eighths[eighths % 8];
}

std::string size_text(long bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    auto size = static_cast<double>(bytes);
    const char* unit = "";
    for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
        if (size < 1024) break;
        size /= 1024;
        unit = next;
    }
    return fmt::format("{:.1f} {}", size, unit);
}
}
