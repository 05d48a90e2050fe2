#include "core/db/script_session.hpp"

#include "core/base/text.hpp"
#include "core/db/pqxx_impl.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace cti::db {
namespace {
constexpr int k_look_ms = 100;

// No such role or setting; not ours to change; there already; not there; a value that is not known here.
constexpr std::array k_harmless{"42704", "42501", "42P06", "42P01", "3F000", "42883", "22023"};
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
}

struct ScriptSession::State {
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection{nullptr, PQfinish};
    std::function<bool()> is_stopped;

    [[noreturn]] void fail(const PGresult* result) const {
        const char* const said =
            result != nullptr ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
        const char* const state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
        const auto why = printable(trim(said != nullptr ? said : PQerrorMessage(connection.get())));
        const std::string_view sqlstate = state != nullptr ? state : "";
        const bool is_lost = PQstatus(connection.get()) != CONNECTION_OK;
        const auto code = is_lost || sqlstate == "42501" ? ExitCode::database : ExitCode::failure;
        throw SqlError(code, fmt::format("the database refused: {}", why), "", std::string(sqlstate));
    }

    void stop() const {
        const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection.get()),
                                                                        PQfreeCancel);
        std::array<char, 256> said{};
        PQcancel(cancel.get(), said.data(), static_cast<int>(said.size()));
        throw Error{ExitCode::interrupted, "stopped"};
    }

    void await_answer() const {
        while (PQisBusy(connection.get()) != 0) {
            pollfd wanted{PQsocket(connection.get()), POLLIN, 0};
            if (::poll(&wanted, 1, k_look_ms) > 0 && PQconsumeInput(connection.get()) == 0) fail(nullptr);
            if (is_stopped && is_stopped()) stop();
        }
    }

    // The first of its results, or the one that says what is wrong.
    Result await_result() const {
        Result answer(nullptr, PQclear);
        for (;;) {
            await_answer();
            Result result(PQgetResult(connection.get()), PQclear);
            if (!result) return answer;
            const auto status = PQresultStatus(result.get());
            if (status == PGRES_COPY_IN) return result;
            if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) answer = std::move(result);
            if (!answer) answer = std::move(result);
        }
    }

    // With no parameters: that way of asking takes a single statement only.
    Result send(std::string_view statement) const {
        if (PQsendQueryParams(connection.get(), std::string(statement).c_str(), 0, nullptr, nullptr, nullptr,
                              nullptr, 0) == 0)
            fail(nullptr);
        return await_result();
    }

    void require(const Result& result, ExecStatusType status) const {
        const auto got = PQresultStatus(result.get());
        if (got != status && !(status == PGRES_COMMAND_OK && got == PGRES_TUPLES_OK)) fail(result.get());
    }

    void run(std::string_view statement) const { require(send(statement), PGRES_COMMAND_OK); }
};

ScriptSession::ScriptSession(Database& database, const std::string& application,
                             std::function<bool()> is_stopped)
    : m_state(std::make_unique<State>()) {
    const auto address = connection_string(with_defaults(database.impl().address, application));
    m_state->is_stopped = std::move(is_stopped);
    m_state->connection.reset(PQconnectdb(address.c_str()));
    if (PQstatus(m_state->connection.get()) != CONNECTION_OK) m_state->fail(nullptr);
    PQsetNoticeProcessor(
        m_state->connection.get(), [](void*, const char*) {}, nullptr);
    for (const auto* const statement :
         {"BEGIN", "SET LOCAL standard_conforming_strings = on", "SET LOCAL statement_timeout = 0",
          "SET LOCAL idle_in_transaction_session_timeout = '1h'", "SET LOCAL client_encoding = 'UTF8'"})
        m_state->run(statement);
}
ScriptSession::~ScriptSession() = default;

void ScriptSession::run(std::string_view statement) { m_state->run(statement); }

std::string ScriptSession::run_if_possible(std::string_view statement) {
    m_state->run("SAVEPOINT cti_statement");
    try {
        m_state->run(statement);
    } catch (const SqlError& error) {
        if (std::ranges::find(k_harmless, error.sqlstate()) == k_harmless.end()) throw;
        m_state->run("ROLLBACK TO SAVEPOINT cti_statement");
        return error.what();
    }
    m_state->run("RELEASE SAVEPOINT cti_statement");
    return {};
}

void ScriptSession::begin_copy(std::string_view statement) {
    m_state->require(m_state->send(statement), PGRES_COPY_IN);
}

void ScriptSession::add_copy_data(std::string_view bytes) {
    if (m_state->is_stopped && m_state->is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
    if (PQputCopyData(m_state->connection.get(), bytes.data(), static_cast<int>(bytes.size())) != 1)
        m_state->fail(nullptr);
}

void ScriptSession::end_copy() {
    if (PQputCopyEnd(m_state->connection.get(), nullptr) != 1) m_state->fail(nullptr);
    m_state->require(m_state->await_result(), PGRES_COMMAND_OK);
}

void ScriptSession::commit() { m_state->run("COMMIT"); }
}
