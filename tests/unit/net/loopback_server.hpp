#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// A web server on loopback for the tests of the client: it says what the test tells it to, byte for byte, and
// counts what it was asked. One thread for each connection.
namespace cti::net::test {

struct Hit {
    std::string target; // "/feed.xml?a=b"
    std::string head;   // the request line and the headers as they came
    int connection = 0; // 1, 2 …
    std::chrono::steady_clock::time_point at;
    std::string body; // as long as its Content-Length says
};

struct Reply {
    enum class End { keep, close, reset, silence }; // what happens to the connection after the bytes
    std::string bytes;
    End end = End::keep;
    bool together = false; // answered only once another request is under way as well, or after a moment
};

class LoopbackServer {
public:
    using Handler = std::function<Reply(const Hit&)>;

    // port 0: any free one. Throws when it is taken.
    explicit LoopbackServer(Handler handler, const std::string& address = "127.0.0.1", int port = 0);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    std::string url(std::string_view path) const; // "http://127.0.0.1:1234" + path
    int port() const { return m_port; }
    std::vector<Hit> hits() const;
    std::size_t hits_of(std::string_view target) const;
    int most_at_once() const { return m_most; } // requests under way at the same time

private:
    void accept_all();
    void serve(int socket, int connection);
    bool answer(int socket, const Hit& hit);
    void wait_for_company();

    Handler m_handler;
    std::string m_address;
    int m_listener = -1, m_port = 0;
    std::atomic<bool> m_closing{false};
    std::atomic<int> m_now{0}, m_most{0};
    mutable std::mutex m_mutex;
    std::vector<Hit> m_hits;
    std::vector<int> m_sockets;
    std::vector<std::thread> m_threads;
    std::thread m_acceptor;
};

// An answer with its Content-Length. headers: lines that end with CRLF.
Reply reply(int status, std::string_view body = {}, std::string_view headers = {});
Reply raw(std::string bytes, Reply::End end = Reply::End::close);

// A gzip stream of `megabytes` MiB of one letter, about 158:1; its checksum is wrong, as nobody reads so far.
std::string gzip_bomb(int megabytes);
std::string gzip_stored(std::string_view text); // correct, up to 65535 bytes
}
