#pragma once
#include "core/base/clock.hpp"

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

// Which threads work, on what, and when each of them last got on. Whoever works says so through a ThreadSlot;
// watchdogs and the status server read. Every function may be called by any thread.
namespace cti {

struct ThreadStatus {
    std::string name;                        // "collect worker 1"
    std::string work;                        // "source talos"; "" while it has none
    std::chrono::microseconds silent_for{0}; // since it last began, ended or got on with something
    bool is_busy = false;                    // an idle thread may be silent for as long as it likes
};

class ThreadBoard {
public:
    explicit ThreadBoard(std::function<SteadyTime()> clock = steady_time) : m_clock(std::move(clock)) {}

    std::vector<ThreadStatus> list() const; // in the order in which they came

private:
    friend class ThreadSlot;
    struct Entry {
        std::string name, work;
        SteadyTime moved;
        bool is_busy = false;
    };
    using Place = std::list<Entry>::iterator; // stays true while others come and go

    const std::function<SteadyTime()> m_clock;
    mutable std::mutex m_mutex;
    std::list<Entry> m_entries; // under m_mutex
};

// A thread's place on the board, from its construction to its destruction. The board may be missing: then
// nothing is said.
class ThreadSlot {
public:
    ThreadSlot(ThreadBoard* board, std::string_view name);
    ~ThreadSlot();
    ThreadSlot(const ThreadSlot&) = delete;
    ThreadSlot& operator=(const ThreadSlot&) = delete;

    // From now on it is silent for too long unless it beats, begins something else or ends. `work`: for
    // people.
    void begin(std::string_view work);
    void beat();
    void end();

    // begin() and end() for a scope: an exception ends the work as well.
    class Work {
    public:
        Work(ThreadSlot& slot, std::string_view work);
        ~Work();
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;

    private:
        ThreadSlot& m_slot;
        ThreadSlot* m_before; // the thread's work around this one
    };

private:
    ThreadBoard* m_board;
    ThreadBoard::Place m_place;
};

// For the Work that the calling thread is at, if any: it waits on purpose, within bounds of its own.
void beat_this_thread();

// The busy thread that has been silent longest, where that is longer than `longest`: "the thread 'collect
// worker 1' has not moved for 5 min: source talos". Else "".
std::string find_stuck_thread(const std::vector<ThreadStatus>& threads, std::chrono::microseconds longest);
}
