#pragma once
#include "core/store/own/jobs.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// Where the thread that asks the database and the threads that do jobs meet: claims go one way, ends and
// lines the other. A job belongs to one thread from take() to end().
namespace cti::work {

// The job is to wait again instead of ending.
struct PutBack {
    long id = 0, token = 0;
    std::chrono::seconds in{0};
    std::string reason;
    bool is_try = true; // the attempt counts
};

// Why a job that runs is told to stop.
enum class StopReason : int {
    none,
    cancelled, // somebody wishes it
    draining,  // the worker ends
    lost,      // it is somebody else's by now
};

// A job in the hands of a thread.
struct JobInHand {
    store::JobClaim claim;
    std::atomic<int> stop{0}; // a StopReason; what the use case looks at
    bool is_finished = false; // by its own transaction; of the thread that has it
};

class JobBoard {
public:
    // on_news: called by the threads when the dispatcher has something to fetch.
    explicit JobBoard(std::function<void()> on_news) : m_on_news(std::move(on_news)) {}

    // For the threads. Null: there will be no more.
    JobInHand* take();
    void say(long id, std::string line);
    void end(JobInHand& job, store::JobEnd how);
    void end(JobInHand& job, PutBack how);
    void end(JobInHand& job); // there is nothing to tell

    // For the dispatcher.
    void add(std::vector<store::JobClaim> claims);
    std::vector<store::JobClaim> held() const; // those that wait here too
    std::size_t count_held() const;
    std::size_t count_waiting() const; // that no thread has begun
    long count_ended() const;          // since the beginning
    bool is_settled() const;           // nothing is held, and there are no news
    void stop(const std::vector<long>& ids, StopReason reason);
    void stop_all(StopReason reason);
    std::vector<store::JobClaim> release_waiting(); // that no thread has begun
    struct News {
        std::vector<store::JobEnd> ends;
        std::vector<PutBack> put_back;
        std::vector<std::pair<long, std::string>> lines; // job, what it said
        bool is_empty() const { return ends.empty() && put_back.empty() && lines.empty(); }
    };
    News fetch_news();
    void close(); // take() returns null as soon as nothing waits

private:
    void forget(JobInHand& job);

    const std::function<void()> m_on_news;
    mutable std::mutex m_mutex; // of all that follows
    std::condition_variable m_changed;
    std::deque<store::JobClaim> m_waiting;
    std::list<JobInHand> m_running;
    News m_news;
    long m_ended = 0;
    bool m_is_closed = false;
};
}
