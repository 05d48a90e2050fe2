#pragma once
#include "core/base/clock.hpp"
#include "core/store/own/jobs.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cti::work {

// Claims jobs in their order, and remembers where it left it: jobs that were claimed stand at the beginning
// of the index until vacuum may remove them, which a long transaction of somebody keeps it from. What comes
// before that place (a job that went back, one whose transaction took long to commit, one that is less
// urgent) waits for a look from the beginning, which comes each second, but never takes more than a tenth of
// the time. Used by one thread.
class JobClaimer {
public:
    // options: kinds, lease and worker count.
    explicit JobClaimer(store::JobClaimOptions options) : m_options(std::move(options)) {}

    std::vector<store::JobClaim> claim(db::Transaction& transaction, int limit);
    // One small question, for a Transaction of the kind each_statement.
    bool has_ready_job(db::Transaction& transaction);
    // The last look from the beginning found nothing, and nobody was claimed since.
    bool is_idle() const { return m_is_idle; }
    // Until a claim may find what the last one did not.
    std::chrono::milliseconds pause() const;

private:
    bool may_scan(SteadyTime now) const;
    bool must_scan(SteadyTime now) const;
    void remember(const std::vector<store::JobClaim>& claims, int limit, bool scans);

    store::JobClaimOptions m_options;
    std::optional<store::JobPlace> m_place; // where the order was left
    SteadyTime m_scanned{};                 // from the beginning
    SteadyTime::duration m_scan_took{0};
    bool m_wants_scan = false; // nothing was left behind the place
    bool m_is_idle = false;
};
}
