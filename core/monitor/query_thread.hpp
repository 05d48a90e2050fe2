#pragma once
#include "core/base/thread_board.hpp"
#include "core/db/database.hpp"
#include "core/monitor/answer.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace cti::monitor {

// Answers what no snapshot can: one question after the other, in a thread and on a connection of its own. So
// whoever asks much, or a database that is slow, costs one connection and makes nobody else wait.
class QueryThread {
public:
    using Query = std::function<Answer(db::Database&)>;

    // connect: throws Error. on_answer: called in the thread, with the number of the query.
    QueryThread(std::function<db::Database()> connect, std::function<void(long, Answer)> on_answer,
                ThreadBoard* threads);
    ~QueryThread(); // waits for the query that is under way
    QueryThread(const QueryThread&) = delete;
    QueryThread& operator=(const QueryThread&) = delete;

    // False: too many wait already.
    bool submit(long number, Query query);
    // False: it has begun, or ended, and what it does is done.
    bool withdraw(long number);

private:
    struct Item {
        long number = 0;
        Query query;
    };
    void run();
    Answer ask(const Query& query);

    const std::function<db::Database()> m_connect;
    const std::function<void(long, Answer)> m_on_answer;
    std::unique_ptr<db::Database> m_database; // of the thread alone
    std::mutex m_mutex;                       // of what follows
    std::condition_variable m_changed;
    std::deque<Item> m_waiting;
    bool m_is_ending = false;
    ThreadSlot m_slot;
    std::thread m_thread; // Last: it uses all of the above.
};
}
