#include "core/collect/check_queue.hpp"

#include <algorithm>
#include <utility>

namespace cti::collect {

void CheckQueue::add(CheckId id, std::unique_ptr<Check> check) {
    auto& slot = m_slots[id];
    slot.check = std::move(check);
}

void CheckQueue::push(CheckId id, CheckTask task) {
    const auto found = m_slots.find(id);
    if (found == m_slots.end()) return;
    auto& slot = found->second;
    if (slot.mailbox.empty() && !slot.is_taken) m_ready.push_back(id);
    slot.mailbox.push_back(std::move(task));
    ++m_tasks;
}

std::optional<CheckQueue::Turn> CheckQueue::next_turn(Moment now) {
    const auto ready =
        std::ranges::find_if(m_ready, [&](CheckId id) { return m_slots.at(id).not_before <= now; });
    if (ready == m_ready.end()) return std::nullopt;
    const auto id = *ready;
    m_ready.erase(ready);
    auto& slot = m_slots.at(id);
    Turn turn{id, slot.check.get(), std::move(slot.mailbox.front())};
    slot.mailbox.pop_front();
    slot.is_taken = true;
    slot.not_before = {};
    return turn;
}

void CheckQueue::give_back(CheckId id, std::optional<CheckTask> next) {
    auto& slot = m_slots.at(id);
    slot.is_taken = false;
    --m_tasks;
    if (next) {
        slot.mailbox.push_front(std::move(*next)), ++m_tasks;
        m_ready.push_front(
            id); // What is begun is finished first: its articles are in memory until it is recorded.
    } else if (!slot.mailbox.empty()) {
        m_ready.push_back(id);
    }
}

void CheckQueue::put_back(CheckId id, CheckTask task, Moment until) {
    auto& slot = m_slots.at(id);
    slot.not_before = until;
    slot.is_taken = false;
    slot.mailbox.push_front(std::move(task));
    m_ready.push_back(id);
}

void CheckQueue::end(CheckId id) {
    const auto found = m_slots.find(id);
    if (found == m_slots.end()) return;
    m_tasks -= 1 + found->second.mailbox.size();
    m_slots.erase(found);
}

bool CheckQueue::has_ready(Moment now) const {
    return std::ranges::any_of(m_ready, [&](CheckId id) { return m_slots.at(id).not_before <= now; });
}

std::optional<CheckQueue::Moment> CheckQueue::next_moment() const {
    std::optional<Moment> first;
    for (const auto id : m_ready)
        if (const auto moment = m_slots.at(id).not_before; !first || moment < *first) first = moment;
    return first;
}

void CheckQueue::clear_waiting() {
    m_ready.clear();
    std::erase_if(m_slots, [&](const auto& entry) {
        const auto& slot = entry.second;
        if (slot.is_taken) return false;
        m_tasks -= slot.mailbox.size();
        return true;
    });
}
}
