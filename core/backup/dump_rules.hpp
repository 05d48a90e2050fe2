#pragma once
#include "core/backup/dump_splitter.hpp"

#include <string>

// What a dump may hold. A role that is a superuser of the server can run programs and read files by SQL
// alone, so a dump that was tampered with is a program: only what pg_dump writes of tables, and of what
// belongs to them, gets through.
namespace cti::backup {

enum class Handling {
    run,
    run_if_possible, // what other servers may refuse without harm: owners and rights of roles that are not
                     // there …
    pass_over        // BEGIN, COMMIT: the restore has a transaction of its own
};

// Throws Error(check) with the line where the dump must not be restored.
Handling check_statement(const Statement& statement);

// A function of the dump puts SQL together at run time: nobody can see what it will run.
bool has_dynamic_sql(const Statement& statement);

// "public.articles", of a statement that is_copy(); as the server would write it without need of quotes.
std::string copied_table(const Statement& statement);
}
