#include "core/monitor/query_thread.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace cti::monitor {
namespace {
constexpr std::size_t k_max_waiting = 16;

Answer answer_of(const Error& error) {
    const bool is_ours = error.code() == ExitCode::usage;
    auto answer = error_answer(is_ours ? 400 : 503, printable(error.what()));
    if (!is_ours) answer.headers.emplace_back("Retry-After", "5");
    return answer;
}
}

QueryThread::QueryThread(std::function<db::Database()> connect, std::function<void(long, Answer)> on_answer,
                         ThreadBoard* threads)
    : m_connect(std::move(connect)), m_on_answer(std::move(on_answer)), m_slot(threads, "queries"),
      m_thread([this] { run(); }) {}

QueryThread::~QueryThread() {
    {
        const std::lock_guard lock(m_mutex);
        m_is_ending = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

bool QueryThread::submit(long number, Query query) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_waiting.size() >= k_max_waiting) return false;
        m_waiting.push_back({number, std::move(query)});
    }
    m_changed.notify_all();
    return true;
}

bool QueryThread::withdraw(long number) {
    const std::lock_guard lock(m_mutex);
    return std::erase_if(m_waiting, [&](const Item& item) { return item.number == number; }) > 0;
}

void QueryThread::run() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_is_ending || !m_waiting.empty(); });
        if (m_is_ending) return;
        const auto next = std::move(m_waiting.front());
        m_waiting.pop_front();
        lock.unlock();
        m_on_answer(next.number, ask(next.query));
        lock.lock();
    }
}

Answer QueryThread::ask(const Query& query) {
    const ThreadSlot::Work work(m_slot, "a request of the status server");
    try {
        if (!m_database) m_database = std::make_unique<db::Database>(m_connect());
        return query(*m_database);
    } catch (const Error& error) {
        if (error.code() != ExitCode::usage) m_database.reset();
        log::debug("a request of the status server: {}", error.what());
        return answer_of(error);
    } catch (const std::exception& error) {
        log::error("a request of the status server: {}", error.what());
        return error_answer(500, "this is a bug of cti: see its log");
    }
}
}
