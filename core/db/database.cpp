#include "core/db/database.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/address.hpp"
#include "core/db/connect_error.hpp"
#include "core/db/outage.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/db/statement_guard.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <limits>

// libpqxx 6.4 (Debian 12) and 7.10 (Debian 13) differ in what stands in this file, and nowhere else.
namespace cti::db {
namespace {

// What the server or libpq said, as one line: "ERROR:  no\nDETAIL:  why\nLINE 1: …" becomes "no (why)".
struct Words {
    std::string message, hint;
};

Words read_words(std::string_view said) {
    constexpr std::size_t k_max_detail = 300; // "Failing row contains (…" quotes whole articles.
    Words words;
    for (const auto line : split(said, '\n')) {
        if (words.message.empty())
            words.message = after_label(trim(line));
        else if (line.rfind("DETAIL:  ", 0) == 0)
            words.message += fmt::format(" ({})", head_code_points(after_label(line), k_max_detail));
        else if (line.rfind("HINT:  ", 0) == 0)
            words.hint = after_label(line);
    }
    return words;
}

struct Kind {
    ExitCode code;
    const char* before; // of the server's words
    const char* hint;
};

Kind kind_of(std::string_view sqlstate) {
    struct Row {
        std::string_view prefix;
        Kind kind;
    };
    static const Row rows[] = {
        {"08", {ExitCode::database, "the connection to the database was lost: ", ""}},
        {"57P", {ExitCode::database, "the connection to the database was lost: ", ""}},
        {"42501",
         {ExitCode::database,
          "the database refused access: ", "Ask the owner of the database for the rights (GRANT)."}},
        {"25006",
         {ExitCode::database, "the database is read-only: ", "Use the primary server, not a standby."}},
        {"25P03", {ExitCode::database, "the connection to the database was lost: ", ""}},
        {"57014",
         {ExitCode::database, "the database took too long: ", "See 'cti doctor' for what holds it up."}},
        {"53", {ExitCode::database, "the database is out of resources: ", ""}},
        {"42P01", {ExitCode::schema, "the database lacks a table: ", "Run 'cti init'."}},
        {"42703", {ExitCode::schema, "the database lacks a column: ", "Run 'cti init'."}},
        {"3F000", {ExitCode::schema, "the database lacks a schema: ", "Run 'cti init'."}},
    };
    for (const auto& row : rows)
        if (sqlstate.substr(0, row.prefix.size()) == row.prefix) return row.kind;
    return {ExitCode::failure, "the database refused: ", ""};
}

[[noreturn]] void fail(const char* said, const std::string& sqlstate) {
    if (sqlstate == "55P03") throw LockTimeout();
    if (sqlstate == "57014" && was_cancelled_by_us())
        throw SqlError(ExitCode::interrupted,
                       "stopped while the database was at work: it was told to give up", "", sqlstate);
    const auto words = read_words(said);
    const auto kind = kind_of(sqlstate);
    throw SqlError(kind.code, kind.before + words.message, *kind.hint ? kind.hint : words.hint, sqlstate);
}

// libpqxx 6.4 throws some of its classes without the SQLSTATE that made it choose them.
std::string sqlstate_of(const pqxx::sql_error& error) {
    if (!error.sqlstate().empty()) return error.sqlstate();
    if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) return "42501";
    if (dynamic_cast<const pqxx::undefined_table*>(&error)) return "42P01";
    if (dynamic_cast<const pqxx::undefined_column*>(&error)) return "42703";
    if (dynamic_cast<const pqxx::insufficient_resources*>(&error)) return "53000";
    return {};
}

// Turns what libpqxx throws into SqlError; to be called while it is being handled.
[[noreturn]] void translate(const Database::Impl& database) {
    try {
        throw;
    } catch (const pqxx::in_doubt_error& error) {
        fail(error.what(), "08007");
    } catch (const pqxx::broken_connection& error) {
        fail(error.what(), "08006");
    } catch (const pqxx::serialization_failure& error) {
        fail(error.what(), "40001");
    } catch (const pqxx::deadlock_detected& error) {
        fail(error.what(), "40P01");
    } catch (const pqxx::sql_error& error) {
        const auto sqlstate = sqlstate_of(error);
        const bool lost = sqlstate.empty() && !(database.connection && database.connection->is_open());
        fail(error.what(), lost ? "08006" : sqlstate);
    } catch (const pqxx::failure& error) {
        fail(error.what(), "");
    }
}

std::unique_ptr<pqxx::connection> connect(const Address& address, const std::string& application) {
    try {
        return std::make_unique<pqxx::connection>(connection_string(with_defaults(address, application)));
    } catch (const pqxx::failure& error) {
        throw connect_error(error.what(), address);
    }
}

// A pooler in statement mode ends the connection where a transaction begins, and says why; libpqxx 6.4 does
// not hand that on, so libpq itself is asked once more. What is said comes first, and the end as another
// result.
bool is_in_statement_mode(const Database::Impl& database) {
    const auto address = connection_string(with_defaults(database.address, database.application));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(address.c_str()), PQfinish);
    if (PQsendQuery(connection.get(), "BEGIN") == 0) return false;
    bool is_found = false;
    while (auto* const result = PQgetResult(connection.get())) {
        const std::string_view said = PQresultErrorMessage(result);
        is_found = is_found || said.find("statement pooling mode") != std::string_view::npos;
        PQclear(result);
    }
    return is_found;
}

