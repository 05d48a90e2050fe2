#include "core/monitor/exposition.hpp"

#include "core/base/text.hpp"

#include <cmath>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
// Whole numbers without an exponent: counters of bytes stay exact and readable.
std::string number(double value) {
    constexpr double exact = 9007199254740992.0;
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return value == std::floor(value) && std::abs(value) < exact
               ? fmt::format("{}", static_cast<long long>(value))
               : fmt::format("{}", value);
}
}

void Families::head(std::string_view name, std::string_view type, std::string_view help) {
    auto family = name;
    if (m_exposition == Exposition::open_metrics && type == "counter" && family.ends_with("_total"))
        family.remove_suffix(6);
    fmt::format_to(std::back_inserter(m_text), "# HELP {0} {1}\n# TYPE {0} {2}\n", family, help, type);
}

void Families::sample(std::string_view name, std::string_view labels, double value) {
    if (labels.empty())
        fmt::format_to(std::back_inserter(m_text), "{} {}\n", name, number(value));
    else
        fmt::format_to(std::back_inserter(m_text), "{}{{{}}} {}\n", name, labels, number(value));
}

void Families::gauge(std::string_view name, std::string_view help, double value) {
    head(name, "gauge", help);
    sample(name, {}, value);
}

std::string Families::finish() {
    if (m_exposition == Exposition::open_metrics) m_text += "# EOF\n";
    return std::move(m_text);
}

std::string label(std::string_view name, std::string_view value) {
    std::string out = fmt::format("{}=\"", name);
    for (const char c : repair_utf8(value)) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out + '"';
}
}
