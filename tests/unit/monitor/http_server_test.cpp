#include "core/base/error.hpp"
#include "core/monitor/http_server.hpp"
#include "sample.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;

namespace {
class Client {
public:
    explicit Client(const std::string& url) : m_socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~Client() { close(m_socket); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return; // cut meanwhile; what was answered says why
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    // Everything until the server closes.
    std::string read() const {
        std::string all;
        char buffer[4096];
        for (pollfd waiting{m_socket, POLLIN, 0}; poll(&waiting, 1, 20'000) > 0;) {
            const auto count = recv(m_socket, buffer, sizeof buffer, 0);
            if (count <= 0) return all;
            all.append(buffer, static_cast<std::size_t>(count));
        }
        FAIL("the server does not close");
        return all;
    }

private:
    int m_socket;
};

struct Served {
    test::Sample sample;
    HttpServer server{
        {.address = "127.0.0.1:0", .head_deadline = 300ms, .write_deadline = 1s, .state = [this] {
             return sample.state();
         }}};
    std::string ask(const std::string& request) const {
        const Client client(server.url());
        client.send(request);
        return client.read();
    }
};
std::string first_line(const std::string& answer) { return answer.substr(0, answer.find('\r')); }
std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
}

TEST_CASE("http_server: GET and HEAD are answered with the headers of a careful server") {
    const Served served;
    const auto answer = served.ask(get("/livez"));
    CHECK(first_line(answer) == "HTTP/1.1 200 OK");
    CHECK(answer.ends_with("\r\n\r\nok\n"));
    for (const char* header :
         {"X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
          "Cache-Control: no-store", "default-src 'none'", "Connection: close"})
        CHECK_MESSAGE(answer.find(header) != std::string::npos, header);
    CHECK(answer.find("Access-Control") == std::string::npos);
    const auto head = served.ask("HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(first_line(head) == "HTTP/1.1 200 OK");
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(head.find("Content-Length: 3") != std::string::npos);
    CHECK(first_line(served.ask(get("/?format=json"))) == "HTTP/1.1 200 OK");
}

TEST_CASE("http_server: other methods, bodies, endless lines and headers are refused by their codes") {
    const Served served;
    CHECK(first_line(served.ask("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")) ==
          "HTTP/1.1 405 Method Not Allowed");
    CHECK(served.ask("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n").find("Allow: GET, HEAD") != std::string::npos);
    CHECK(first_line(served.ask("GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"))
              .starts_with("HTTP/1.1 413"));
    CHECK(first_line(served.ask("GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"))
              .starts_with("HTTP/1.1 413"));
    CHECK(first_line(served.ask(get("/nothing"))) == "HTTP/1.1 404 Not Found");
    CHECK(first_line(served.ask(get("/" + std::string(60'000, 'a')))).starts_with("HTTP/1.1 414"));
    CHECK(first_line(
              served.ask("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(60'000, 'a') + "\r\n\r\n"))
              .starts_with("HTTP/1.1 431"));
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 5000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
    CHECK(first_line(served.ask(many)).starts_with("HTTP/1.1 431"));
}

TEST_CASE(
    "http_server: who does not finish the head of a request is cut, whoever else asks is answered meanwhile") {
    const Served served;
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 100; ++i) {
        slow.push_back(std::make_unique<Client>(served.server.url()));
        slow.back()->send(i % 2 == 0 ? "" : "GET /livez HTTP/1.1\r\nX-Slow: ");
    }
    CHECK(first_line(served.ask(get("/livez"))) == "HTTP/1.1 200 OK");
    const auto begun = std::chrono::steady_clock::now();
    for (const auto& client : slow) CHECK(client->read().find("200 OK") == std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < 15s);
    CHECK(first_line(served.ask(get("/livez"))) == "HTTP/1.1 200 OK");
}

TEST_CASE("http_server: what only a database knows is 503 where there is none, and nobody waits for it") {
    const Served served;
    const auto without = served.ask(get("/jobs/7"));
    CHECK(first_line(without) == "HTTP/1.1 503 Service Unavailable");
    CHECK(without.find("Retry-After: 5") != std::string::npos);
    CHECK(first_line(served.ask(get("/jobs/seven"))) == "HTTP/1.1 404 Not Found");

    test::Sample sample;
    std::promise<void> over;
    auto is_over = over.get_future();
    const auto connect = [&]() -> db::Database {
        is_over.wait();
        throw Error{ExitCode::database, "there is no database"};
    };
    const HttpServer server({.address = "127.0.0.1:0",
                             .write_deadline = 2s,
                             .query_deadline = 200ms,
                             .state = [&] { return sample.state(); },
                             .connect = connect});
    const auto release = [&](void*) { over.set_value(); };
    const std::unique_ptr<void, decltype(release)> at_the_end(&over, release); // before the server ends
    const Client client(server.url());
    client.send(get("/jobs/7"));
    const Client probe(server.url());
    probe.send(get("/livez"));
    CHECK(first_line(probe.read()) == "HTTP/1.1 200 OK");
    CHECK(client.read().find("has not answered in time; what was asked may have been done") !=
          std::string::npos);
}

TEST_CASE("http_server: it ends while somebody still waits for the database") {
    test::Sample sample;
    std::promise<void> asked, over;
    auto is_over = over.get_future();
    auto server = std::make_unique<HttpServer>(HttpServerSettings{.address = "127.0.0.1:0",
                                                                  .state = [&] { return sample.state(); },
                                                                  .connect = [&]() -> db::Database {
                                                                      asked.set_value();
                                                                      is_over.wait();
                                                                      throw Error{ExitCode::database, "gone"};
                                                                  }});
    const Client client(server->url());
    client.send(get("/jobs/7"));
    asked.get_future().wait();
    std::thread releasing([&] { over.set_value(); });
    server.reset();
    releasing.join();
    CHECK(client.read().find("200 OK") == std::string::npos);
}

TEST_CASE("http_server: an address that is none or taken is refused with a hint") {
    const Served served;
    const auto listen = [](const std::string& address) {
        const HttpServer server({.address = address, .state = [] { return State{}; }});
    };
    CHECK_THROWS_WITH_AS(listen("nonsense"), "cannot listen on 'nonsense': that is no ADDRESS:PORT", Error);
    CHECK_THROWS_AS(listen(served.server.url().substr(7)), Error);
    for (const char* address : {"127.0.0.1:80800", "127.0.0.1:65536", "127.0.0.1:4294967297", "127.0.0.1:-1",
                                "127.0.0.1:", "127.0.0.1:1x"})
        CHECK_THROWS_AS(listen(address), Error);
}
