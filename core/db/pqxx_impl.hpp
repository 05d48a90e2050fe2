#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/db/address.hpp"
#include "core/db/database.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

// Private to core/db and core/store: the only header that knows libpqxx.
namespace cti::db {

// The database said no. Others see an Error with its exit code; here the SQLSTATE decides what can be done
// about it.
class SqlError : public Error {
public:
    SqlError(ExitCode code, const std::string& message, std::string hint, std::string sqlstate)
        : Error(code, message, std::move(hint)), m_sqlstate(std::move(sqlstate)) {}
    const std::string& sqlstate() const { return m_sqlstate; }
    bool is_class(std::string_view two) const { return m_sqlstate.compare(0, two.size(), two) == 0; }
    bool is_transient() const; // The same work may succeed when it is done once more.

private:
    std::string m_sqlstate;
};

// There was no connection to be had.
class ConnectError : public Error {
public:
    ConnectError(const std::string& message, std::string hint, bool permanent)
        : Error(ExitCode::database, message, std::move(hint)), m_permanent(permanent) {}
    bool is_permanent() const { return m_permanent; } // It will not be better in a minute.

private:
    bool m_permanent;
};

class Outage;

struct Database::Impl {
    Address address;         // as the user gave it
    std::string application; // "cti collect"
    OutagePolicy policy;
    TransactionLimits write_limits = k_write_limits;
    Outage* outage = nullptr; // of the with_retry() that is running
    std::unique_ptr<pqxx::connection> connection;
    pqxx::connection&
    alive(); // A connection that was lost is opened again here, never in the middle of a transaction.
};

struct Transaction::Impl {
    Database::Impl* database = nullptr;
    std::unique_ptr<pqxx::transaction_base> work;
};

// The values of one statement. add() gives the reference to write into the SQL: $1, $2.
class Params {
public:
    std::string add(std::string_view text);
    std::string add(std::string&& text);
    std::string add(const char* text) { return add(std::string_view(text)); }
    std::string add(const std::string& text) { return add(std::string_view(text)); }
    std::string add(const std::optional<std::string>& text) {
        return text ? add(std::string_view(*text)) : add_null();
    }
    std::string add(bool flag) { return add(flag ? "true" : "false"); }
    std::string add(double number);
    template <class Int>
    requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) std::string add(Int number) {
        return add(std::string_view(std::to_string(number)));
    }
    std::string add_null();
    const std::vector<std::optional<std::string>>& values() const { return m_values; }

private:
    std::vector<std::optional<std::string>> m_values;
};

// One statement, unnamed and with parameters, as a pooler in transaction mode wants it. Throws SqlError.
pqxx::result run(Transaction& transaction, const std::string& sql, const Params& params = {});
// Many statements without parameters.
void run_script(Transaction& transaction, const std::string& sql);

// One statement that no transaction may hold, as CREATE DATABASE.
void run_alone(Database& database, const std::string& sql);

// Runs `work` in a savepoint; what it threw leaves the transaction usable.
template <class Work>
void in_savepoint(Transaction& transaction, const Work& work) {
    run_script(transaction, "SAVEPOINT cti_work");
    try {
        work();
    } catch (const SqlError& error) {
        if (error.is_class("08") || error.is_class("57") || error.sqlstate() == "25P03")
            throw; // There is nothing left to roll back.
        run_script(transaction, "ROLLBACK TO SAVEPOINT cti_work");
        throw;
    }
    run_script(transaction, "RELEASE SAVEPOINT cti_work");
}

inline std::string_view view(const pqxx::field& field) { return {field.c_str(), field.size()}; }
inline std::string text(const pqxx::field& field) { return std::string(view(field)); }
inline std::optional<std::string> maybe_text(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return text(field);
}
inline bool flag(const pqxx::field& field) { return view(field) == "t"; }

// NULL, or a number that the type cannot hold: nothing.
template <class Number>
std::optional<Number> maybe_number(const pqxx::field& field) {
    Number number{};
    const auto digits = view(field);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (field.is_null() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}
template <class Number>
Number number(const pqxx::field& field, Number otherwise = {}) {
    return maybe_number<Number>(field).value_or(otherwise);
}

// SQL that gives a moment (of type timestamptz) as maybe_time() reads it: the server's own eight bytes, exact
// whatever the session's settings, and a third of the cost of its text or of extract().
std::string read_moment(std::string_view moment);
// NULL and 'infinity', which no clock shows: nothing.
std::optional<Time> maybe_time(const pqxx::field& field);
}
