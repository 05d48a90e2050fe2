#include "core/db/running_statements.hpp"

#include "core/base/log.hpp"
#include "core/db/statement_guard.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace cti::db {
namespace {

// Of the whole process: a signal concerns all its connections.
std::mutex g_mutex;
std::vector<const StatementGuard*> g_running; // under g_mutex
std::atomic<int> g_count{0};
std::atomic<bool> g_cancelled{false};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

void cancel(pqxx::connection& connection) {
    try {
        connection.cancel_query();
    } catch (const std::exception& error) {
        log::warning("cannot cancel what the database works on: {}", error.what());
    }
}
}

StatementGuard::StatementGuard(pqxx::connection& connection)
    : m_connection(connection), m_begin(std::chrono::steady_clock::now()) {
    const std::lock_guard lock(g_mutex);
    g_running.push_back(this);
    ++g_count;
}

StatementGuard::~StatementGuard() {
    const std::lock_guard lock(g_mutex);
    std::erase(g_running, this);
    --g_count;
}

// The mutex is held while the server is asked: so long no statement ends, and its connection stays.
void cancel_running_statements(std::chrono::milliseconds min_age) {
    const std::lock_guard lock(g_mutex);
    const auto now = std::chrono::steady_clock::now();
    for (const auto* statement : g_running) {
        if (now - statement->m_begin < min_age) continue;
        g_cancelled = true;
        cancel(statement->m_connection);
    }
}

bool has_running_statement() { return g_count > 0; }

bool was_cancelled_by_us() { return g_cancelled; }
}
