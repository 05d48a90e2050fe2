#include "core/db/listener.hpp"

#include "core/db/pqxx_impl.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace cti::db {
namespace {

// A pooler tells its client a number of its own making for the session.
bool is_direct(Database& database) {
    Transaction transaction(database, Access::read_only);
    return number<int>(run(transaction, "SELECT pg_backend_pid()")[0][0]) ==
           database.impl().connection->backendpid();
}
}

Listener::Listener(Database& database, std::string channel, bool is_wanted)
    : m_database(database), m_channel(std::move(channel)), m_is_wanted(is_wanted),
      m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (m_wake < 0) throw Error(ExitCode::failure, "no file descriptor is left (eventfd)");
    listen();
}

Listener::~Listener() { close(m_wake); }

// Once for each connection: what a server that was restarted knew of us is gone.
void Listener::listen() {
    auto* const connection = m_database.impl().connection.get();
    if (connection == m_listening) return;
    m_is_direct = m_is_wanted && is_direct(m_database);
    if (m_is_direct) {
        Transaction transaction(m_database);
        run(transaction, fmt::format("LISTEN {}", m_channel));
        transaction.commit();
    }
    m_listening = m_database.impl().connection.get();
}

void Listener::wake() {
    const std::uint64_t one = 1;
    // It only fails where so many wake-ups wait already that one more says nothing.
    [[maybe_unused]] const auto written = write(m_wake, &one, sizeof one);
}

void Listener::wait_for(int socket, std::chrono::milliseconds longest) {
    std::array<pollfd, 2> files{{{m_wake, POLLIN, 0}, {socket, POLLIN, 0}}};
    poll(files.data(), files.size(), static_cast<int>(longest.count()));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto bytes = read(m_wake, &count, sizeof count);
}

void Listener::rest(std::chrono::milliseconds longest) { wait_for(-1, longest); }

void Listener::wait(std::chrono::milliseconds longest) {
    if (m_database.impl().connection.get() != m_listening) listen();
    if (!m_is_direct) return wait_for(-1, longest);
    auto& connection = *m_database.impl().connection;
    try {
        if (connection.get_notifs() > 0) return;
        wait_for(connection.sock(), longest);
        connection.get_notifs();
    } catch (const pqxx::failure&) {
        m_listening =
            nullptr; // The next transaction finds out, and waits for the database as its policy says.
    }
}
}
