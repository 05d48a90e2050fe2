#pragma once
#include "core/monitor/metrics.hpp"

#include <string>
#include <string_view>

namespace cti::monitor {

// Writes families of metrics one after the other, in either form. A family's samples follow its head
// directly.
class Families {
public:
    explicit Families(Exposition exposition) : m_exposition(exposition) {}

    // type: "counter", "gauge" or "histogram". A counter's name ends in _total; OpenMetrics heads it without.
    void head(std::string_view name, std::string_view type, std::string_view help);
    // labels: as between the braces, made by label(); "" without.
    void sample(std::string_view name, std::string_view labels, double value);
    void gauge(std::string_view name, std::string_view help, double value);
    std::string finish();

private:
    Exposition m_exposition;
    std::string m_text;
};

// `name="value"` with backslash, quote and line feed escaped; ill-formed UTF-8 repaired.
std::string label(std::string_view name, std::string_view value);
}
