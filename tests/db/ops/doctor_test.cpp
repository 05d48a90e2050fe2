#include "core/db/diagnosis.hpp"
#include "core/db/migrate.hpp"
#include "core/db/schema.hpp"
#include "core/ops/doctor/doctor.hpp"
#include "use_case.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;

namespace {
using Finding = ops::Finding;

std::vector<Finding> examine(const std::string& url) {
    ops::DoctorOptions options;
    options.find_address = [&] { return ops::FoundAddress{url, "DATABASE_URL"}; };
    return ops::examine(options);
}
Finding get(const std::vector<Finding>& findings, const std::string& check) {
    const auto found = std::ranges::find(findings, check, &Finding::check);
    REQUIRE(found != findings.end());
    return *found;
}
}

TEST_CASE("doctor: tells of articles that are not in the search index") {
    Ready ready;
    CHECK(get(examine(ready.test.address()), "search index").verdict == ops::Verdict::ok);
    ready.test.run(fmt::format(
        "INSERT INTO articles (source_id, canonical_url, title, published_at, content, content_hash) "
        "SELECT {}, 'https://x.example/' || i, 'Report', now(), 'text', md5(i::text) FROM generate_series(1, 1000) AS i",
        ready.source_id));
    const auto behind = get(examine(ready.test.address()), "search index");
    CHECK(behind.verdict == ops::Verdict::warn);
    CHECK(contains(behind.remedy, "cti intel backfill --step words"));
}

TEST_CASE("doctor: a database that is ready passes, and a source that fails is named") {
    Ready ready;
    auto findings = examine(ready.test.address());
    for (const char* check : {"address", "authentication", "server", "schema", "rights", "sources"})
        CHECK(get(findings, check).verdict == ops::Verdict::ok);
    CHECK(get(findings, "sources").detail == "1, 1 active, 0 failing");
    ready.test.run("UPDATE sources SET consecutive_failures = 3, last_check = now()");
    findings = examine(ready.test.address());
    CHECK(get(findings, "source first").verdict == ops::Verdict::warn);
}

TEST_CASE("doctor: a job that is ready and that nobody takes is told of") {
    Ready ready;
    CHECK(get(examine(ready.test.address()), "jobs").detail == "none waits, and nobody works");
    ready.test.run("INSERT INTO cti.jobs (kind, run_at) VALUES ('collect', now() - interval '20 min')");
    auto found = get(examine(ready.test.address()), "jobs");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(contains(found.remedy, "cti worker"));
    ready.test.run(
        "INSERT INTO cti.workers (name, version, kinds, concurrency) VALUES ('host:1', '1', '{collect}', 2)");
    found = get(examine(ready.test.address()), "jobs");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(contains(found.detail, "20 min"));
    ready.test.run("UPDATE cti.jobs SET run_at = now()");
    CHECK(get(examine(ready.test.address()), "jobs").verdict == ops::Verdict::ok);
}

TEST_CASE("doctor: a database without tables fails by its schema, and what needs it is skipped") {
    const TestDatabase empty;
    const auto findings = examine(empty.address());
    CHECK(get(findings, "authentication").verdict == ops::Verdict::ok);
    CHECK(get(findings, "schema").verdict == ops::Verdict::fail);
    CHECK(get(findings, "rights").verdict == ops::Verdict::skipped);
    CHECK_FALSE(ops::is_well(findings));
}

TEST_CASE("doctor: a schema that has lost its keys fails, until init has made them again") {
    Ready ready;
    ready.test.run(
        "ALTER TABLE cti.seen_entries DROP CONSTRAINT seen_entries_pkey; DROP INDEX cti.indicators_value");
    const auto found = get(examine(ready.test.address()), "indexes");
    CHECK(found.verdict == ops::Verdict::fail);
    CHECK(found.detail == "missing: cti.indicators (value), cti.seen_entries (source_id, entry_key)");
    CHECK(contains(found.remedy, "cti init"));
    db::set_up(ready.database, "", false);
    CHECK(get(examine(ready.test.address()), "indexes").verdict == ops::Verdict::ok);
    ready.test.run("DROP TABLE cti.progress");
    CHECK(get(examine(ready.test.address()), "tables").detail == "missing: cti.progress");
}

