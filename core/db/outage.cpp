#include "core/db/outage.hpp"

#include "core/base/log.hpp"
#include "core/base/pause.hpp"

#include <algorithm>
#include <random>

namespace cti::db {
namespace {

constexpr auto k_max_pause = std::chrono::seconds(5);

// Ten processes that lost the same server do not come back in the same moment.
double jitter() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.5, 1.0)(random);
}
}

void Outage::tell(const Error& why) {
    if (m_told) return;
    m_told = true;
    if (m_policy.on_wait)
        m_policy.on_wait(why.what());
    else
        log::warning("{}; trying again for {} s", why.what(), m_policy.wait.count());
}

bool Outage::wait(const Error& why) {
    const auto now = Clock::now();
    if (m_failures++ == 0) m_deadline = now + m_policy.wait;
    const bool in_time = now < m_deadline;
    if (!in_time && m_failures >= m_attempts) return false;
    if (in_time && m_failures >= m_attempts)
        tell(why);
    else
        log::info("{}; trying again", why.what());
    auto pause = std::chrono::duration_cast<Clock::duration>(m_pause * jitter());
    if (in_time) pause = std::min(pause, m_deadline - now);
    m_pause = std::min<Clock::duration>(m_pause * 2, k_max_pause);
    return pause_for(pause, m_policy.is_stopped);
}

namespace {
// The transactions that are begun in between share the time. A with_retry() inside another has its own again.
class SharedOutage {
public:
    SharedOutage(Database::Impl& database, Outage& outage) : m_database(database), m_before(database.outage) {
        database.outage = &outage;
    }
    ~SharedOutage() { m_database.outage = m_before; }
    SharedOutage(const SharedOutage&) = delete;
    SharedOutage& operator=(const SharedOutage&) = delete;

private:
    Database::Impl& m_database;
    Outage* m_before;
};

using Work = std::function<void(Transaction&)>;
constexpr const char* k_in_doubt = "08007"; // transaction_resolution_unknown

[[noreturn]] void fail_in_doubt() {
    throw Error(ExitCode::database,
                "the connection was lost while the database committed: whether it did is not known",
                "Look at what is there before you run this again.");
}

void retry(Database& database, const Work& work, int attempts, Access access, bool finds_out) {
    Outage outage(database.impl().policy, attempts);
    const SharedOutage shared(database.impl(), outage);
    for (;;) {
        try {
            Transaction transaction(database, access);
            work(transaction);
            transaction.commit();
            return;
        } catch (const SqlError& error) {
            if (!finds_out && error.sqlstate() == k_in_doubt) fail_in_doubt();
            if (!error.is_transient() || !outage.wait(error)) throw;
            // libpqxx 6 may still believe in a connection that the server has closed.
            if (error.is_class("08") || error.is_class("57") || error.sqlstate() == "25P03")
                database.impl().connection.reset();
        }
    }
}
}

void with_retry(Database& database, const Work& work, int attempts, Access access) {
    retry(database, work, attempts, access, true);
}

void with_retry_until_commit(Database& database, const Work& work) {
    constexpr int attempts = 3;
    retry(database, work, attempts, Access::read_write, false);
}
}
