#pragma once
#include "core/db/database.hpp"
#include "core/monitor/routes.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cti::monitor {

struct HttpServerSettings {
    std::string address = k_default_listen; // ADDR:PORT, [::1]:8080; port 0: any that is free
    int max_connections = 2000;
    std::chrono::milliseconds head_deadline{2'000};  // from the connection to the whole head of the request
    std::chrono::milliseconds write_deadline{5'000}; // from there to the last byte of the answer
    // Of what no snapshot knows; shorter than the one before, so that whoever asked is told.
    std::chrono::milliseconds query_deadline{3'000};
    std::function<State()> state; // called in the server's thread; must not wait
    // For those queries, in a thread of their own; throws Error. Empty: there is no database for them.
    std::function<db::Database()> connect = {};
    ThreadBoard* threads = nullptr; // where that thread says what it does
    std::string control_token = {}; // whoever knows it may ask for jobs and cancel them; "": nobody
};

// GET and HEAD only, and orders where there is a token for them; one request a connection, in one thread that
// waits for nobody: what is slow, endless or too big is cut, and everybody else is answered meanwhile. Design
// and numbers: libmicrohttpd driven by epoll in a loop of ours, so that deadlines count from the start of a
// connection and a byte now and then does not prolong them; 16 KiB at most for the head of a request,
// allocated as it grows. Rendered pages are kept for a second: a thousand clients cost one rendering.
class HttpServer {
public:
    // Throws Error(usage) for an address that is none, Error(failure) where nobody can listen there.
    explicit HttpServer(HttpServerSettings settings);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::string url() const; // "http://127.0.0.1:8080", with the port that it got

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};
}
