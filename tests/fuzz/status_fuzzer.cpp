#include "core/monitor/http_server.hpp"

#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

// Requests to the status server, byte by byte as they come from the network: each gets an answer of HTTP or
// none at all, and the next client is served.
namespace {
using namespace cti::monitor;

State make_state() {
    State state;
    state.snapshot = std::make_shared<const Snapshot>();
    return state;
}

// What the server says to these bytes until it closes.
std::string ask(int port, std::string_view bytes) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (client < 0 || ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        std::abort();
    while (!bytes.empty()) {
        const auto sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) break; // It has seen enough.
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::shutdown(client, SHUT_WR);
    std::string said;
    char part[4096];
    for (ssize_t got = 0; (got = ::recv(client, part, sizeof part, 0)) > 0;)
        said.append(part, static_cast<std::size_t>(got));
    ::close(client);
    return said;
}

int port_of(const HttpServer& server) { return std::stoi(server.url().substr(server.url().rfind(':') + 1)); }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const HttpServer server([] {
        HttpServerSettings settings;
        settings.address = "127.0.0.1:0";
        settings.state = make_state;
        return settings;
    }());
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto said = ask(port_of(server), bytes);
    if (!said.empty() && !said.starts_with("HTTP/1.")) std::abort();
    if (!ask(port_of(server), "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 "))
        std::abort();
    // The same as a request that is well formed: whatever the path, an answer with a known code.
    const auto code = answer({std::string(bytes), std::string(bytes), std::string(bytes)}, make_state()).code;
    if (code != 200 && code != 404 && code != 406 && code != 400 && code != 503) std::abort();
    return 0;
}
