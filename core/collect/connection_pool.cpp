#include "core/collect/connection_pool.hpp"

#include "core/base/log.hpp"

namespace cti::collect {

ConnectionPool::ConnectionPool(db::Database& first, std::size_t limit)
    : m_first(first), m_idle{&first}, m_limit(limit) {}

ConnectionPool::Lease ConnectionPool::get() {
    std::unique_lock lock(m_mutex);
    if (m_idle.empty() && m_opened < m_limit) {
        ++m_opened;
        lock.unlock();
        try {
            auto another = std::make_unique<db::Database>(m_first.another("worker"));
            lock.lock();
            m_idle.push_back(another.get());
            m_more.push_back(std::move(another));
        } catch (const Error& error) {
            log::info("no further connection is to be had: {}", error.what());
            lock.lock();
            m_limit = m_opened - 1;
            --m_opened;
        }
    }
    m_changed.wait(lock, [this] { return !m_idle.empty(); });
    auto& database = *m_idle.back();
    m_idle.pop_back();
    return Lease(*this, database);
}

void ConnectionPool::give_back(db::Database& database) {
    const std::lock_guard lock(m_mutex);
    m_idle.push_back(&database);
    m_changed.notify_one();
}
}
