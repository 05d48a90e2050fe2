#pragma once
#include "core/collect/check.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

// Who may work on which check. Checks live here; a thread is handed one at a time, alone, and gives it back.
// What comes for a check in the meantime waits in its mailbox, so its answers are read in the order in which
// they came, and threads overlap on different checks only. Knows no thread, lock or clock: CheckWorkers holds
// a mutex around it, a test calls it in any order it likes.
namespace cti::collect {

using CheckId = std::uint64_t;

// Work on one check.
struct Answer {
    Ask ask;
    net::Response response;
};
struct FindKnown {};
struct CutShort {};
struct Record {
    int tries = 0; // that met a lock
};
using CheckTask = std::variant<Answer, FindKnown, CutShort, Record>;

class CheckQueue {
public:
    using Moment = std::chrono::steady_clock::time_point;

    void add(CheckId id, std::unique_ptr<Check> check);
    // For a check that has ended: nothing happens.
    void push(CheckId id, CheckTask task);

    struct Turn {
        CheckId id = 0;
        Check* check = nullptr;
        CheckTask task;
    };
    // The check that has waited longest, taken out of the queue until one of the three below.
    std::optional<Turn> next_turn(Moment now);
    // `next`: what comes before all that waits.
    void give_back(CheckId id, std::optional<CheckTask> next = {});
    // Not before `until`; others go on.
    void put_back(CheckId id, CheckTask task, Moment until);
    // By the thread that has it. For a check that has ended: nothing happens.
    void end(CheckId id);

    bool is_empty() const { return m_slots.empty(); }
    bool has_ready(Moment now) const;
    std::optional<Moment> next_moment() const;    // when the first of those that were put back may go on
    std::size_t tasks() const { return m_tasks; } // that wait or are being done
    void clear_waiting();                         // checks that no thread has are dropped

private:
    struct Slot {
        std::unique_ptr<Check> check;
        std::deque<CheckTask> mailbox;
        bool is_taken = false;
        Moment not_before{};
    };
    std::map<CheckId, Slot> m_slots;
    std::deque<CheckId> m_ready; // with something in the mailbox, and no thread at it
    std::size_t m_tasks = 0;
};
}
