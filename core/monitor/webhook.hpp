#pragma once
#include "core/net/client.hpp"

#include <string>

// How a message is posted to a webhook: once, without redirects, and whatever the address is, no text shows
// it, as it may be a secret.
namespace cti::monitor {

// Why an address is not posted to, or "". allow_plain: http: as well, wherever it leads; else only to this
// machine itself.
std::string webhook_refusal(const std::string& url, bool allow_plain);

// A POST of JSON. A user and a password in the address become credentials. The webhook was named by whoever
// runs the program, so it may be on a private address. proxy: "" is the environment's.
net::Request make_post(const std::string& url, std::string json, const std::string& proxy);

// "" when the answer was 2xx, else what went wrong.
std::string post_fault(const net::Response& response);
}
