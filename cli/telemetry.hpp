#pragma once
#include "core/telemetry/exporter.hpp"

#include <memory>

// Where the variables of OpenTelemetry name a collector, the spans of a command go there, from its
// construction to its end, which may take a second longer for that. Without one it does nothing.
namespace cti::cli {

class Telemetry {
public:
    Telemetry();
    ~Telemetry();
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

private:
    std::unique_ptr<telemetry::Exporter> m_exporter; // null: nobody wants spans
};
}
