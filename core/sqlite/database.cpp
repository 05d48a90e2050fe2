#include "core/sqlite/database.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sqlite3.h>
#include <sys/stat.h>

namespace cti::sqlite {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view k_magic("SQLite format 3\0", 16);
constexpr int k_primary = 0xFF; // of a code, without what it says more
// Steps of SQLite's own machine, less than a millisecond.
constexpr int k_steps_between_questions = 10000;
constexpr std::int64_t k_max_heap_bytes = 512LL << 20; // of SQLite: six cells of the largest size

int primary(int code) { return code & k_primary; }

Error cannot_read(const std::string& name, const std::string& why, const std::string& hint = {},
                  ExitCode code = ExitCode::usage) {
    return {code, fmt::format("cannot read '{}': {}", name, why), hint};
}

constexpr const char* k_copy_hint =
    "Stop what writes it, then import a whole copy: sqlite3 FILE '.backup copy.db'";

Error damaged(const std::string& name) {
    return cannot_read(name, "the database is damaged",
                       "Import what sqlite3 can save of it: sqlite3 FILE .recover | sqlite3 saved.db",
                       ExitCode::check);
}

bool is_damage(int code) {
    return primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB ||
           code == SQLITE_IOERR_SHORT_READ;
}

fs::path beside(const fs::path& file, const char* suffix) { return file.string() + suffix; }
bool has_bytes(const fs::path& file) {
    std::error_code failed; // It is not there.
    const auto size = fs::file_size(file, failed);
    return !failed && size > 0;
}

// Somebody is at work on it, or died there.
Error not_at_rest(const std::string& name, const fs::path& file, int code) {
    for (const char* suffix : {"-journal", "-wal"})
        if (primary(code) != SQLITE_BUSY && has_bytes(beside(file, suffix)))
            return cannot_read(
                name, fmt::format("something was being written to it: '{}{}' lies beside it", name, suffix),
                k_copy_hint);
    return cannot_read(name, "another program is writing to it", k_copy_hint);
}

std::string stamp_of(const fs::path& file) {
    struct stat status = {};
    if (stat(file.c_str(), &status) != 0) return "gone";
    return fmt::format("{} {}.{}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

// SQLite reads names with options as URIs (sqlite.org/uri.html).
std::string make_uri(const fs::path& file, bool is_immutable) {
    std::string uri = "file://";
    for (const char c : file.string())
        if (is_ascii_alpha(c) || is_ascii_digit(c) ||
            std::string_view("/._-~").find(c) != std::string_view::npos)
            uri += c;
        else
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return uri + (is_immutable ? "?mode=ro&immutable=1" : "?mode=ro");
}

int ask_whether_stopped(void* stop) {
    return static_cast<const std::atomic<int>*>(stop)->load() != 0 ? 1 : 0;
}
}

void Statement::finalize(sqlite3_stmt* statement) { sqlite3_finalize(statement); }

void Statement::bind(std::int64_t value) {
    sqlite3_reset(m_statement.get());
    sqlite3_bind_int64(m_statement.get(), 1, value);
}

Step Statement::step() {
    const int code = sqlite3_step(m_statement.get());
    switch (primary(code)) {
    case SQLITE_ROW: return Step::row;
    case SQLITE_DONE: return Step::done;
    case SQLITE_INTERRUPT: return Step::stopped;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM: return Step::oversized;
    case SQLITE_CORRUPT:
    case SQLITE_IOERR: return Step::damaged;
    default: throw Error{ExitCode::failure, fmt::format("SQLite: {}", sqlite3_errstr(code))};
    }
}

std::optional<std::string_view> Statement::find_text(int column) {
    if (sqlite3_column_type(m_statement.get(), column) != SQLITE_TEXT) return std::nullopt;
    const auto* const text = sqlite3_column_text(m_statement.get(), column);
    if (text == nullptr) return std::nullopt; // no memory for what UTF-16 becomes
    return std::string_view(reinterpret_cast<const char*>(text),
                            static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

std::optional<std::int64_t> Statement::find_number(int column) {
    if (sqlite3_column_type(m_statement.get(), column) != SQLITE_INTEGER) return std::nullopt;
    return sqlite3_column_int64(m_statement.get(), column);
}

bool Statement::is_null(int column) { return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL; }

void Database::close(sqlite3* database) { sqlite3_close_v2(database); }

Database::Database(const std::string& path, const OpenOptions& options)
    : m_name(printable(path)), m_options(options), m_path(path) {
    find_file();
    open();
    distrust();
    begin();
}

// A pipe would be waited for, and is no database anyhow.
void Database::find_file() {
    std::error_code failed;
    m_path = fs::canonical(m_path, failed);
    if (failed) throw cannot_read(m_name, failed.message());
    if (!fs::is_regular_file(m_path, failed))
        throw cannot_read(m_name, "it is no file", "An SQLite database is read where it lies, from no pipe.");
    std::ifstream file(m_path, std::ios::binary);
    if (!file) throw cannot_read(m_name, std::strerror(errno));
    constexpr std::size_t k_read_version = 19, k_head = 20;
    std::array<char, k_head> head{};
    file.read(head.data(), head.size());
    if (file.gcount() != k_head || std::string_view(head.data(), k_magic.size()) != k_magic)
        throw cannot_read(
            m_name, "it is no SQLite database",
            "If it is compressed or encrypted, undo that first; exports come without --sqlite.");
    // With a write-ahead log, to read is to write: SQLite makes that file and another. Where there is no log,
    // nobody has the database open.
    m_is_immutable = head[k_read_version] == 2 && !fs::exists(beside(m_path, "-wal"));
    if (m_is_immutable) m_stamp = stamp_of(m_path);
}

void Database::open() {
    sqlite3_hard_heap_limit64(k_max_heap_bytes);
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(
        make_uri(m_path, m_is_immutable).c_str(), &database,
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    m_database.reset(database);
    if (code != SQLITE_OK) throw cannot_read(m_name, sqlite3_errstr(code));
}

// As sqlite.org/security.html advises for files of others.
void Database::distrust() const {
    auto* const database = m_database.get();
    for (const auto& [what, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                      {SQLITE_DBCONFIG_ENABLE_VIEW, 0}})
        if (sqlite3_db_config(database, what, value, static_cast<int*>(nullptr)) != SQLITE_OK)
            throw cannot_read(m_name, "SQLite is too old to read files of others safely");
    constexpr int k_max_sql_bytes = 1'000'000, k_max_columns = 500, k_max_operations = 25000;
    for (const auto& [what, value] :
         {std::pair{SQLITE_LIMIT_LENGTH, static_cast<int>(m_options.max_cell_bytes)},
          {SQLITE_LIMIT_SQL_LENGTH, k_max_sql_bytes},
          {SQLITE_LIMIT_COLUMN, k_max_columns},
          {SQLITE_LIMIT_EXPR_DEPTH, 20},
          {SQLITE_LIMIT_COMPOUND_SELECT, 3},
          {SQLITE_LIMIT_VDBE_OP, k_max_operations},
          {SQLITE_LIMIT_FUNCTION_ARG, 8},
          {SQLITE_LIMIT_ATTACHED, 0},
          {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
          {SQLITE_LIMIT_VARIABLE_NUMBER, 1},
          {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
          {SQLITE_LIMIT_WORKER_THREADS, 0}})
        sqlite3_limit(database, what, value);
    sqlite3_busy_timeout(database, 2000);
    if (m_options.stop != nullptr)
        sqlite3_progress_handler(database, k_steps_between_questions, ask_whether_stopped,
                                 const_cast<std::atomic<int>*>(m_options.stop));
}

// One transaction until the end: what is read is of one moment. No mapping: a file that is cut meanwhile
// would end the process.
void Database::begin() {
    for (const char* sql : {"PRAGMA mmap_size = 0", "PRAGMA cell_size_check = ON", "BEGIN",
                            "SELECT count(*) FROM sqlite_schema"}) {
        sqlite3_stmt* raw = nullptr;
        int code = sqlite3_prepare_v2(m_database.get(), sql, -1, &raw, nullptr);
        const std::unique_ptr<sqlite3_stmt, void (*)(sqlite3_stmt*)> statement(
            raw, [](sqlite3_stmt* s) { sqlite3_finalize(s); });
        if (code == SQLITE_OK) code = sqlite3_step(raw);
        if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) continue;
        if (primary(code) == SQLITE_INTERRUPT) return; // The first statement of ours says so again.
        if (is_damage(code)) throw damaged(m_name);
        if (primary(code) == SQLITE_BUSY || primary(code) == SQLITE_READONLY ||
            primary(code) == SQLITE_CANTOPEN)
            throw not_at_rest(m_name, m_path, code);
        throw cannot_read(m_name, sqlite3_errstr(code));
    }
}

Statement Database::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(m_database.get(), sql.c_str(), -1, &statement, nullptr);
    if (code == SQLITE_OK) return Statement(statement);
    if (is_damage(code)) throw damaged(m_name);
    throw cannot_read(m_name, sqlite3_errstr(code), {}, ExitCode::check);
}

void Database::require_unchanged() const {
    if (m_is_immutable && (stamp_of(m_path) != m_stamp || fs::exists(beside(m_path, "-wal"))))
        throw cannot_read(m_name, "another program wrote to it meanwhile", k_copy_hint, ExitCode::check);
}
}
