#pragma once
#include "core/model.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// One HTTP client: many requests at a time in one thread (libcurl's multi interface). TLS 1.2 or newer,
// always verified; cookies for the redirects of one request and never longer; no .netrc, no HSTS file, and no
// credentials but those of the request.
namespace cti::net {

struct Limits {
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds first_byte_timeout{
        30'000};                                     // from the request sent to the whole head of the answer
    std::chrono::milliseconds stall_timeout{20'000}; // this long below 100 bytes a second in the body
    std::chrono::milliseconds total_timeout{60'000}; // from the start to the last byte, redirects included
    std::size_t max_bytes = 10 * 1024 * 1024;        // of the decoded body: a gzip of 60 kB can become 60 MB
    int max_ratio = 200; // decoded bytes to bytes received, asked above 1 MiB decoded
    int max_redirects = 5;
};

// How far a chain of redirects has come.
struct RedirectChain {
    int hops = 0;
    bool all_permanent = true;
    std::string permanent_url;        // see Response
    std::vector<std::string> cookies; // that were set on the way, in libcurl's form
};

// A user with a password (RFC 7617), or a token (RFC 6750), and headers that are as secret. Sent to the
// origin of Request::url alone: same scheme, host and port. No message shows them.
struct Credentials {
    std::string user, password;
    std::string bearer;                    // the token; where there is one, user and password are not sent
    std::vector<std::string> headers = {}; // "Name: value"
    // "aws:amz:eu-central-1:s3": the request is signed with the password instead of showing it (AWS signature
    // version 4). Its query has to be sorted, each part with its '='.
    std::string aws_signature = {};
    bool has_login() const { return !user.empty() || !password.empty(); }
};

enum class Redirects {
    follow,
    stop_at_other_hosts, // a redirect to another host comes back in Response::next_url
    answer               // a redirect is an answer as others are
};

struct Request {
    std::string url;
    // Any, in capitals as servers want it. A redirect keeps it or makes a GET of it, as browsers do; with
    // another method than GET and HEAD, or with a body, it is followed inside the same origin only.
    std::string method = "GET";
    std::string body; // its Content-Type stands among the headers
    Credentials credentials;
    // "Name: value", sent to the host of `url` alone and to no other that it redirects to, nor without TLS
    // after TLS: they may be validators or credentials.
    std::vector<std::string> headers;
    std::string user_agent;
    Limits limits;
    bool allow_private =
        false; // intranets and tests: addresses that are not global unicast and any port are fine
    std::string accept = "*/*";      // the header Accept, sent to every address on the way
    bool is_html_unexpected = false; // what is a web page may be a bot wall (see challenge.hpp)
    std::string ca_file;       // PEM; the only authorities that count for this request; "" is the system's
    std::string proxy;         // "" is the client's
    bool cut_at_limit = false; // a longer body is cut at max_bytes instead of refused (robots.txt)
    bool unpacks = true;       // false: the body stays as it came, whatever it is
    Redirects redirects = Redirects::follow;
    std::optional<std::chrono::milliseconds> time_left; // of the total, after earlier attempts
    RedirectChain chain; // of the requests before, when they stopped at another host
};

// Takes away what is meant for one host alone: headers, body and credentials.
void drop_what_is_private(Request& request);

enum class Failure {
    none,
    bad_url,
    refused_address,
    resolve,
    connect,
    tls,
    timeout,
    too_large,
    redirects,
    encoding,
    transfer,
    held,  // the host asked for a rest; nothing was sent
    robots // robots.txt forbids it; nothing was sent
};

struct Response {
    Failure failure = Failure::none;
    std::string error; // what went wrong, in words; empty when there is an answer, whatever its status
    int status = 0;
    std::string url; // after redirects
    std::string content_type, content_location, etag, last_modified;
    std::string body;                      // of an answer of 400 and above only the head, at most 64 KiB
    std::chrono::microseconds duration{0}; // of all hops and attempts, without the waiting between them

    std::optional<std::chrono::seconds> retry_after; // on any status; at most 7 days
    std::optional<std::chrono::seconds>
        fresh_for;             // Cache-Control or Expires, less Age; above 0, at most 1 day
    std::string permanent_url; // where the redirects led as long as every hop so far was 301 or 308; else ""
    std::string challenge;     // the bot wall that answered instead of the site ("Cloudflare"); else ""
    std::int64_t received = 0; // bytes of the body as they came over the wire, of the last hop
    int redirects = 0;
    int attempts = 1;
    std::string next_url;             // only for a request that stops at other hosts
    std::vector<std::string> cookies; // with next_url: for RedirectChain
};

struct ClientSettings {
    int max_connections = 20;
    int max_connections_per_host = 2;
    std::string proxy; // "" is the environment's (http_proxy, https_proxy, all_proxy, no_proxy)
};

class Client {
public:
    using Done = std::function<void(Response)>;

    explicit Client(const ClientSettings& settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Starts at once; `done` is called from run_once(), exactly once, unless the client goes away before. It
    // may start more.
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

// Starts libcurl once; every Client does. Throws std::runtime_error where it cannot be used.
void start_client();

// One request, waited for.
Response fetch(Request request);
}
