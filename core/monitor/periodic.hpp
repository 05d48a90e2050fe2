#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace cti::monitor {

// A thread that does its work at once, then every `every` and whenever it is woken, until it is destroyed.
// The destructor waits for the work that is under way; long work asks is_ending() between its steps.
class Periodic {
public:
    Periodic(std::chrono::milliseconds every, std::function<void()> work);
    ~Periodic();
    Periodic(const Periodic&) = delete;
    Periodic& operator=(const Periodic&) = delete;

    void wake();
    bool is_ending() const;

private:
    void run();

    std::chrono::milliseconds m_every;
    std::function<void()> m_work;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_ending = false, m_woken = false;
    std::thread m_thread; // Last: it uses all of the above.
};
}
