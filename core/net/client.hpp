#pragma once
#include "core/model.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

// One HTTP client: many requests at a time in one thread (libcurl's multi interface).
namespace cti::net {

struct Limits {
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds total_timeout{60};     // from the start to the last byte, redirects included
    std::chrono::seconds stall_timeout{20};     // this long below 100 bytes a second
    std::size_t max_bytes = 10 * 1024 * 1024;   // of the decoded body: a gzip of 60 kB can become 60 MB
    int max_redirects = 5;
};

struct Request {
    std::string url;
    Validators validators; // sent only when they belong to this URL
    std::string user_agent;
    Limits limits;
    bool allow_private = false; // intranets and tests: addresses that are not global unicast are fine
};

enum class Failure { none, bad_url, refused_address, resolve, connect, tls, timeout, too_large, redirects, encoding, transfer };

struct Response {
    Failure failure = Failure::none;
    std::string error; // what went wrong, in words; empty when there is an answer, whatever its status
    int status = 0;
    std::string url; // after redirects
    std::string content_type, content_location, etag, last_modified;
    std::string body;
    std::chrono::microseconds duration{0};
};

struct ClientSettings {
    int max_connections = 20;
    int max_connections_per_host = 2;
    std::string proxy; // "" is the environment's (http_proxy, https_proxy, no_proxy)
};

class Client {
public:
    using Done = std::function<void(Response)>;

    explicit Client(const ClientSettings& settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Starts at once; `done` is called from run_once(), exactly once, unless the client goes away before.
    void start(Request request, Done done);
    // Moves all requests on, waiting at most `timeout` for something to happen.
    void run_once(std::chrono::milliseconds timeout);
    // Ends the waiting of run_once() in another thread. The only function that other threads may call.
    void wake();
    std::size_t active() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// One request, waited for.
Response fetch(Request request);
}
