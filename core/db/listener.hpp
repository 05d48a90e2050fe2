#pragma once
#include "core/db/database.hpp"

#include <chrono>
#include <string>

// Being told by the server that something was committed (LISTEN). A hint only: what is told may be lost, so
// whoever listens also looks now and then.
namespace cti::db {

class Listener {
public:
    // channel: a plain name. The connection stays the caller's, and is used between its transactions.
    // is_wanted: else nobody is asked to tell, and only wake() ends a wait.
    Listener(Database& database, std::string channel, bool is_wanted = true);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Whether the server can tell: not through a pooler, which hands its connections to others.
    bool is_heard() const { return m_is_direct; }
    // Returns when the server tells, when wake() is called, or after `longest`. What came since the last call
    // ends it at once.
    void wait(std::chrono::milliseconds longest);
    // The same without the database, which is away.
    void rest(std::chrono::milliseconds longest);
    // By any thread; a call before wait() counts.
    void wake();

private:
    void listen();
    void wait_for(int socket, std::chrono::milliseconds longest);

    Database& m_database;
    const std::string m_channel;
    const bool m_is_wanted;
    const void* m_listening = nullptr; // the connection that was told to listen; another one was not
    bool m_is_direct = false;
    int m_wake = -1; // an eventfd
};
}
