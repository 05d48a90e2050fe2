#include "loopback_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace cti::net::test {
namespace {
void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return; // The client has had enough.
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void wait_for_other_end(int socket) {
    char byte = 0;
    while (::recv(socket, &byte, 1, 0) > 0) {
    }
}

void reset(int socket) {
    const linger now{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

// Bits from the lowest on, as deflate wants them; Huffman codes the other way round.
class BitWriter {
public:
    explicit BitWriter(std::string& out) : m_out(out) {}
    void bits(unsigned value, int count) {
        for (int i = 0; i < count; ++i) bit(value >> i & 1);
    }
    void code(unsigned value, int count) {
        for (int i = count - 1; i >= 0; --i) bit(value >> i & 1);
    }
    void flush() {
        while (m_used != 0) bit(0);
    }

private:
    void bit(unsigned value) {
        m_byte |= value << m_used;
        if (++m_used < 8) return;
        m_out += static_cast<char>(m_byte);
        m_byte = 0, m_used = 0;
    }
    std::string& m_out;
    unsigned m_byte = 0;
    int m_used = 0;
};

constexpr std::string_view k_gzip_head("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}
}

namespace {
std::size_t body_length(const std::string& head) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    const auto at = head.find(name);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}
}

LoopbackServer::LoopbackServer(Handler handler, const std::string& address, int port)
    : m_handler(std::move(handler)), m_address(address) {
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, address.c_str(), &name.sin_addr);
    socklen_t size = sizeof name;
    if (::bind(m_listener, reinterpret_cast<sockaddr*>(&name), size) != 0 || ::listen(m_listener, 64) != 0 ||
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
        ::close(m_listener);
        throw std::runtime_error("the test's server cannot listen");
    }
    m_port = ntohs(name.sin_port);
    m_acceptor = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
    m_closing = true;
    ::shutdown(m_listener, SHUT_RDWR);
    m_acceptor.join();
    {
        const std::lock_guard lock(m_mutex);
        for (const int socket : m_sockets) ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : m_threads) thread.join();
    for (const int socket : m_sockets) ::close(socket);
    ::close(m_listener);
}

void LoopbackServer::accept_all() {
    for (int connection = 1; !m_closing; ++connection) {
        const int socket = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const std::lock_guard lock(m_mutex);
        m_sockets.push_back(socket);
        m_threads.emplace_back([this, socket, connection] { serve(socket, connection); });
    }
}

void LoopbackServer::serve(int socket, int connection) {
    std::string input;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        input.append(buffer.data(), static_cast<std::size_t>(got));
        const auto end = input.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        Hit hit;
        hit.head = input.substr(0, end + 2);
        const auto length = body_length(hit.head);
        if (input.size() < end + 4 + length) continue;
        hit.body = input.substr(end + 4, length);
        input.erase(0, end + 4 + length);
        const auto space = hit.head.find(' ') + 1;
        hit.target = hit.head.substr(space, hit.head.find(' ', space) - space);
        hit.connection = connection;
        hit.at = std::chrono::steady_clock::now();
        if (!answer(socket, hit)) return;
    }
}

bool LoopbackServer::answer(int socket, const Hit& hit) {
    const int now = ++m_now;
    for (int most = m_most; most < now && !m_most.compare_exchange_weak(most, now);) {
    }
    {
        const std::lock_guard lock(m_mutex);
        m_hits.push_back(hit);
    }
    const auto what = m_handler(hit);
    if (what.together) wait_for_company();
    send_all(socket, what.bytes);
    --m_now;
    if (what.end == Reply::End::keep) return true;
    if (what.end == Reply::End::silence) wait_for_other_end(socket);
    if (what.end == Reply::End::reset) reset(socket);
    // close() gives the number to others while the destructor still knows it; for the reset it has to be.
    if (what.end == Reply::End::reset) {
        const std::lock_guard lock(m_mutex);
        std::erase(m_sockets, socket);
        ::close(socket);
    } else {
        ::shutdown(socket, SHUT_RDWR);
    }
    return false;
}

void LoopbackServer::wait_for_company() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(40);
    while (m_now < 3 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

std::string LoopbackServer::url(std::string_view path) const {
    return fmt::format("http://{}:{}{}", m_address, m_port, path);
}

std::vector<Hit> LoopbackServer::hits() const {
    const std::lock_guard lock(m_mutex);
    return m_hits;
}

std::size_t LoopbackServer::hits_of(std::string_view target) const {
    const auto all = hits();
    return static_cast<std::size_t>(std::ranges::count(all, target, &Hit::target));
}

Reply reply(int status, std::string_view body, std::string_view headers) {
    return {fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers,
                        body)};
}

Reply raw(std::string bytes, Reply::End end) { return {std::move(bytes), end}; }

std::string gzip_bomb(int megabytes) {
    std::string out(k_gzip_head);
    BitWriter writer(out);
    writer.bits(1, 1), writer.bits(1, 2); // the last block, fixed codes
    writer.code(0x30 + 'a', 8);
    const int repeats = megabytes * 1024 * 1024 / 258;
    for (int i = 0; i < repeats; ++i) writer.code(0xC5, 8), writer.code(0, 5); // 258 bytes from one byte back
    writer.code(0, 7);                                                         // the end
    writer.flush();
    append_little_endian(out, 0, 4), append_little_endian(out, 0, 4);
    return out;
}

std::string gzip_stored(std::string_view text) {
    std::string out(k_gzip_head);
    out += '\x01';
    const auto size = static_cast<std::uint32_t>(text.size());
    append_little_endian(out, size, 2), append_little_endian(out, ~size, 2);
    out += text;
    append_little_endian(out, crc32(text), 4), append_little_endian(out, size, 4);
    return out;
}
}
