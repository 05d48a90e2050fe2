#include "core/db/database.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

TEST_CASE("Database: a server that is not there is one line with host and port, and no password") {
    const auto error = error_of([] { Database("postgresql+asyncpg://u:s3cret@127.0.0.1:1/x"); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::database);
    CHECK(std::string(error->what()) ==
          "cannot connect to the database: connection refused (host=127.0.0.1 port=1)");
    CHECK(contains(error->hint(), "DATABASE_URL"));
    for (const char* address :
         {"postgresql://u:s3cret@db:99999x/x", "postgresql://u:s3%zz@db/x", "postgresql://u:s3cret@[::1/x",
          "host=127.0.0.1 port=1 password=s3cret bad"}) {
        const auto bad = error_of([&] { Database{address}; });
        REQUIRE(bad);
        CAPTURE(bad->what());
        CHECK_FALSE(contains(bad->what(), "s3"));
        CHECK_FALSE(contains(bad->what(), "\n"));
    }
}

TEST_CASE("Database: no message of connecting shows the password, whatever is wrong") {
    for (const char* address :
         {"postgresql+asyncpg://u:c4nary@127.0.0.1:1/x", "host=127.0.0.1 port=1 password=c4nary",
          "postgresql://u:c4nary@127.0.0.1:1/x?sslmode=never", "postgresql://u:c4nary@/x?host=/nonexistent",
          "postgresql://u:c4@n/ary@127.0.0.1:1/x", "postgresql://u:c4nary@127.0.0.1:1/x?options=c4",
          "postgresql://u:c4nary@/no_such?user=no_such_role", "service=no_such password=c4nary"}) {
        const auto error = error_of([&] { Database{address}; });
        REQUIRE(error);
        CAPTURE(error->what());
        for (const char* part : {"c4", "ary"}) {
            CHECK_FALSE(contains(error->what(), part));
            CHECK_FALSE(contains(error->hint(), part));
        }
    }
}

namespace {
std::string names_of_sessions(const TestDatabase& test) {
    return test.value(
        "SELECT string_agg(application_name, ', ' ORDER BY application_name) FROM pg_stat_activity "
        "WHERE datname = '" +
        test.name() + "' AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
}
}

TEST_CASE("Database: pg_stat_activity shows the name of each connection") {
    const TestDatabase test;
    const Database plain(test.address());
    const Database collect(test.address(), {}, "cti collect");
    const auto worker = collect.another("worker");
    CHECK(names_of_sessions(test) == "cti, cti collect, cti collect worker");
}

TEST_CASE("Database: a name that the address gives goes before ours") {
    const TestDatabase test;
    const Database own("postgresql:///" + test.name() + "?application_name=mine", {}, "cti monitor");
    const auto worker = own.another("worker");
    const Database other(test.address() + " application_name='my own'", {}, "cti collect");
    CHECK(names_of_sessions(test) == "mine, mine, my own");
}

TEST_CASE("Database: a database or a role that does not exist is said so") {
    const auto no_database = error_of([] { Database("dbname=cti_no_such_database"); });
    REQUIRE(no_database);
    CHECK(contains(no_database->what(), "cti_no_such_database"));
    CHECK(contains(no_database->hint(), "Create the database"));
    const auto no_role = error_of([] { Database("dbname=postgres user=cti_no_such_role"); });
    REQUIRE(no_role);
    CHECK(contains(no_role->hint(), "user name"));
}

TEST_CASE("Transaction: what was not committed is gone, and read_only cannot write") {
    Ready ready;
    {
        auto transaction = ready.begin();
        insert_source(transaction, ready.schema, make_spec("second"));
    }
    CHECK(ready.test.value("SELECT count(*) FROM sources") == "1");
    Transaction reader(ready.database, Access::read_only);
    CHECK(list_sources(reader, ready.schema).size() == 1);
    const auto error = error_of([&] { insert_source(reader, ready.schema, make_spec("third")); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::database);
}

TEST_CASE("with_retry: a connection that the server closed is opened again and the work done once more") {
    Ready ready;
    const auto kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" +
                      ready.test.name() + "' AND pid <> pg_backend_pid()";
    int calls = 0;
    with_retry(ready.database, [&](Transaction& transaction) {
        if (++calls == 1) CHECK(ready.test.value(kill) == "1");
        const auto schema = read_schema(transaction); // outside of CHECK, which would swallow what it throws
        CHECK(schema.time_zone == "UTC");
    });
    CHECK(calls == 2);
    ready.test.value(kill);
    Transaction after(ready.database); // The connection was idle when it was closed.
    CHECK_NOTHROW(read_schema(after));
}

TEST_CASE("with_retry: what cannot succeed is tried once") {
    Ready ready;
    int calls = 0;
    CHECK_THROWS_AS(with_retry(ready.database,
                               [&](Transaction& transaction) {
                                   ++calls;
                                   insert_source(transaction, ready.schema, make_spec("first"));
                               }),
                    Error);
    CHECK(calls == 1);
}

namespace {
void close_door(const Ready& ready) {
    TestDatabase::run_on_server("ALTER DATABASE " + ready.test.name() + " WITH ALLOW_CONNECTIONS false");
    TestDatabase::run_on_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                ready.test.name() + "'");
}
void open_door(const Ready& ready) {
    TestDatabase::run_on_server("ALTER DATABASE " + ready.test.name() + " WITH ALLOW_CONNECTIONS true");
}
}

TEST_CASE("OutagePolicy: work that lost its server goes on when it is back, and one message tells of it") {
    Ready ready;
    int messages = 0, calls = 0;
    ready.database.set_outage_policy({.wait = std::chrono::seconds(60),
                                      .on_wait =
                                          [&](const std::string& why) {
                                              CHECK_FALSE(why.empty());
                                              ++messages;
                                              open_door(ready);
                                          },
                                      .is_stopped = {}});
    with_retry(ready.database, [&](Transaction& transaction) {
        if (++calls == 1) close_door(ready);
        const auto schema = read_schema(transaction);
        CHECK(schema.time_zone == "UTC");
    });
    CHECK(calls == 2);
    CHECK(messages == 1);
    close_door(ready);
    Transaction idle(ready.database, Access::read_only);
    CHECK(messages == 2);
}

TEST_CASE("OutagePolicy: ends with its time, when it is stopped, and at once where waiting cannot help") {
    Ready ready;
    close_door(ready);
    ready.database.set_outage_policy(
        {.wait = std::chrono::seconds(1), .on_wait = [](const std::string&) {}, .is_stopped = {}});
    const auto late = error_of([&] { Transaction transaction(ready.database); });
    REQUIRE(late);
    CHECK(late->code() == ExitCode::database);
    int asked = 0;
    ready.database.set_outage_policy({.wait = std::chrono::hours(1),
                                      .on_wait = [](const std::string&) {},
                                      .is_stopped = [&] { return ++asked > 2; }});
    CHECK(error_of([&] { with_retry(ready.database, [](Transaction&) {}); }));
    CHECK(asked >= 3);
    open_door(ready);
    CHECK(error_of([] {
        Database("dbname=cti_no_such_database",
                 {.wait = std::chrono::hours(1), .on_wait = {}, .is_stopped = {}});
    }));
}
