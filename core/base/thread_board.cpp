#include "core/base/thread_board.hpp"

#include <fmt/format.h>

namespace cti {

std::vector<ThreadStatus> ThreadBoard::list() const {
    std::vector<ThreadStatus> out;
    const std::lock_guard lock(m_mutex);
    const auto now = m_clock();
    for (const auto& entry : m_entries)
        out.push_back({entry.name, entry.work, now - entry.moved, entry.is_busy});
    return out;
}

ThreadSlot::ThreadSlot(ThreadBoard* board, std::string_view name) : m_board(board) {
    if (m_board == nullptr) return;
    const std::lock_guard lock(m_board->m_mutex);
    m_place = m_board->m_entries.insert(m_board->m_entries.end(),
                                        {std::string(name), {}, m_board->m_clock(), false});
}

ThreadSlot::~ThreadSlot() {
    if (m_board == nullptr) return;
    const std::lock_guard lock(m_board->m_mutex);
    m_board->m_entries.erase(m_place);
}

void ThreadSlot::begin(std::string_view work) {
    if (m_board == nullptr) return;
    const std::lock_guard lock(m_board->m_mutex);
    m_place->work = work;
    m_place->moved = m_board->m_clock();
    m_place->is_busy = true;
}

void ThreadSlot::beat() {
    if (m_board == nullptr) return;
    const std::lock_guard lock(m_board->m_mutex);
    m_place->moved = m_board->m_clock();
}

void ThreadSlot::end() {
    if (m_board == nullptr) return;
    const std::lock_guard lock(m_board->m_mutex);
    m_place->work.clear();
    m_place->moved = m_board->m_clock();
    m_place->is_busy = false;
}

std::string find_stuck_thread(const std::vector<ThreadStatus>& threads, std::chrono::microseconds longest) {
    const ThreadStatus* worst = nullptr;
    for (const auto& thread : threads)
        if (thread.is_busy && thread.silent_for > longest &&
            (worst == nullptr || thread.silent_for > worst->silent_for))
            worst = &thread;
    if (worst == nullptr) return {};
    return fmt::format("the thread '{}' has not moved for {}: {}", worst->name,
                       format_duration(worst->silent_for), worst->work);
}
}
