#define DOCTEST_CONFIG_IMPLEMENT
#include "test_database.hpp"

#include <cstdio>
#include <doctest/doctest.h>

// libpqxx 6.4 leaks the server's last answer when a connection is lost.
extern "C" const char* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }

int main(int argc, char** argv) {
    if (const auto why = why_no_server(); !why.empty()) {
        std::fprintf(stderr, "db_tests: skipped, there is no PostgreSQL (set PGHOST, PGPORT, PGUSER): %s\n",
                     why.c_str());
        return 77;
    }
    const int result = doctest::Context(argc, argv).run();
    drop_templates();
    return result;
}
