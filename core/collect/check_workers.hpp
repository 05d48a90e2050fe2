#pragma once
#include "core/base/thread_board.hpp"
#include "core/collect/check_queue.hpp"
#include "core/collect/connection_pool.hpp"
#include "core/net/fetcher.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

// The threads behind the network. They work on texts, one check each, and ask the database: claim sources by
// leases, renew these, find out what is known and record what came. So no server on the other side can hold
// up the database, nor the database the network. When there is nothing else to do they bring what was written
// into the index of `search`. The thread that fetches meets them in two queues of values: it hands over
// answers, and takes events.
namespace cti::collect {

struct WorkersSettings {
    std::span<const source::Kind> kinds = source::kinds();
    int count = 2;        // threads
    bool dry_run = false; // hosts' robots.txt are not kept
    const std::atomic<int>* stop =
        nullptr; // not 0: articles that were stored are not linked to near ones of others any more
    std::chrono::seconds lease_ttl{120};
    std::chrono::seconds longest_lock_wait{300}; // of one check; then it is deferred
    ThreadBoard* threads = nullptr;              // where the workers say what they do
    std::function<void()> wake;                  // called by a worker when there is an event
    std::function<void()> pause;                 // for tests: called wherever another thread may come between
};

// What the fetching thread learns, in the order in which it happened to each check. A check's Recorded comes
// last, and once.
struct Claimed {
    std::vector<store::Claim> claims;
    bool has_more = false;                             // as many as were asked for
    std::map<std::string, std::chrono::seconds> holds; // host: still to wait
    std::map<std::string, net::KeptRobots> robots;     // by origin: of sources without a feed
};
struct Accepted { // an answer was read
    CheckId id = 0;
};
struct FollowUp { // more is to be asked for
    CheckId id = 0;
    std::vector<Ask> asks;
    std::map<std::string, net::KeptRobots>
        robots; // by origin: what is kept of the hosts that are to be asked
};
struct Recorded { // the check has ended
    CheckId id = 0;
    Outcome outcome;
};
using Event = std::variant<Claimed, Accepted, FollowUp, Recorded>;

// After a lock that somebody held for too long, until it is tried again; grows to ten times as much with the
// tries.
inline constexpr std::chrono::seconds k_pause_after_lock{1};

class CheckWorkers {
public:
    CheckWorkers(db::Database& database, const db::Schema& schema, WorkersSettings settings);
    ~CheckWorkers(); // Finishes what was handed over.
    CheckWorkers(const CheckWorkers&) = delete;
    CheckWorkers& operator=(const CheckWorkers&) = delete;

    void claim(store::ClaimOptions options);
    void add(CheckId id, std::unique_ptr<Check> check); // after its begin()
    void accept(CheckId id, Answer answer);
    void cut_short(CheckId id); // See Check::cut_short(); it is recorded.
    void keep_robots(std::string origin, std::string text, int status);
    // The source is as due as before. To be called when nothing of its check is under way.
    void give_back(int source_id, std::string token);
    void finish(); // Waits until all that was handed over is done; throws what ended a thread.

    std::vector<Event> release_events(); // Throws what ended a thread.
    std::size_t
    backlog(); // work on checks that was handed over and is not yet done, and events that were not taken

private:
    struct ClaimSources {
        store::ClaimOptions options;
        Claimed claimed = {}; // by a try whose commit may stand
    };
    struct GiveBack {
        int source_id = 0;
        std::string token;
    };
    struct Robots {
        std::string origin, text;
        int status = 0;
    };
    using DatabaseTask = std::variant<ClaimSources, GiveBack, Robots>;
    using Clock = std::chrono::steady_clock;

    void close();
    void run(int number);
    void work(ThreadSlot& slot);
    bool work_once(std::unique_lock<std::mutex>& lock, ThreadSlot& slot);
    void wait(std::unique_lock<std::mutex>& lock);
    bool is_finished() const;
    void tell(Event event);
    void pause() const;
    bool is_stopped() const;

    void do_turn(CheckQueue::Turn turn, ThreadSlot& slot);
    void do_task(CheckQueue::Turn& turn, Answer& answer);
    void do_task(CheckQueue::Turn& turn, FindKnown&);
    void do_task(CheckQueue::Turn& turn, CutShort&);
    void do_task(CheckQueue::Turn& turn, Record& record);
    void go_on(const CheckQueue::Turn& turn, Check::Step step, bool was_answer);
    void end(const CheckQueue::Turn& turn, Outcome outcome);
    bool may_wait_again(const Record& record) const;

    void do_task(ClaimSources& task);
    void claim(db::Transaction& transaction, ClaimSources& task);
    void do_task(GiveBack& lease);
    void do_task(Robots& robots);
    void do_database_task(DatabaseTask task);
    void end_stalled_sessions();
    std::map<std::string, net::KeptRobots> find_robots(const std::vector<std::string>& urls);
    std::string first_address(const Source& source) const;
    std::vector<int> release_unlinked();
    void link(const std::vector<int>& articles);
    void renew_when_due();
    void forget(int source_id);

    const db::Schema& m_schema;
    WorkersSettings m_settings;
    ConnectionPool m_connections;

    std::mutex m_mutex; // of all that follows
    std::condition_variable m_changed;
    CheckQueue m_checks;
    std::deque<DatabaseTask> m_database_tasks;
    std::vector<std::pair<Clock::time_point, DatabaseTask>> m_later; // that met a lock
    std::vector<int> m_unlinked;                                     // articles
    std::vector<Event> m_events;
    std::map<int, std::string> m_held; // source id: token
    Clock::time_point m_renewed{};
    bool m_is_closed = false;
    std::exception_ptr m_failure;
    std::vector<std::thread> m_threads; // Last: they use all of the above.
};
}
