#include "core/net/fault.hpp"

#include "core/base/url.hpp"

#include <fmt/format.h>

namespace cti::net {

std::string find_fault(const Response& response) {
    if (!response.error.empty()) return response.error;
    if (!response.challenge.empty())
        return fmt::format("{} asks for proof of a human visitor instead of answering (HTTP {})",
                           response.challenge, response.status);
    const int status = response.status;
    if (status >= 200 && status < 300) return {};
    const char* reason = status == 401   ? " (asks for a login)"
                         : status == 403 ? " (refused)"
                         : status == 404 ? " (not found)"
                         : status == 410 ? " (gone)"
                         : status == 429 ? " (too many requests)"
                         : status >= 500 ? " (the server failed)"
                                         : "";
    return fmt::format("HTTP {}{}", status, reason);
}

std::string document_url(const Response& response) {
    if (response.content_location.empty()) return response.url;
    return resolve_url(response.url, response.content_location);
}
}
