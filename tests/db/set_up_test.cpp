#include "core/db/migrate.hpp"
#include "core/db/pqxx_impl.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <thread>

using namespace cti;
using namespace cti::db;

namespace {
Schema read(const TestDatabase& test) {
    Database database(test.address());
    Transaction transaction(database, Access::read_only);
    return read_schema(transaction);
}
const char* k_web_columns =
    "SELECT md5(string_agg(table_name || column_name || data_type || is_nullable || coalesce(column_default, ''), ',' "
    "ORDER BY table_name, column_name)) FROM information_schema.columns WHERE table_schema = 'public'";
}

TEST_CASE("set_up: an empty database gets all tables, and a second run changes nothing") {
    TestDatabase test;
    Database database(test.address());
    const auto first = set_up(database, "", false);
    CHECK(first.web_tables_created);
    CHECK(first.migrations.size() == migrations().size());
    const auto second = set_up(database, "", false);
    CHECK_FALSE(second.web_tables_created);
    CHECK(second.migrations.empty());
    const auto schema = read(test);
    CHECK(schema.generation == Generation::both);
    CHECK(schema.unique_identifier);
    CHECK(schema.unique_content_hash);
    CHECK(schema.time_zone == "UTC");
}

TEST_CASE("set_up: tables made by cti give every NOT NULL column that a generation does not know a default") {
    TestDatabase test;
    Database database(test.address());
    set_up(database, "", false);
    // What each generation's model writes by itself.
    CHECK_NOTHROW(
        test.run("INSERT INTO sources (identifier, name, url) VALUES ('a', 'A', 'https://a.example/')"));
    CHECK_NOTHROW(
        test.run("INSERT INTO articles (source_id, canonical_url, title, content, content_hash, word_count) "
                 "VALUES (1, 'https://a.example/1', 'T', 'C', 'h', NULL)"));
    CHECK(
        test.value(
            "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix_articles_%'") ==
        "9");
}

TEST_CASE("set_up: the tables of an existing web service are left as they are") {
    for (const auto kind : web_kinds()) {
        CAPTURE(name_of(kind));
        TestDatabase test(kind);
        const auto before = test.value(k_web_columns);
        Database database(test.address());
        CHECK_FALSE(set_up(database, "", false).web_tables_created);
        CHECK(test.value(k_web_columns) == before);
        const auto schema = read(test);
        const bool is_2025 = kind == Kind::web_2025 || kind == Kind::shared_2025;
        const bool is_bare = kind == Kind::web_2026_bare || kind == Kind::shared_2026_bare;
        CHECK((schema.generation == Generation::web_2025) == is_2025);
        CHECK(schema.unique_identifier == !is_bare);
        CHECK(schema.unique_content_hash == !is_bare);
    }
}

