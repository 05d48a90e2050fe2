#include "test_database.hpp"

#include "core/base/hash.hpp"
#include "core/db/migrate.hpp"
#include "core/store/web/sources.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <memory>
#include <pqxx/pqxx>
#include <random>
#include <sstream>
#include <stdexcept>

namespace {
std::string admin_address() {
    return "dbname=" + std::string(std::getenv("PGDATABASE") ? std::getenv("PGDATABASE") : "postgres");
}

void run_outside_transaction(const std::string& sql) {
    pqxx::connection connection(admin_address());
    pqxx::nontransaction work(connection);
    work.exec(sql);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string random_name(const char* prefix) {
    static std::random_device device;
    return fmt::format("{}_{:08x}{:08x}", prefix, device(), device());
}

std::string data(const char* file) { return read_file(std::string(CTI_TEST_DATA "/db/") + file); }
std::string shared(const char* file) {
    return read_file(std::string(std::getenv("CTI_COMPAT_DIR")) + "/" + file);
}

std::string tables_of(Kind kind) {
    switch (kind) {
    case Kind::empty: return "";
    case Kind::web_2025: return data("web_2025.sql");
    case Kind::web_2026: return data("web_2026.sql");
    case Kind::web_2026_bare: return data("web_2026.sql") + data("drop_constraints.sql");
    case Kind::shared_2025: return shared("web-schema-2025.sql");
    case Kind::shared_2026: return shared("web-schema-2026.sql");
    case Kind::shared_2026_bare: return shared("web-schema-2026.sql") + data("drop_constraints.sql");
    }
    return "";
}
}

std::string why_no_server() {
    try {
        pqxx::connection connection(admin_address());
        return "";
    } catch (const std::exception& error) {
        return error.what();
    }
}

std::string name_of(Kind kind) {
    static const char* names[] = {"empty",       "web_2025",    "web_2026",        "web_2026_bare",
                                  "shared_2025", "shared_2026", "shared_2026_bare"};
    return names[static_cast<int>(kind)];
}

std::vector<Kind> web_kinds() {
    std::vector<Kind> kinds = {Kind::web_2025, Kind::web_2026, Kind::web_2026_bare};
    if (std::getenv("CTI_COMPAT_DIR"))
        kinds.insert(kinds.end(), {Kind::shared_2025, Kind::shared_2026, Kind::shared_2026_bare});
    return kinds;
}

std::vector<Kind> all_kinds() {
    auto kinds = web_kinds();
    kinds.insert(kinds.begin(), Kind::empty);
    return kinds;
}

namespace {
enum class State { as_found, set_up };
std::map<std::pair<Kind, State>, std::unique_ptr<TestDatabase>>& templates() {
    static std::map<std::pair<Kind, State>, std::unique_ptr<TestDatabase>> made;
    return made;
}

// The database that those of a kind are copied from, made when it is first asked for: to copy takes a third
// of the time that it takes to make the tables.
const std::string& template_of(Kind kind, State state) {
    auto& found = templates()[{kind, state}];
    if (!found) {
        found = std::make_unique<TestDatabase>(state == State::set_up ? template_of(kind, State::as_found)
                                                                      : "template0");
        if (state == State::as_found) {
            found->run(tables_of(kind));
        } else {
            cti::db::Database database(found->address());
            cti::db::set_up(database, "", false);
        }
    }
    return found->name();
}
}

void drop_templates() { templates().clear(); }

TestDatabase::TestDatabase(const std::string& copied) : m_name(random_name("cti_test")) {
    run_outside_transaction("CREATE DATABASE " + m_name + " TEMPLATE " + copied + " STRATEGY file_copy" +
                            (copied == "template0" ? " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'" : ""));
}

TestDatabase::TestDatabase(Kind kind)
    : TestDatabase(kind == Kind::empty ? "template0" : template_of(kind, State::as_found)) {}

TestDatabase::~TestDatabase() {
    try {
        run_outside_transaction("DROP DATABASE " + m_name + " WITH (FORCE)");
        for (const auto& role : m_roles) run_outside_transaction("DROP ROLE " + role);
    } catch (const std::exception& error) {
        fmt::print(stderr, "cannot drop {}: {}\n", m_name, error.what());
    }
}

void TestDatabase::run_on_server(const std::string& sql) { run_outside_transaction(sql); }

void TestDatabase::run(const std::string& sql) const {
    pqxx::connection connection(address());
    pqxx::work work(connection);
    work.exec(sql);
    work.commit();
}

std::string TestDatabase::value(const std::string& sql) const {
    pqxx::connection connection(address());
    pqxx::work work(connection);
    const auto rows = work.exec(sql);
    if (rows.empty()) return "none";
    return rows[0][0].is_null() ? "NULL" : rows[0][0].c_str();
}

std::string TestDatabase::make_role() {
    m_roles.push_back(random_name("cti_role"));
    run_outside_transaction("CREATE ROLE " + m_roles.back() + " LOGIN");
    return m_roles.back();
}

namespace {
cti::db::Schema schema_of(cti::db::Database& database) {
    cti::db::Transaction transaction(database);
    return cti::db::read_schema(transaction);
}
}

Ready::Ready(Kind kind)
    : test(template_of(kind, State::set_up)), database(test.address()), schema(schema_of(database)) {
    cti::db::Transaction transaction(database);
    source_id = cti::store::insert_source(transaction, schema, make_spec("first"));
    transaction.commit();
}

cti::SourceSpec make_spec(const std::string& identifier) {
    cti::SourceSpec spec;
    spec.identifier = identifier;
    spec.name = "The " + identifier + " blog";
    spec.url = "https://" + identifier + ".example/";
    spec.rss_url = spec.url + "feed.xml";
    return spec;
}

cti::Time make_time(const char* rfc3339) { return cti::parse_time_argument(rfc3339, cti::Time{}).value(); }

cti::Article make_article(int number) {
    cti::Article article;
    article.url = fmt::format("https://first.example/{}", number);
    article.title = fmt::format("Report {}", number);
    article.published_at = make_time("2026-03-08T07:30:00Z") + std::chrono::hours(number);
    article.authors = {"Ada", "Łukasz \"L\" O'Neil"};
    article.tags = {"apt", "C:\\Windows"};
    article.summary = "In short";
    article.content = fmt::format(
        "Text of report {} with {{braces}}, \"quotes\", back\\slash,\nlines and 日本語 😀", number);
    article.hashes = {cti::sha256_hex(fmt::format("a{}", number)),
                      cti::sha256_hex(fmt::format("b{}", number)),
                      cti::sha256_hex(fmt::format("c{}", number))};
    article.simhash = 0xB9719D911017C592 + static_cast<std::uint64_t>(number);
    article.word_count = 14;
    article.metadata_json = R"({"threat_hunting_score":31.5,"perfect_keyword_matches":["rundll32"]})";
    return article;
}
