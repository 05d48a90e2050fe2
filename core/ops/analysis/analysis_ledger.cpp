#include "core/ops/analysis/analysis_ledger.hpp"

#include "core/collect/start_libraries.hpp"

#include <future>
#include <utility>

namespace cti::ops {
namespace {
using namespace std::chrono_literals;

constexpr int k_max_failures_in_row = 3;
constexpr auto k_ledger_poll = 100ms; // nobody says that a signal came, or that the time is over
}

AnalysisLedger::AnalysisLedger(const Environment& environment, const AnalyzeOptions& options,
                               std::optional<SteadyTime> until)
    : m_environment(environment), m_options(options), m_until(until) {}

void AnalysisLedger::set_articles(std::vector<int> ids) {
    m_ids = std::move(ids);
    m_result.counts.articles = std::ssize(m_ids);
}

bool AnalysisLedger::is_over() {
    auto& end = m_result.end;
    if (end != AnalysisEnd::all_done || m_exception) return true;
    if (m_environment.is_stopped())
        end = AnalysisEnd::stopped;
    else if (is_time_over())
        end = AnalysisEnd::time;
    else if (!m_options.dry_run && m_options.budget_tokens && used() >= *m_options.budget_tokens)
        end = AnalysisEnd::budget;
    return end != AnalysisEnd::all_done;
}

std::optional<int> AnalysisLedger::next_article() {
    const std::lock_guard lock(m_mutex);
    if (is_over() || m_next == m_ids.size()) return std::nullopt;
    return m_ids[m_next++];
}

void AnalysisLedger::end_article() {
    const std::lock_guard lock(m_mutex);
    ++m_result.counts.seen;
    if (m_options.on_progress) m_options.on_progress(m_result.counts);
}

bool AnalysisLedger::begin_request(long max_tokens) {
    std::unique_lock lock(m_mutex);
    while (!is_over()) {
        const bool has_room = !m_options.budget_tokens || used() + m_reserved < *m_options.budget_tokens;
        if (has_room || m_under_way == 0) {
            ++m_under_way;
            m_reserved += max_tokens;
            return true;
        }
        m_changed.wait_for(lock, k_ledger_poll);
    }
    return false;
}

void AnalysisLedger::end_request(long max_tokens, long tokens_in, long tokens_out) {
    const std::lock_guard lock(m_mutex);
    --m_under_way;
    m_reserved -= max_tokens;
    m_result.counts.tokens_in += tokens_in, m_result.counts.tokens_out += tokens_out;
    m_changed.notify_all();
}

void AnalysisLedger::succeed() {
    const std::lock_guard lock(m_mutex);
    m_failures = 0;
}

void AnalysisLedger::fail(const std::string& warning, const std::string& fault, bool is_hopeless) {
    const std::lock_guard lock(m_mutex);
    ++m_result.counts.failed;
    m_environment.warn(warning);
    if ((!is_hopeless && ++m_failures < k_max_failures_in_row) || m_result.end != AnalysisEnd::all_done)
        return;
    m_result.end = AnalysisEnd::endpoint;
    m_result.fault = fault;
    m_changed.notify_all();
}

void AnalysisLedger::abort(std::exception_ptr exception) {
    const std::lock_guard lock(m_mutex);
    if (!m_exception) m_exception = std::move(exception);
    m_changed.notify_all();
}

AnalyzeResult AnalysisLedger::release() {
    if (m_exception) std::rethrow_exception(m_exception);
    if (m_environment.is_stopped()) m_result.end = AnalysisEnd::stopped;
    return std::move(m_result);
}

void run_in_threads(int count, AnalysisLedger& ledger, const std::function<void()>& work) {
    const auto guarded = [&] {
        try {
            work();
        } catch (...) {
            ledger.abort(std::current_exception());
        }
    };
    if (count > 1) collect::start_libraries();
    std::vector<std::future<void>> others; // whose ends are waited for
    try {
        for (int i = 1; i < count; ++i) others.push_back(std::async(std::launch::async, guarded));
    } catch (...) {
        ledger.abort(std::current_exception());
    }
    guarded();
}
}