void refuse_statement_mode(const Database::Impl& database) {
    if (!is_in_statement_mode(database)) return;
    throw Error(ExitCode::database,
                "the pooler in front of the database is in statement mode, which has no transactions",
                "Give cti a pool with pool_mode = transaction, or the address of the server itself.");
}

// The server looks every 5 s whether a client is still there while it works for it (since 14).
std::string set_limits(const TransactionLimits& limits, int server_version) {
    auto sql = fmt::format("SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}; "
                           "SET LOCAL idle_in_transaction_session_timeout = {}",
                           limits.lock.count(), limits.statement.count(), limits.idle.count());
    if (server_version >= 140000) sql += "; SET LOCAL client_connection_check_interval = 5000";
    return sql;
}

// What is read is read to its end, so a plan is chosen by its whole cost. Compiling an expression (jit) takes
// longer than any question of ours that it would make shorter.
std::string set_planning() { return "; SET LOCAL cursor_tuple_fraction = 1; SET LOCAL jit = off"; }

std::unique_ptr<pqxx::transaction_base> open_transaction(pqxx::connection& connection, Access access) {
#if PQXX_VERSION_MAJOR >= 7
    using Snapshot = pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::write_policy::read_only>;
#else
    using Snapshot = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;
#endif
    if (access == Access::each_statement) return std::make_unique<pqxx::nontransaction>(connection);
    if (access == Access::read_only) return std::make_unique<Snapshot>(connection);
    return std::make_unique<pqxx::work>(connection);
}

std::unique_ptr<pqxx::transaction_base> begin(Database::Impl& database, Access access) {
    auto& connection = database.alive();
    auto work = open_transaction(connection, access);
    if (access == Access::each_statement) return work;
    const bool reads = access == Access::read_only;
    const auto& limits = reads ? k_read_limits : database.write_limits;
    const StatementGuard guard(connection); // A pooler may let it wait.
    work->exec(set_limits(limits, connection.server_version()) + (reads ? set_planning() : ""));
    return work;
}

pqxx::result execute(pqxx::transaction_base& work, const std::string& sql,
                     const std::vector<std::optional<std::string>>& values) {
#if PQXX_VERSION_MAJOR >= 7
    pqxx::params params;
    for (const auto& value : values) {
        if (value)
            params.append(*value);
        else
            params.append();
    }
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
    return work.exec(sql, params);
#else
    return work.exec_params(sql, params);
#endif
#else
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const auto& value : values) pointers.push_back(value ? value->c_str() : nullptr);
    return work.exec_params(sql, pqxx::prepare::make_dynamic_params(pointers));
#endif
}
}

bool SqlError::is_transient() const {
    return is_class("08") || is_class("57P") || m_sqlstate == "25P03" || m_sqlstate == "40001" ||
           m_sqlstate == "40P01";
}

pqxx::connection& Database::Impl::alive() {
    if (!connection || !connection->is_open()) {
        connection.reset();
        connection = connect(address, application);
    }
    return *connection;
}

void start_client() {
    if (PQisthreadsafe() == 0)
        throw Error(ExitCode::failure, "libpq was built without threads",
                    "Use the libpq of your distribution.");
}

