#pragma once
#include "core/db/pqxx_impl.hpp"

#include <chrono>

namespace cti::db {

// One stretch of failures: whether to try again, and the pause before. Inside a with_retry() all share its
// time.
class Outage {
public:
    // attempts: as many tries are made even when the policy gives no time.
    Outage(const OutagePolicy& policy, int attempts) : m_policy(policy), m_attempts(attempts) {}

    // False: give up. `why` is told once.
    bool wait(const Error& why);

private:
    using Clock = std::chrono::steady_clock;
    void tell(const Error& why);

    const OutagePolicy& m_policy;
    int m_attempts, m_failures = 0;
    bool m_told = false;
    Clock::time_point m_deadline{}; // counts from the first failure
    Clock::duration m_pause = std::chrono::milliseconds(100);
};

// Until it no longer throws a ConnectError, or an SqlError of a lost connection, as long as the policy says.
template <class Work>
void wait_for(Database::Impl& database, const Work& work) {
    Outage own(database.policy, 1);
    auto& outage = database.outage ? *database.outage : own;
    for (;;) {
        try {
            return work();
        } catch (const ConnectError& error) {
            if (error.is_permanent() || !outage.wait(error)) throw;
        } catch (const SqlError& error) {
            if (!error.is_transient() || !outage.wait(error)) throw;
        }
        database.connection.reset();
    }
}
}
