#include "core/db/migrate.hpp"
#include "core/db/own_indexes.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
constexpr const char* k_count = R"sql(
    SELECT count(*)::text || ' ' || count(*) FILTER (WHERE i.indisprimary)
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'cti'::regnamespace)sql";

// As a restore that failed half-way leaves the schema.
constexpr const char* k_lose_all = R"sql(
    DO $$
    DECLARE lost record;
    BEGIN
        FOR lost IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
                    WHERE connamespace = 'cti'::regnamespace AND contype = 'p' LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', lost.name, lost.conname);
        END LOOP;
        FOR lost IN SELECT indexrelid::regclass AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                    WHERE c.relnamespace = 'cti'::regnamespace LOOP
            EXECUTE format('DROP INDEX %s', lost.name);
        END LOOP;
    END $$)sql";

std::vector<std::string> missing_of(db::Database& database) {
    db::Transaction transaction(database, db::Access::read_only);
    return db::missing_indexes(transaction);
}
}

TEST_CASE("own indexes: all that the migrations make are known, and none is missing") {
    Ready ready;
    CHECK(missing_of(ready.database).empty());
    auto transaction = ready.begin();
    CHECK(db::missing_tables(transaction).empty());
    CHECK(ready.test.value(k_count) == "45 27");
}

TEST_CASE("own indexes: what was lost is named, and init makes it again") {
    Ready ready;
    ready.test.run(k_lose_all);
    CHECK(ready.test.value(k_count) == "0 0");
    CHECK(missing_of(ready.database).size() == 45);
    ready.test.run("INSERT INTO cti.progress SELECT 'words', 1, n FROM generate_series(1, 3) AS n;"
                   "INSERT INTO cti.jobs (id, kind, unique_key) VALUES (1, 'x', 'night'), (2, 'x', 'night')");
    const auto report = db::set_up(ready.database, "", false);
    CHECK(report.indexes_made.size() == 45);
    CHECK(ready.test.value(k_count) == "45 27");
    CHECK(missing_of(ready.database).empty());
    CHECK(ready.test.value("SELECT string_agg(done_to::text, ' ') FROM cti.progress WHERE task = 'words'") ==
          "3");
    CHECK(ready.test.value("SELECT string_agg(id::text, ' ') FROM cti.jobs WHERE unique_key = 'night'") ==
          "2");
    CHECK(db::set_up(ready.database, "", false).indexes_made.empty());
}

TEST_CASE("own indexes: those of a migration that is still to come are left to it") {
    Ready ready;
    ready.test.run(
        "ALTER TABLE cti.seen_entries DROP COLUMN text_key; DROP INDEX cti.seen_entries_article_link; "
        "DELETE FROM cti.migrations WHERE name = '0011_deleted_articles'");
    CHECK(missing_of(ready.database).empty());
    const auto report = db::set_up(ready.database, "", false);
    CHECK(report.indexes_made.empty());
    CHECK(report.migrations.at(0) == "0011_deleted_articles");
    CHECK(missing_of(ready.database).empty());
    CHECK(ready.test.value(k_count) == "45 27");
}

TEST_CASE("own indexes: one that enforces the same under another name is none that is missing") {
    Ready ready;
    ready.test.run(
        "ALTER TABLE cti.progress DROP CONSTRAINT progress_pkey; CREATE UNIQUE INDEX ON cti.progress (task)");
    CHECK(missing_of(ready.database).empty());
    ready.test.run("ALTER INDEX cti.runs_finished_at RENAME TO other");
    CHECK(missing_of(ready.database).empty());
}

TEST_CASE("own indexes: an index that only finds does not serve as a key") {
    Ready ready;
    ready.test.run(
        "ALTER TABLE cti.progress DROP CONSTRAINT progress_pkey; CREATE INDEX progress_pkey ON cti.progress (task)");
    CHECK(missing_of(ready.database) == std::vector<std::string>{"cti.progress (task)"});
    CHECK(db::set_up(ready.database, "", false).indexes_made.size() == 1);
    CHECK(missing_of(ready.database).empty());
}
