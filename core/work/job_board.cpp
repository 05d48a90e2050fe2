#include "core/work/job_board.hpp"

#include <algorithm>

namespace cti::work {

JobInHand* JobBoard::take() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_is_closed || !m_waiting.empty(); });
    if (m_waiting.empty()) return nullptr;
    auto& job = m_running.emplace_back();
    job.claim = std::move(m_waiting.front());
    m_waiting.pop_front();
    return &job;
}

void JobBoard::say(long id, std::string line) {
    {
        const std::lock_guard lock(m_mutex);
        m_news.lines.emplace_back(id, std::move(line));
    }
    m_on_news();
}

void JobBoard::end(JobInHand& job, store::JobEnd how) {
    {
        const std::lock_guard lock(m_mutex);
        m_news.ends.push_back(std::move(how));
        forget(job);
    }
    m_on_news();
}

void JobBoard::end(JobInHand& job, PutBack how) {
    {
        const std::lock_guard lock(m_mutex);
        m_news.put_back.push_back(std::move(how));
        forget(job);
    }
    m_on_news();
}

void JobBoard::end(JobInHand& job) {
    {
        const std::lock_guard lock(m_mutex);
        forget(job);
    }
    m_on_news();
}

void JobBoard::add(std::vector<store::JobClaim> claims) {
    const std::lock_guard lock(m_mutex);
    for (auto& claim : claims) m_waiting.push_back(std::move(claim));
    m_changed.notify_all();
}

std::vector<store::JobClaim> JobBoard::held() const {
    const std::lock_guard lock(m_mutex);
    std::vector<store::JobClaim> claims(m_waiting.begin(), m_waiting.end());
    for (const auto& job : m_running) claims.push_back(job.claim);
    return claims;
}

std::size_t JobBoard::count_held() const {
    const std::lock_guard lock(m_mutex);
    return m_waiting.size() + m_running.size();
}

std::size_t JobBoard::count_waiting() const {
    const std::lock_guard lock(m_mutex);
    return m_waiting.size();
}

long JobBoard::count_ended() const {
    const std::lock_guard lock(m_mutex);
    return m_ended;
}

bool JobBoard::is_settled() const {
    const std::lock_guard lock(m_mutex);
    return m_waiting.empty() && m_running.empty() && m_news.is_empty();
}

void JobBoard::stop(const std::vector<long>& ids, StopReason reason) {
    const std::lock_guard lock(m_mutex);
    for (auto& job : m_running)
        if (std::ranges::find(ids, job.claim.id) != ids.end() && job.stop == 0)
            job.stop = static_cast<int>(reason);
    if (reason != StopReason::lost) return;
    std::erase_if(m_waiting, [&](const store::JobClaim& claim) {
        return std::ranges::find(ids, claim.id) != ids.end();
    });
}

void JobBoard::stop_all(StopReason reason) {
    const std::lock_guard lock(m_mutex);
    for (auto& job : m_running)
        if (job.stop == 0) job.stop = static_cast<int>(reason);
}

std::vector<store::JobClaim> JobBoard::release_waiting() {
    const std::lock_guard lock(m_mutex);
    std::vector<store::JobClaim> claims(m_waiting.begin(), m_waiting.end());
    m_waiting.clear();
    return claims;
}

JobBoard::News JobBoard::fetch_news() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_news, {});
}

void JobBoard::close() {
    const std::lock_guard lock(m_mutex);
    m_is_closed = true;
    m_changed.notify_all();
}

void JobBoard::forget(JobInHand& job) {
    ++m_ended;
    m_running.remove_if([&](const JobInHand& each) { return &each == &job; });
}
}
