#pragma once
#include "core/base/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

// The connection. libpqxx stays inside core/db and core/store: others see Database and Transaction only.
namespace cti::db {

// How long the program waits for a database that is being restarted, fails over or is out of connections.
struct OutagePolicy {
    std::chrono::seconds wait{0}; // for each outage, in all; 0: not at all
    std::function<void(const std::string&)>
        on_wait;                      // told once an outage what has happened; empty: a warning
    std::function<bool()> is_stopped; // asked ten times a second; true ends the waiting
};

// How long a transaction may wait for a lock, work on one statement, and stand still between two of them:
// then the server ends it. So a process that is frozen, or whose host lost power, holds its locks no longer
// than `idle`, and nobody waits for it longer than `lock`. Set with SET LOCAL in each transaction, which a
// pooler in transaction mode lets through.
struct TransactionLimits {
    std::chrono::milliseconds lock, statement, idle;
};
// Writing: no transaction of ours asks the network or a person while it is open, so 15 s are far more than it
// stands still on a busy machine. A lock is waited for 5 s longer, so that one of ours that is frozen is gone
// by then. The longest statement is the removal of a source with all its articles.
inline constexpr TransactionLimits k_write_limits{std::chrono::seconds(20), std::chrono::minutes(10),
                                                  std::chrono::seconds(15)};
// Reading: an export waits for whoever reads from its pipe, and sorts before its first row; it holds no lock
// that anybody waits for.
inline constexpr TransactionLimits k_read_limits{std::chrono::seconds(10), std::chrono::hours(1),
                                                 std::chrono::hours(1)};
// Recording a check: it is put back and tried again, while the same connection serves others.
inline constexpr TransactionLimits k_collect_limits{std::chrono::seconds(2), std::chrono::minutes(2),
                                                    std::chrono::seconds(15)};

// Another session holds a lock for longer than TransactionLimits::lock (SQLSTATE 55P03). The transaction is
// rolled back; the same work may succeed later.
class LockTimeout : public Error {
public:
    LockTimeout()
        : Error(ExitCode::locked, "another session of the database holds a lock that is needed",
                "'cti doctor' tells who it is.") {}
};

// Throws Error where libpq was built without threads; else it needs no start. Every Database asks.
void start_client();

class Database {
public:
    // address: see parse_address(); empty: libpq's own PG* variables and service file. application: the name
    // in pg_stat_activity, unless the address or PGAPPNAME has one. Throws Error(usage) where the address is
    // not understood, and Error(database) with a hint when there is no connection to be had.
    explicit Database(std::string_view address, OutagePolicy policy = {}, std::string application = "cti");
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    void set_outage_policy(OutagePolicy policy);
    void set_write_limits(const TransactionLimits& limits); // k_write_limits, unless somebody says otherwise
    // One more connection to the same database, with the same policy and limits, and with `part` after its
    // name; asked for once, without waiting. A Database belongs to one thread at a time.
    Database another(std::string_view part) const;

    struct Impl;
    Impl& impl() { return *m_impl; }

private:
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

enum class Access { read_write, read_only, each_statement };

// One transaction; rolled back unless commit() was called. All store functions work inside one. Begins within
// the time of the OutagePolicy, on a new connection if need be. read_only runs as REPEATABLE READ, READ ONLY:
// one snapshot, and proof that nothing is written. each_statement: none is open between
// two statements, each is one message and committed by itself, without limits of its own; for a question that
// is asked every second, and for a row that others wait for, which a process that is frozen then never holds.
class Transaction {
public:
    explicit Transaction(Database& database, Access access = Access::read_write);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

    struct Impl;
    Impl& impl() { return *m_impl; }

private:
    std::unique_ptr<Impl> m_impl;
};

// Runs `work` in a transaction and commits it. On a lost connection, a serialization failure or a deadlock
// (SQLSTATE 08*, 57P*, 25P03, 40001, 40P01) it starts again, with growing pauses: at most `attempts` times in
// all, and beyond that until the time of the OutagePolicy has passed. What `work` did may have been committed
// although the answer was lost: it must be able to find out.
void with_retry(Database& database, const std::function<void(Transaction&)>& work, int attempts = 3,
                Access access = Access::read_write);

// The same for work that cannot find out, as adding what may be there twice: where the answer to the commit
// is lost it does not start again, and throws Error(database) that says so.
void with_retry_until_commit(Database& database, const std::function<void(Transaction&)>& work);
}
