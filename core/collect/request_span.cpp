#include "core/collect/request_span.hpp"

#include "core/base/shown_url.hpp"
#include "core/net/gate.hpp"

#include <string>

namespace cti::collect {
namespace {

std::string_view error_type_of(net::Failure failure) {
    switch (failure) {
    case net::Failure::none: return "";
    case net::Failure::bad_url: return "bad_url";
    case net::Failure::refused_address: return "refused_address";
    case net::Failure::resolve: return "name_not_resolved";
    case net::Failure::connect: return "connection_failed";
    case net::Failure::tls: return "tls";
    case net::Failure::timeout: return "timeout";
    case net::Failure::too_large: return "too_large";
    case net::Failure::redirects: return "redirects";
    case net::Failure::encoding: return "encoding";
    case net::Failure::transfer: return "transfer_broken";
    case net::Failure::held: return "held";
    case net::Failure::robots: return "robots";
    }
    return "_OTHER";
}
}

std::shared_ptr<telemetry::Span> begin_request_span(const net::FetchRequest& asked,
                                                    const telemetry::TraceContext& check) {
    const auto& request = asked.request;
    telemetry::Span span(request.method, check, telemetry::SpanKind::client);
    if (!span.is_recording()) return nullptr;
    span.set("http.request.method", request.method);
    span.set("url.full", shown_url(request.url));
    span.set("server.address", net::host_of(request.url));
    if (const int port = net::port_of(request.url); port > 0) span.set("server.port", port);
    return std::make_shared<telemetry::Span>(std::move(span));
}

void end_request_span(telemetry::Span* span, const net::Response& response) {
    if (span == nullptr) return;
    if (response.status > 0) span->set("http.response.status_code", response.status);
    span->set("http.response.body.size", response.received);
    if (response.attempts > 1) span->set("http.request.resend_count", response.attempts - 1);
    span->set("cti.request.transfer_ms", response.duration.count() / 1000);
    if (response.failure != net::Failure::none)
        span->fail(error_type_of(response.failure));
    else if (response.status >= 400)
        span->fail(std::to_string(response.status));
    span->end();
}
}
