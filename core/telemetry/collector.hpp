#pragma once
#include <string>
#include <string_view>
#include <vector>

// Where spans are sent, as the variables of OpenTelemetry say it. Pure.
namespace cti::telemetry {

struct CollectorVariables {
    std::string traces_endpoint; // OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: as it stands
    std::string endpoint;        // OTEL_EXPORTER_OTLP_ENDPOINT: /v1/traces is added
};

// A login may stand in it. "" where no endpoint is named.
std::string traces_url(const CollectorVariables& variables);

// Why spans are not sent there, or "": no message holds the address, nor a part of it.
std::string collector_refusal(const std::string& url);

struct ParsedHeaders {
    std::vector<std::string> lines; // "Name: value"
    std::string fault;              // why the text is refused; never quotes it
};
// "name=value,name=value", the values percent-encoded (W3C Baggage, as OpenTelemetry has it).
ParsedHeaders parse_headers(std::string_view text);
}
