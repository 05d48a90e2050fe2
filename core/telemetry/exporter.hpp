#pragma once
#include "core/telemetry/otlp.hpp"
#include "core/telemetry/span.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

// Sends spans to a collector from a thread of its own. Whatever the collector does, spans wait in a queue
// with an end, and what finds no room is dropped and counted.
namespace cti::telemetry {

struct ExporterSettings {
    std::string url;                  // with /v1/traces; a login in it is sent, and shown by nothing
    std::vector<std::string> headers; // "Name: value", secret
    std::string user_agent;
    Resource resource;
    std::chrono::milliseconds delay{5'000};       // of a batch that is not full, as OpenTelemetry has it
    std::chrono::milliseconds first_pause{1'000}; // after a failure that may pass; doubles each time
};

class Exporter : public SpanSink {
public:
    explicit Exporter(ExporterSettings settings);
    ~Exporter() override; // stop(), with no time left
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    // The first one starts the thread.
    void add(SpanData span) override;

    struct Tally {
        std::size_t delivered = 0, dropped = 0;
        std::string fault; // the first thing that went wrong, in words; "" nothing did
        bool was_told = false;
    };
    // Sends what is left, for so long at most and a moment. Nothing may be added afterwards.
    Tally stop(std::chrono::milliseconds longest);

private:
    struct State;
    // The thread has a share: one that hangs, in a look-up of a name, is left behind.
    std::shared_ptr<State> m_state;
    std::thread m_thread;
};
}
