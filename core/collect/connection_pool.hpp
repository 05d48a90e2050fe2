#pragma once
#include "core/db/database.hpp"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

// Connections for threads that need one now and then: a few serve many. One more is opened when all are in
// use, up to a limit; where the server gives no more, those that are there have to do.
namespace cti::collect {

class ConnectionPool {
public:
    // `first` is used as long as the pool lives.
    ConnectionPool(db::Database& first, std::size_t limit);

    class Lease {
    public:
        Lease(ConnectionPool& pool, db::Database& database) : m_pool(pool), m_database(database) {}
        ~Lease() { m_pool.give_back(m_database); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        db::Database& operator*() const { return m_database; }

    private:
        ConnectionPool& m_pool;
        db::Database& m_database;
    };
    // Waits until there is one. Throws nothing of a server that has no more connections, as the first is
    // there.
    Lease get();

private:
    void give_back(db::Database& database);

    std::mutex m_mutex;
    std::condition_variable m_changed;
    db::Database& m_first;
    std::vector<std::unique_ptr<db::Database>> m_more;
    std::vector<db::Database*> m_idle;
    std::size_t m_limit, m_opened = 1;
};
}
