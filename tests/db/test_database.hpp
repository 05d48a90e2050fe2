#pragma once
#include "core/base/error.hpp"
#include "core/db/database.hpp"
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <optional>
#include <string>
#include <vector>

// Every test makes a database of its own on the server that PGHOST, PGPORT and PGUSER name, and drops it.
std::string why_no_server(); // empty: there is one

// At the end of main(): libpqxx has tables of its own, which may be gone before ours.
void drop_templates();

// What stands in the database before cti comes. The shared ones are loaded from CTI_COMPAT_DIR where that is
// set.
enum class Kind { empty, web_2025, web_2026, web_2026_bare, shared_2025, shared_2026, shared_2026_bare };
std::string name_of(Kind kind);
std::vector<Kind> all_kinds();
std::vector<Kind> web_kinds(); // without `empty`

class TestDatabase {
public:
    explicit TestDatabase(Kind kind = Kind::empty);
    explicit TestDatabase(const std::string& copied); // from the database of that name
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    const std::string& name() const { return m_name; }
    std::string address() const { return "dbname=" + m_name; }
    std::string address_as(const std::string& role) const { return address() + " user=" + role; }
    static void run_on_server(const std::string& sql); // beside all test databases
    void run(const std::string& sql) const;
    std::string value(const std::string& sql)
        const; // of the first column of the first row; "NULL" and "none" are words here
    // A role that may only connect; dropped with the database.
    std::string make_role();

private:
    std::string m_name;
    std::vector<std::string> m_roles;
};

// A database that cti has been set up in, with one source.
struct Ready {
    explicit Ready(Kind kind = Kind::empty);
    cti::db::Transaction begin() { return cti::db::Transaction(database); }

    TestDatabase test;
    cti::db::Database database;
    cti::db::Schema schema;
    int source_id = 0;
};

cti::SourceSpec make_spec(const std::string& identifier);
cti::Article make_article(int number); // different numbers: nothing in common
cti::Time make_time(const char* rfc3339);

// What `work` throws, or nothing.
template <class Work>
std::optional<cti::Error> error_of(const Work& work) {
    try {
        work();
    } catch (const cti::Error& error) {
        return error;
    }
    return std::nullopt;
}
inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