TEST_CASE("set_up: a dry run reports what it would do and leaves nothing behind") {
    TestDatabase test;
    Database database(test.address());
    CHECK(set_up(database, "", true).web_tables_created);
    CHECK(test.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'cti'") == "0");
    CHECK(test.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");
}

TEST_CASE("set_up: several at the same moment all succeed") {
    TestDatabase test;
    std::vector<std::thread> threads;
    std::vector<std::string> errors(4);
    for (auto& error : errors)
        threads.emplace_back([&test, &error] {
            try {
                Database database(test.address());
                set_up(database, "", false);
            } catch (const std::exception& caught) {
                error = caught.what();
            }
        });
    for (auto& thread : threads) thread.join();
    for (const auto& error : errors) CHECK(error == "");
    CHECK(read(test).time_zone == "UTC");
}

TEST_CASE("set_up: a role without CREATE is told what to grant") {
    TestDatabase test(Kind::web_2026);
    const auto role = test.make_role();
    Database database(test.address_as(role));
    const auto error = error_of([&] { set_up(database, "", false); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::database);
    CHECK(contains(error->hint(), "GRANT CREATE ON DATABASE " + test.name() + " TO " + role + ";"));

    TestDatabase empty;
    const auto other = empty.make_role();
    Database second(empty.address_as(other));
    const auto both = error_of([&] { set_up(second, "", false); });
    REQUIRE(both);
    CHECK(contains(both->hint(), "GRANT CREATE ON SCHEMA public TO " + other + ";"));
    CHECK(contains(both->hint(), "GRANT CREATE ON DATABASE " + empty.name() + " TO " + other + ";"));
}

TEST_CASE("set_up: a role with just the grant that was asked for succeeds") {
    TestDatabase test(Kind::web_2026);
    const auto role = test.make_role();
    test.run("GRANT CREATE ON DATABASE " + test.name() + " TO " + role +
             "; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO " + role);
    Database database(test.address_as(role));
    CHECK_NOTHROW(set_up(database, "", false));
}

TEST_CASE("set_up: a database that cannot hold every text is refused before anything is made") {
    for (const std::string encoding : {"LATIN1", "SQL_ASCII"}) {
        CAPTURE(encoding);
        const std::string name = "cti_test_" + encoding;
        TestDatabase::run_on_server("DROP DATABASE IF EXISTS \"" + name + "\"");
        TestDatabase::run_on_server("CREATE DATABASE \"" + name + "\" ENCODING '" + encoding +
                                    "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        {
            Database database("dbname=" + name);
            const auto refused = error_of([&] { set_up(database, "", false); });
            REQUIRE(refused);
            CHECK(refused->code() == ExitCode::schema);
            CHECK(contains(refused->what(), encoding));
            CHECK(contains(refused->hint(), "CREATE DATABASE \"" + name + "\" ENCODING 'UTF8'"));
            Transaction transaction(database);
            CHECK(run(transaction, "SELECT 1 FROM pg_namespace WHERE nspname = 'cti'").empty());
        }
        TestDatabase::run_on_server("DROP DATABASE \"" + name + "\"");
    }
}

TEST_CASE("set_up: somebody else's tables are named and not touched") {
    TestDatabase test;
    test.run("CREATE TABLE articles (id serial PRIMARY KEY, headline text)");
    Database database(test.address());
    const auto error = error_of([&] { set_up(database, "", false); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::schema);
    CHECK(contains(error->what(), "public.articles"));
    CHECK(contains(error->what(), "'source_id'"));
    CHECK(test.value("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'cti')") == "1");
}

TEST_CASE("set_up: a column of a strange type is named with its type") {
    TestDatabase test(Kind::web_2026);
    test.run(
        "ALTER TABLE sources ALTER COLUMN active DROP DEFAULT, ALTER COLUMN active TYPE text USING 'yes'");
    Database database(test.address());
    const auto error = error_of([&] { set_up(database, "", false); });
    REQUIRE(error);
    CHECK(contains(error->what(), "'active' is of type text"));
}

TEST_CASE("set_up: of the web service's tables the two small ones are made when they are missing") {
    TestDatabase test(Kind::web_2025);
    test.run("DROP TABLE content_hashes, source_checks");
    Database database(test.address());
    CHECK(set_up(database, "", false).web_tables_created);
    CHECK_NOTHROW(read(test));
    CHECK(test.value("SELECT to_regclass('public.app_settings') IS NULL") == "t");
}

TEST_CASE("set_up: sources without articles are refused, and so is completing tables without primary keys") {
    TestDatabase half(Kind::web_2025);
    half.run("DROP TABLE articles CASCADE");
    Database database(half.address());
    const auto error = error_of([&] { set_up(database, "", false); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::schema);
    CHECK(contains(error->what(), "articles"));

    TestDatabase bare(Kind::web_2026_bare);
    bare.run("DROP TABLE content_hashes");
    Database second(bare.address());
    const auto refused = error_of([&] { set_up(second, "", false); });
    REQUIRE(refused);
    CHECK(contains(refused->hint(), "ADD PRIMARY KEY"));
}

TEST_CASE("set_up: the time base of 2026 is the server's zone, unless a check lies in its future") {
    TestDatabase test(Kind::web_2026);
    test.run("ALTER DATABASE " + test.name() + " SET timezone = 'America/New_York'");
    {
        Database database(test.address());
        set_up(database, "", false);
        CHECK(read(test).time_zone == "America/New_York");
    }
    TestDatabase utc(Kind::web_2026);
    utc.run(
        "ALTER DATABASE " + utc.name() +
        " SET timezone = 'America/New_York'; "
        "INSERT INTO sources (identifier, name, url, check_frequency, lookback_days, active, config, last_check, consecutive_failures, "
        "total_articles, average_response_time, created_at, updated_at) VALUES ('a', 'A', 'https://a.example/', 3600, 180, true, '{}', "
        "now() AT TIME ZONE 'UTC', 0, 0, 0, now(), now())");
    Database database(utc.address());
    set_up(database, "", false);
    CHECK(read(utc).time_zone == "UTC");
}

TEST_CASE("set_up: a time zone that is given is recorded, one that does not exist is refused") {
    TestDatabase test(Kind::web_2026);
    Database database(test.address());
    const auto error = error_of([&] { set_up(database, "Mars/Olympus", false); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    set_up(database, "europe/berlin", false);
    CHECK(read(test).time_zone == "Europe/Berlin");
    set_up(database, "", false);
    CHECK(read(test).time_zone == "Europe/Berlin");
}

TEST_CASE(
    "read_schema: a database that is not ready asks for 'cti init', and one that is newer for a newer cti") {
    TestDatabase test(Kind::web_2025);
    const auto not_ready = error_of([&] { read(test); });
    REQUIRE(not_ready);
    CHECK(not_ready->code() == ExitCode::schema);
    CHECK(contains(not_ready->hint(), "cti init"));
    CHECK(error_of([] { read(TestDatabase()); }).value().code() == ExitCode::schema);

    Database database(test.address());
    set_up(database, "", false);
    test.run("INSERT INTO cti.migrations (name) VALUES ('9999_later')");
    const auto newer = error_of([&] { read(test); });
    REQUIRE(newer);
    CHECK(contains(newer->what(), "9999_later"));
    test.run("DELETE FROM cti.migrations");
    CHECK(contains(error_of([&] { read(test); }).value().what(), "older"));
}

TEST_CASE(
    "set_up: an older database is migrated with its rows, and who had rights has them on the new tables") {
    TestDatabase test(Kind::web_2026);
    const auto role = test.make_role();
    test.run(
        "CREATE SCHEMA cti; CREATE TABLE cti.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
    test.run(migrations()[0].sql);
    test.run(
        std::string("INSERT INTO cti.migrations (name) VALUES ('") + migrations()[0].name +
        "'); INSERT INTO cti.source_state (source_id, feed_url, etag) VALUES (7, 'https://a.example/feed', 'e');"
        "GRANT USAGE ON SCHEMA cti TO " +
        role + "; GRANT SELECT, INSERT ON cti.source_state TO " + role);
    CHECK(contains(error_of([&] { read(test); }).value().what(), "older"));
    Database database(test.address());
    CHECK(set_up(database, "", false).migrations.size() == migrations().size() - 1);
    CHECK_NOTHROW(read(test));
    CHECK(test.value("SELECT cursor::json->>'etag' FROM cti.source_state WHERE source_id = 7") == "e");
    CHECK(
        test.value(
            "SELECT bool_and(has_table_privilege('" + role +
            "', format('cti.%I', tablename), 'SELECT, INSERT') "
            "AND NOT has_table_privilege('" +
            role +
            "', format('cti.%I', tablename), 'DELETE')) FROM pg_tables "
            "WHERE schemaname = 'cti' AND tablename IN ('seen_entries', 'simhashes', 'near_duplicates', 'host_state')") ==
        "t");
}

TEST_CASE("set_up: pages that were still to be read keep how often they were asked for") {
    TestDatabase test(Kind::web_2026);
    test.run(
        "CREATE SCHEMA cti; CREATE TABLE cti.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
    for (const auto& migration : migrations()) {
        if (std::string_view(migration.name) >= "0010") break;
        test.run(migration.sql);
        test.run(std::string("INSERT INTO cti.migrations (name) VALUES ('") + migration.name + "')");
    }
    test.run("INSERT INTO cti.seen_entries (source_id, entry_key, content_key) VALUES (7, 'a', 'page:3'), "
             "(7, 'b', 'page:x'), (7, 'c', '0123456789abcdef0123456789abcdef'), (7, 'd', 'page:99999999')");
    Database database(test.address());
    set_up(database, "", false);
    CHECK(
        test.value("SELECT string_agg(entry_key || coalesce(page_tries::text, '-'), ',' ORDER BY entry_key) "
                   "FROM cti.seen_entries") == "a3,b-,c-,d-");
}

TEST_CASE("set_up: an older database gets marks of reading, which only those see who may read articles") {
    TestDatabase test(Kind::web_2026);
    const auto role = test.make_role(), status = test.make_role();
    test.run(
        "CREATE SCHEMA cti; CREATE TABLE cti.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
    for (const auto& migration : migrations()) {
        if (std::string_view(migration.name).ends_with("read_marks")) continue;
        test.run(migration.sql);
        test.run(std::string("INSERT INTO cti.migrations (name) VALUES ('") + migration.name + "')");
    }
    test.run("GRANT SELECT ON cti.source_state TO " + role + ", " + status +
             "; GRANT SELECT ON articles TO " + role);
    Database database(test.address());
    CHECK(set_up(database, "", false).migrations.size() == 1);
    const auto may_read = [&](const std::string& who) {
        return test.value("SELECT has_table_privilege('" + who + "', 'cti.read_marks', 'SELECT')");
    };
    CHECK(may_read(role) == "t");
    CHECK(may_read(status) == "f");
    test.run("INSERT INTO cti.read_marks (article_id, reader) VALUES (1, 'anna'), (1, 'ben')");
}