Database::Database(std::string_view address, OutagePolicy policy, std::string application)
    : m_impl(std::make_unique<Impl>()) {
    start_client();
    m_impl->address = parse_address(address);
    m_impl->application = std::move(application);
    m_impl->policy = std::move(policy);
    wait_for(*m_impl, [&] { m_impl->alive(); });
}
Database::Database(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
void Database::set_outage_policy(OutagePolicy policy) { m_impl->policy = std::move(policy); }
void Database::set_write_limits(const TransactionLimits& limits) { m_impl->write_limits = limits; }
Database Database::another(std::string_view part) const {
    auto other = std::make_unique<Impl>();
    other->address = m_impl->address;
    other->application = fmt::format("{} {}", m_impl->application, part);
    wait_for(*other, [&] { other->alive(); });
    other->policy = m_impl->policy;
    other->write_limits = m_impl->write_limits;
    return Database(std::move(other));
}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

namespace {
std::unique_ptr<pqxx::transaction_base> begin_alive(Database::Impl& database, Access access) {
    try {
        try {
            return begin(database, access);
        } catch (const pqxx::broken_connection&) {
            // The server was restarted while we were idle. Nothing was done yet, so a new connection is safe.
            log::debug("the connection to the database was lost while idle, connecting again");
            database.connection.reset();
            return begin(database, access);
        }
    } catch (const pqxx::broken_connection&) {
        refuse_statement_mode(database);
        translate(database);
    } catch (const pqxx::failure&) {
        translate(database);
    }
}
}

Transaction::Transaction(Database& database, Access access) : m_impl(std::make_unique<Impl>()) {
    m_impl->database = &database.impl();
    wait_for(database.impl(), [&] { m_impl->work = begin_alive(database.impl(), access); });
}
Transaction::~Transaction() = default;

void Transaction::commit() {
    try {
        const StatementGuard guard(*m_impl->database->connection);
        m_impl->work->commit();
    } catch (const pqxx::failure&) {
        translate(*m_impl->database);
    }
}

std::string Params::add(std::string_view text) {
    // libpqxx cuts at NUL, the server refuses ill-formed UTF-8.
    const bool clean = is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
    m_values.emplace_back(clean ? std::string(text) : repair_utf8(text));
    return fmt::format("${}", m_values.size());
}

std::string Params::add(std::string&& text) {
    if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) return add(std::string_view(text));
    m_values.emplace_back(std::move(text));
    return fmt::format("${}", m_values.size());
}

std::string Params::add(double number) {
    return add(std::string_view(fmt::format("{}", std::isfinite(number) ? number : 0.0)));
}

std::string Params::add_null() {
    m_values.emplace_back(std::nullopt);
    return fmt::format("${}", m_values.size());
}

std::string read_moment(std::string_view moment) {
    return fmt::format("encode(timestamptz_send({}), 'hex')", moment);
}

std::optional<Time> maybe_time(const pqxx::field& field) {
    // Sixteen hexadecimal digits: microseconds since 2000, of which the first and the last one are the
    // infinities.
    using std::chrono::microseconds;
    constexpr auto since_2000 = Time(std::chrono::sys_days{std::chrono::year{2000} / 1 / 1});
    const auto digits = view(field);
    std::uint64_t bits = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16).ptr != digits.data() + 16)
        return std::nullopt;
    const auto micros = static_cast<std::int64_t>(bits);
    using Limits = std::numeric_limits<std::int64_t>;
    if (micros == Limits::min() || micros == Limits::max()) return std::nullopt;
    // The server's last two thousand years are beyond ours.
    return since_2000 + microseconds(std::min(micros, Limits::max() - since_2000.time_since_epoch().count()));
}

pqxx::result run(Transaction& transaction, const std::string& sql, const Params& params) {
    try {
        const StatementGuard guard(*transaction.impl().database->connection);
        return execute(*transaction.impl().work, sql, params.values());
    } catch (const pqxx::failure&) {
        translate(*transaction.impl().database);
    }
}

void run_alone(Database& database, const std::string& sql) {
    auto& impl = database.impl();
    try {
        pqxx::nontransaction work(impl.alive());
        const StatementGuard guard(*impl.connection);
        work.exec(sql);
    } catch (const pqxx::failure&) {
        translate(impl);
    }
}

void run_script(Transaction& transaction, const std::string& sql) {
    try {
        const StatementGuard guard(*transaction.impl().database->connection);
        transaction.impl().work->exec(sql);
    } catch (const pqxx::failure&) {
        translate(*transaction.impl().database);
    }
}
}
