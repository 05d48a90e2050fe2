#pragma once
#include "core/net/fetcher.hpp"
#include "core/telemetry/span.hpp"

#include <memory>

// A request as a span of the check that asks: from the moment in which it waits for its host until its
// answer, redirects and further attempts included. No host hears of it: `traceparent` is never sent.
namespace cti::collect {

// Null where nobody wants spans.
std::shared_ptr<telemetry::Span> begin_request_span(const net::FetchRequest& asked,
                                                    const telemetry::TraceContext& check);
void end_request_span(telemetry::Span* span, const net::Response& response);
}
