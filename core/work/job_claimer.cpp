#include "core/work/job_claimer.hpp"

#include <algorithm>

namespace cti::work {
namespace {
using namespace std::chrono_literals;
constexpr auto k_longest_without_scan = 1s;
constexpr int k_scan_share = 10; // a tenth of the time
}

bool JobClaimer::may_scan(SteadyTime now) const { return now - m_scanned >= k_scan_share * m_scan_took; }

bool JobClaimer::must_scan(SteadyTime now) const {
    return !m_place || (may_scan(now) && (m_wants_scan || now - m_scanned >= k_longest_without_scan));
}

std::vector<store::JobClaim> JobClaimer::claim(db::Transaction& transaction, int limit) {
    if (limit <= 0) return {};
    const auto begun = steady_time();
    const bool scans = must_scan(begun);
    m_options.limit = limit;
    m_options.after = scans ? std::nullopt : m_place;
    auto claims = store::claim_jobs(transaction, m_options);
    if (scans) m_scanned = steady_time(), m_scan_took = m_scanned - begun;
    remember(claims, limit, scans);
    return claims;
}

void JobClaimer::remember(const std::vector<store::JobClaim>& claims, int limit, bool scans) {
    m_wants_scan = !scans && claims.size() < static_cast<std::size_t>(limit);
    m_is_idle = scans && claims.empty();
    if (claims.empty()) return;
    const auto& last = claims.back();
    // More urgent ones alone: what is behind the old place is still to be had.
    if (!scans && last.priority > m_place->priority) return;
    m_place = store::JobPlace{last.priority, last.run_at, last.id};
}

bool JobClaimer::has_ready_job(db::Transaction& transaction) {
    const auto begun = steady_time();
    const bool scans = !m_place || may_scan(begun);
    const bool has_job = store::has_ready_job(transaction, m_options.kinds, scans ? std::nullopt : m_place);
    if (scans) m_scanned = steady_time(), m_scan_took = m_scanned - begun;
    if (scans && has_job) m_place.reset(); // It may stand before the place.
    return has_job;
}

std::chrono::milliseconds JobClaimer::pause() const {
    if (m_is_idle || !m_wants_scan) return 0ms;
    const auto left = m_scanned + k_scan_share * m_scan_took - steady_time();
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(left));
}
}
