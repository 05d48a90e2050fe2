#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/periodic.hpp"
#include "core/monitor/snapshot.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

// Looks at the database in a thread of its own, on a connection of its own, so that nobody who asks for the
// state has to wait for it.
namespace cti::monitor {

struct ObserverSettings {
    std::function<db::Database()> connect; // called in the observer's thread; throws Error
    std::chrono::milliseconds ping{3'000}, fast{15'000}, slow{60'000};
    int runs = 10, articles = 10;
    ThreadBoard* threads = nullptr; // where it says what it does
};

class Observer {
public:
    explicit Observer(ObserverSettings settings);

    std::shared_ptr<const Snapshot> snapshot() const; // never empty
    // Looks at everything now: a round has ended.
    void poke();

private:
    using Part = std::function<void(db::Transaction&)>;
    void look();
    void look_at_state(Snapshot& next);
    void look_at_parts(Snapshot& next);
    bool read_part(std::optional<SteadyTime>& due, std::chrono::milliseconds every,
                   std::chrono::milliseconds longest, const Part& read);
    void ask_for_life(db::Transaction& transaction, Snapshot& next) const;
    void publish(const Snapshot& next);

    ObserverSettings m_settings;
    mutable std::mutex m_mutex;
    std::shared_ptr<const Snapshot> m_snapshot; // under m_mutex
    std::atomic<bool> m_poked = false;

    std::unique_ptr<db::Database> m_database; // of the thread alone, like what follows
    std::optional<db::Schema> m_schema;
    std::optional<SteadyTime> m_fast_due, m_jobs_due, m_totals_due, m_slow_due; // empty: now
    ThreadSlot m_slot;
    Periodic m_thread; // Last: it uses all of the above.
};

// The fast of one moment; for `collect --metrics-file` too.
std::shared_ptr<const FastStatus> read_fast_status(db::Transaction& transaction, const db::Schema& schema,
                                                   int runs);
std::shared_ptr<const JobStatus> read_job_status(db::Transaction& transaction);
}
