#include "core/db/pqxx_impl.hpp"
#include "core/db/stalled_sessions.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <thread>

using namespace cti;
using namespace cti::db;
using namespace std::chrono_literals;

namespace {
// A client that has locked a row of cti.settings and stopped in the middle of its next message, as a process
// does that is frozen while it sends one.
class Frozen {
public:
    Frozen(const TestDatabase& test, const std::string& application)
        : m_connection(PQconnectdb((test.address() + " application_name='" + application + "'").c_str()),
                       &PQfinish) {
        REQUIRE(PQstatus(m_connection.get()) == CONNECTION_OK);
        const std::string part(50'000'000, 'x'); // far more than the socket takes
        const char* values[] = {part.c_str()};
        send("BEGIN; SET LOCAL statement_timeout = 500; SET LOCAL idle_in_transaction_session_timeout = 500");
        send("SELECT 1 FROM cti.settings FOR UPDATE");
        REQUIRE(PQsetnonblocking(m_connection.get(), 1) == 0);
        REQUIRE(PQsendQueryParams(m_connection.get(), "SELECT length($1)", 1, nullptr, values, nullptr,
                                  nullptr, 0) == 1);
    }
    int pid() const { return PQbackendPID(m_connection.get()); }

private:
    void send(const char* sql) {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(m_connection.get(), sql), &PQclear);
        REQUIRE_MESSAGE(PQresultErrorMessage(result.get()) == std::string(), sql);
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> m_connection;
};

// Whether the session is there; ended ones go within moments.
bool is_there(const Ready& ready, int pid, std::chrono::seconds wait) {
    const auto sql = "SELECT count(*) FROM pg_stat_activity WHERE pid = " + std::to_string(pid);
    const auto end = std::chrono::steady_clock::now() + wait;
    while (ready.test.value(sql) != "0") {
        if (std::chrono::steady_clock::now() > end) return true;
        std::this_thread::yield();
    }
    return false;
}

int end_stalled(Ready& ready, std::chrono::milliseconds stalled_for) {
    auto transaction = ready.begin();
    const auto ended = end_stalled_sessions(transaction, stalled_for);
    transaction.commit();
    return ended;
}

void lock_settings(Ready& ready) {
    auto transaction = ready.begin();
    run(transaction, "SET LOCAL lock_timeout = 200");
    run(transaction, "SELECT 1 FROM cti.settings FOR UPDATE");
}
}

TEST_CASE(
    "end_stalled_sessions: ends a client that stopped in the middle of a message, which the server never does") {
    Ready ready;
    const Frozen frozen(ready.test, "cti collect");
    CHECK(is_there(ready, frozen.pid(), 2s)); // four times both of its timeouts
    CHECK_THROWS_AS(lock_settings(ready), LockTimeout);
    CHECK(end_stalled(ready, 1h) == 0);
    CHECK(is_there(ready, frozen.pid(), 0s));
    CHECK(end_stalled(ready, 500ms) == 1);
    CHECK_FALSE(is_there(ready, frozen.pid(), 10s));
    CHECK_NOTHROW(lock_settings(ready));
}

TEST_CASE(
    "end_stalled_sessions: leaves other programs alone, and sessions that hold nothing or wait for nobody") {
    Ready ready;
    const Frozen service(ready.test, "ctiscraper");
    Database idle(ready.test.address(), {}, "cti export");
    const Transaction reading(idle, Access::read_only);
    CHECK(is_there(ready, service.pid(), 1s));
    CHECK(end_stalled(ready, 0ms) == 0);
    CHECK(is_there(ready, service.pid(), 0s));
}
