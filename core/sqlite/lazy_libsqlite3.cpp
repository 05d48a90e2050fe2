// What we call of SQLite; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <cstdarg>
#include <sqlite3.h>

namespace {
constexpr cti::LazyLibrary k_libsqlite3(CTI_LIBSQLITE3);
}

// All settings of ours are a number and where to put what it is then.
extern "C" int sqlite3_db_config(sqlite3* database, int what, ...) {
    static const auto function =
        reinterpret_cast<decltype(&sqlite3_db_config)>(k_libsqlite3.get_function("sqlite3_db_config"));
    va_list arguments;
    va_start(arguments, what);
    const int value = va_arg(arguments, int);
    int* const result = va_arg(arguments, int*);
    va_end(arguments);
    return function(database, what, value, result);
}

CTI_FORWARD(k_libsqlite3, int, sqlite3_bind_int64, (sqlite3_stmt * statement, int index, sqlite3_int64 value),
            (statement, index, value))
CTI_FORWARD(k_libsqlite3, int, sqlite3_busy_timeout, (sqlite3 * database, int milliseconds),
            (database, milliseconds))
CTI_FORWARD(k_libsqlite3, int, sqlite3_close_v2, (sqlite3 * database), (database))
CTI_FORWARD(k_libsqlite3, int, sqlite3_column_bytes, (sqlite3_stmt * statement, int column),
            (statement, column))
CTI_FORWARD(k_libsqlite3, sqlite3_int64, sqlite3_column_int64, (sqlite3_stmt * statement, int column),
            (statement, column))
CTI_FORWARD(k_libsqlite3, const unsigned char*, sqlite3_column_text, (sqlite3_stmt * statement, int column),
            (statement, column))
CTI_FORWARD(k_libsqlite3, int, sqlite3_column_type, (sqlite3_stmt * statement, int column),
            (statement, column))
CTI_FORWARD(k_libsqlite3, int, sqlite3_errcode, (sqlite3 * database), (database))
CTI_FORWARD(k_libsqlite3, const char*, sqlite3_errstr, (int code), (code))
CTI_FORWARD(k_libsqlite3, int, sqlite3_finalize, (sqlite3_stmt * statement), (statement))
CTI_FORWARD(k_libsqlite3, sqlite3_int64, sqlite3_hard_heap_limit64, (sqlite3_int64 bytes), (bytes))
CTI_FORWARD(k_libsqlite3, int, sqlite3_limit, (sqlite3 * database, int what, int value),
            (database, what, value))
CTI_FORWARD(k_libsqlite3, int, sqlite3_open_v2,
            (const char* name, sqlite3** database, int flags, const char* vfs), (name, database, flags, vfs))
CTI_FORWARD(k_libsqlite3, int, sqlite3_prepare_v2,
            (sqlite3 * database, const char* sql, int size, sqlite3_stmt** statement, const char** rest),
            (database, sql, size, statement, rest))
CTI_FORWARD(k_libsqlite3, void, sqlite3_progress_handler,
            (sqlite3 * database, int steps, int (*call)(void*), void* data), (database, steps, call, data))
CTI_FORWARD(k_libsqlite3, int, sqlite3_reset, (sqlite3_stmt * statement), (statement))
CTI_FORWARD(k_libsqlite3, int, sqlite3_step, (sqlite3_stmt * statement), (statement))
