#pragma once
#include "core/net/client.hpp"

#include <string>

namespace cti::net {

// Why an answer has no content, in words: what went wrong on the way, or "HTTP 404 (not found)" for a status
// outside of 200 to 299. "" where there is content.
std::string find_fault(const Response& response);

// The base of the document's relative links: where redirects led, or its Content-Location (RFC 9110
// section 8.7).
std::string document_url(const Response& response);
}
