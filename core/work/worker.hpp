#pragma once
#include "core/base/clock.hpp"
#include "core/base/thread_board.hpp"
#include "core/db/listener.hpp"
#include "core/work/job_board.hpp"
#include "core/work/job_kind.hpp"
#include "core/work/schedule_leader.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

// Takes jobs until it is stopped. The thread that calls run() asks the database, over one connection: claims,
// ends, leases and wishes to cancel. The jobs run in threads of their own, with connections of their own.
namespace cti::work {

struct WorkerSettings {
    std::span<const JobKind> kinds = job_kinds();
    std::vector<std::string> only; // names of kinds; empty: all
    int concurrency = 2;           // jobs at the same time
    int batch = 50;                // small jobs that are fetched at once, at most
    bool until_empty = false;      // end when no job is ready
    bool listens = true;           // be told of new jobs; else look each second
    std::chrono::milliseconds poll{1000};
    std::chrono::seconds lease{60};     // after it, the jobs of a worker that died are another's
    std::chrono::seconds heartbeat{15}; // how often it says that it lives
    std::chrono::seconds lead{5};       // how often it looks whether it leads, and for plans that are due
    std::chrono::seconds drain{20};     // after a stop, until jobs in hand are told to end
    std::string name, version;          // "host:pid"
    std::function<db::Database()> connect;
    ops::Environment environment; // of the jobs; its stop: of the worker
    WorkerTools tools;
    ThreadBoard* threads = nullptr;
};

// What a worker did, for people.
struct WorkerReport {
    long done = 0, failed = 0, cancelled = 0, put_back = 0, lost = 0; // lost: another worker had them by then
};

class Worker {
public:
    explicit Worker(WorkerSettings settings);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    const std::vector<std::string>& kinds() const; // that it takes
    // Until it is stopped; a database that goes away is waited for. Throws Error(schema) where the database
    // has no queue, Error(database) where there is none at the start.
    WorkerReport run();

private:
    bool is_over() const;
    bool is_stopped() const { return m_settings.environment.is_stopped(); }
    void turn();
    bool has_nothing_to_ask(SteadyTime now);
    bool must_beat(SteadyTime now) const;
    bool must_renew(SteadyTime now) const;
    void ask_database(const JobBoard::News& news, int limit);
    void write_news(db::Transaction& transaction, const JobBoard::News& news);
    void beat(db::Transaction& transaction);
    void lead();
    void begin_drain(SteadyTime now);
    int choose_limit();
    void choose_batch();
    std::chrono::milliseconds next_wait() const;
    void wait();
    void gather();
    void return_unbegun();
    void count(const JobBoard::News& news, const std::vector<long>& finished);
    void work(int number);
    void end();

    WorkerSettings m_settings;
    std::vector<std::string> m_names; // of the kinds that it takes
    db::Database m_database;
    db::Listener m_listener;
    ScheduleLeader m_leader;
    JobBoard m_board;
    JobBoard::News m_news; // that the database has not heard of yet
    WorkerReport m_report;
    std::optional<SteadyTime> m_beaten, m_led, m_drain_ends;
    SteadyTime m_claimed{}, m_turned{}, m_renewed{}; // when that was done last
    int m_batch;                                     // jobs that are held at once, at most
    long m_ended_before_claim = 0;                   // of all that the board has seen end
    bool m_is_idle = false;                          // the last look found nothing more
    bool m_is_away = false;                          // the database
    std::vector<std::thread> m_threads;
};
}
