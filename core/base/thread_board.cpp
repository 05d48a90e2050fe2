#include "core/base/thread_board.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti {
namespace {
thread_local ThreadSlot* t_slot = nullptr;
}

void beat_this_thread() {
    if (t_slot != nullptr) t_slot->beat();
}

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

ThreadSlot::Work::Work(ThreadSlot& slot, std::string_view work)
    : m_slot(slot), m_before(std::exchange(t_slot, &slot)) {
    m_slot.begin(work);
}

ThreadSlot::Work::~Work() {
    m_slot.end();
    t_slot = m_before;
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
