#pragma once
#include "core/db/pqxx_impl.hpp"
#include "core/db/running_statements.hpp"

namespace cti::db {

// One statement of one connection, while the server works on it. The connection outlives it.
class StatementGuard {
public:
    explicit StatementGuard(pqxx::connection& connection);
    ~StatementGuard();
    StatementGuard(const StatementGuard&) = delete;
    StatementGuard& operator=(const StatementGuard&) = delete;

private:
    friend void cancel_running_statements(std::chrono::milliseconds min_age);
    pqxx::connection& m_connection;
    std::chrono::steady_clock::time_point m_begin;
};

// Whether a statement that the server has cancelled was cancelled for cancel_running_statements().
bool was_cancelled_by_us();
}
