#include "core/monitor/http_address.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace cti::monitor {

Addresses resolve_address(const std::string& address) {
    const auto colon = address.rfind(':');
    auto host = address.substr(0, colon == std::string::npos ? 0 : colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = colon == std::string::npos ? "" : address.substr(colon + 1);
    // getaddrinfo() takes the low 16 bits of any number.
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    const bool is_port = error == std::errc() && end == port.data() + port.size() && number <= 65535;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (host.empty() || !is_port || getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
        throw Error{ExitCode::usage,
                    fmt::format("cannot listen on '{}': that is no ADDRESS:PORT", printable(address)),
                    "Write 127.0.0.1:8080, [::1]:8080 or none."};
    return Addresses(found);
}

void allow_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, 8192));
    setrlimit(RLIMIT_NOFILE, &limit);
}
}
