#include "core/monitor/periodic.hpp"

#include <utility>

namespace cti::monitor {

Periodic::Periodic(std::chrono::milliseconds every, std::function<void()> work)
    : m_every(every), m_work(std::move(work)), m_thread([this] { run(); }) {}

Periodic::~Periodic() {
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void Periodic::wake() {
    {
        const std::lock_guard lock(m_mutex);
        m_woken = true;
    }
    m_changed.notify_all();
}

bool Periodic::is_ending() const {
    const std::lock_guard lock(m_mutex);
    return m_ending;
}

void Periodic::run() {
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        m_woken = false;
        lock.unlock();
        m_work();
        lock.lock();
        m_changed.wait_for(lock, m_every, [this] { return m_ending || m_woken; });
    }
}
}
