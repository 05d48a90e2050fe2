#include "cli/telemetry.hpp"

#include "cli/environment.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/telemetry/collector.hpp"

#include <chrono>
#include <optional>
#include <unistd.h>
#include <utility>

namespace cti::cli {
namespace {

constexpr std::chrono::seconds k_longest_flush{1};

std::string endpoint_of_environment() {
    const auto endpoint = environment("OTEL_EXPORTER_OTLP_ENDPOINT");
    return endpoint.empty() ? environment("WEBSCAN_TELEMETRY_ENDPOINT") : endpoint;
}

bool is_switched_off() {
    return ascii_lower(environment("OTEL_SDK_DISABLED")) == "true" ||
           environment("OTEL_TRACES_EXPORTER") == "none";
}

telemetry::ParsedHeaders read_headers() {
    try {
        return telemetry::parse_headers(secret("OTEL_EXPORTER_OTLP_HEADERS"));
    } catch (const Error& error) { // The file that holds them.
        return {{}, error.what()};
    }
}

// Traces are an extra: what is wrong with their settings is told, and ends no command.
std::optional<telemetry::ExporterSettings> find_settings() {
    const auto url =
        telemetry::traces_url({environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), endpoint_of_environment()});
    if (url.empty() || is_switched_off()) return {};
    if (const auto refusal = telemetry::collector_refusal(url); !refusal.empty()) {
        log::warning("traces are not sent, the address of their collector is refused: {}", refusal);
        return {};
    }
    auto headers = read_headers();
    if (!headers.fault.empty()) {
        log::warning("traces are not sent, OTEL_EXPORTER_OTLP_HEADERS is refused: {}", headers.fault);
        return {};
    }
    telemetry::ExporterSettings settings;
    settings.url = url;
    settings.headers = std::move(headers.lines);
    settings.user_agent = user_agent();
    const auto name = environment("OTEL_SERVICE_NAME");
    settings.resource = {name.empty() ? "cti" : std::string(head_code_points(name, 128)), version(),
                         static_cast<long>(getpid())};
    return settings;
}

void tell_tally(const telemetry::Exporter::Tally& tally) {
    if (tally.dropped == 0) return;
    const auto spans = count_of(static_cast<long>(tally.dropped), "span");
    if (tally.was_told)
        log::notice("traces: {} of {} were not delivered", spans, tally.dropped + tally.delivered);
    else
        log::warning("traces: {} of {} were not delivered: {}", spans, tally.dropped + tally.delivered,
                     tally.fault);
}
}

Telemetry::Telemetry() {
    auto settings = find_settings();
    if (!settings) return;
    const auto root = telemetry::parse_traceparent(environment("TRACEPARENT"));
    if (root && !root->is_sampled) return; // Whoever started the program keeps nothing of this trace.
    m_exporter = std::make_unique<telemetry::Exporter>(std::move(*settings));
    telemetry::set_sink(m_exporter.get(), root);
}

Telemetry::~Telemetry() {
    if (!m_exporter) return;
    telemetry::set_sink(nullptr);
    tell_tally(m_exporter->stop(k_longest_flush));
}
}
