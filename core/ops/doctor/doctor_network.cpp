#include "core/ops/doctor/doctor_checks.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cti::ops {
namespace {

struct AddressFree {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressFree>;

class Socket {
public:
    explicit Socket(int descriptor) : m_descriptor(descriptor) {}
    ~Socket() {
        if (m_descriptor >= 0) close(m_descriptor);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

// "" when somebody answers there within three seconds.
std::string try_connect(const addrinfo& address) {
    const Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return std::strerror(errno);
    pollfd waiting{socket.get(), POLLOUT, 0};
    if (poll(&waiting, 1, 3000) == 0) return "no answer within 3 s";
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? "" : std::strerror(error);
}

bool look_at_socket(const db::Target& target, Findings& findings) {
    const auto path = fmt::format("{}/.s.PGSQL.{}", target.host, target.port);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        findings.add("socket", Verdict::ok, path + " answers");
        return true;
    }
    findings.add("socket", Verdict::fail, fmt::format("{}: {}", path, std::strerror(errno)),
                 "Start the database, or set DATABASE_URL to where it is.");
    findings.skip({"authentication"}, "nobody listens there");
    return false;
}
}

bool look_at_network(const db::Target& target, Findings& findings) {
    if (target.is_socket()) return look_at_socket(target, findings);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found); code != 0) {
        findings.add("dns", Verdict::fail, fmt::format("'{}': {}", target.shown_host, gai_strerror(code)),
                     target.shown_host == target.host
                         ? "Correct the host in DATABASE_URL; inside Compose it is the name of the service."
                         : db::k_doubtful_host_hint);
        findings.skip({"tcp", "authentication"}, "the host has no address");
        return false;
    }
    const Addresses addresses(found);
    std::string error;
    int count = 0;
    for (const auto* at = found; at != nullptr; at = at->ai_next, ++count)
        if (count == 0 || !error.empty()) error = try_connect(*at);
    findings.add("dns", Verdict::ok,
                 fmt::format("'{}' has {} address{}", target.shown_host, count, count == 1 ? "" : "es"));
    if (!error.empty()) {
        findings.add(
            "tcp", Verdict::fail, fmt::format("{}:{}: {}", target.shown_host, target.port, error),
            "Start the database ('docker compose up -d postgres'), or correct the port in DATABASE_URL.");
        findings.skip({"authentication"}, "nobody listens there");
        return false;
    }
    findings.add("tcp", Verdict::ok, fmt::format("{}:{} answers", target.shown_host, target.port));
    return true;
}
}
