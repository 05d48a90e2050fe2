#pragma once
#include "core/base/clock.hpp"
#include "core/ops/analysis/analyze_articles.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

namespace cti::ops {

// What threads share that analyse articles: which one is next, what was used, and whether it is over. A
// request begins only where the budget would hold even if all that are under way took what they may take; so
// all threads together exceed it by one request at most, as one thread does.
class AnalysisLedger {
public:
    AnalysisLedger(const Environment& environment, const AnalyzeOptions& options,
                   std::optional<SteadyTime> until);

    void set_articles(std::vector<int> ids);
    // nullopt: there is none left, or it is over.
    std::optional<int> next_article();
    void end_article();

    // Waits until a request of at most so many tokens may begin. False: it is over.
    bool begin_request(long max_tokens);
    void end_request(long max_tokens, long tokens_in, long tokens_out);
    bool is_time_over() const { return m_until && steady_time() >= *m_until; }

    // Threads count by it, one at a time.
    template <class Use>
    void count(const Use& use) {
        const std::lock_guard lock(m_mutex);
        use(m_result.counts);
    }
    void succeed(); // an article has its answers
    void fail(const std::string& warning, const std::string& fault, bool is_hopeless);
    // The first exception of a thread ends it for all.
    void abort(std::exception_ptr exception);
    AnalyzeResult release(); // rethrows it

private:
    bool is_over(); // under the lock, as what follows
    long used() const { return m_result.counts.tokens_in + m_result.counts.tokens_out; }

    const Environment& m_environment;
    const AnalyzeOptions& m_options;
    const std::optional<SteadyTime> m_until;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<int> m_ids;
    std::size_t m_next = 0;
    long m_under_way = 0, m_reserved = 0; // requests, and tokens that they may take
    int m_failures = 0;                   // articles in a row
    std::exception_ptr m_exception;
    AnalyzeResult m_result;
};

// One thread for each request that may be under way, this one among them, until each has returned from
// `work`.
void run_in_threads(int count, AnalysisLedger& ledger, const std::function<void()>& work);
}