TEST_CASE("doctor: keys of the web service's tables that are lost are named with what makes them") {
    Ready ready;
    CHECK(get(examine(ready.test.address()), "keys").verdict == ops::Verdict::ok);
    ready.test.run("DROP INDEX ix_articles_content_hash");
    const auto found = get(examine(ready.test.address()), "keys");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(found.detail == "not unique: public.articles (content_hash)");
    CHECK(contains(found.remedy, "CREATE UNIQUE INDEX ON public.articles (content_hash);"));
}

TEST_CASE("doctor: addresses that stand twice are named") {
    Ready ready;
    CHECK(get(examine(ready.test.address()), "addresses").verdict == ops::Verdict::ok);
    ready.test.run(
        "INSERT INTO articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata) "
        "SELECT s.id, 'https://twice.example/', 'Title', now(), '[]', '[]', 'Text', n::text, '{}' "
        "FROM sources s, generate_series(1, 2) AS n");
    const auto found = get(examine(ready.test.address()), "addresses");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(found.detail == "standing more than once: https://twice.example/ (2 articles)");
}

TEST_CASE("doctor: embeddings that are text where the server has vectors are named") {
    Ready ready;
    ready.test.run("CREATE DOMAIN public.vector AS text"); // stands for pgvector's type
    const auto found = get(examine(ready.test.address()), "embeddings");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(contains(found.remedy, "ALTER COLUMN embedding TYPE vector(768)"));
}

TEST_CASE("doctor: an encoding that cannot hold every text fails, with what makes a right one") {
    const TestDatabase test;
    CHECK(get(examine(test.address()), "encoding").verdict == ops::Verdict::ok);
    const auto name = test.name() + "_latin1";
    TestDatabase::run_on_server("CREATE DATABASE " + name +
                                " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    const auto found = get(examine("dbname=" + name), "encoding");
    TestDatabase::run_on_server("DROP DATABASE " + name);
    CHECK(found.verdict == ops::Verdict::fail);
    CHECK(contains(found.detail, "LATIN1"));
    CHECK(contains(found.remedy, "CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0"));
}

TEST_CASE("doctor: a kind of job that none of the workers takes is named") {
    Ready ready;
    ready.test.run(
        "INSERT INTO cti.jobs (kind) VALUES ('export'), ('collect'); INSERT INTO cti.workers (name, version, kinds, "
        "concurrency) VALUES ('host:1', '1', '{collect}', 2)");
    const auto found = get(examine(ready.test.address()), "jobs");
    CHECK(found.verdict == ops::Verdict::warn);
    CHECK(contains(found.detail, "1 worker, of which none takes export"));
    CHECK(contains(found.remedy, "--export-dir"));
}

TEST_CASE("doctor: a transaction that holds vacuum back is named with its process, once it is old") {
    Ready ready;
    CHECK(get(examine(ready.test.address()), "vacuum").verdict == ops::Verdict::ok);
    db::Database other(ready.test.address(), {}, "a long report");
    db::Transaction reading(other, db::Access::read_only);
    db::read_schema(reading);
    db::Database database(ready.test.address());
    db::Transaction transaction(database, db::Access::read_only);
    CHECK(db::find_vacuum_holders(transaction, std::chrono::hours(1)).empty());
    const auto holders = db::find_vacuum_holders(transaction, std::chrono::seconds(0));
    REQUIRE(holders.size() == 1);
    CHECK(contains(holders[0].who, "'a long report'"));
    CHECK(holders[0].what.starts_with("session "));
    CHECK(contains(holders[0].remedy, "pg_terminate_backend(" + holders[0].what.substr(8) + ")"));
}
