#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace cti::net {

struct PostRequest {
    std::string url, body;            // the body is JSON
    std::vector<std::string> headers; // "Name: value", beside Content-Type
    std::string user_agent, proxy;
    bool allow_plain = false; // http: as well, wherever it leads; else only to this machine itself
    std::chrono::milliseconds timeout{10'000};
};

// Why an address is not posted to, or "".
std::string post_refusal(const std::string& url, bool allow_plain);

// One POST, waited for; no redirects, TLS verified. "" when the answer was 2xx, else what went wrong, without
// the address: it may be a secret.
std::string post(const PostRequest& request);
}
