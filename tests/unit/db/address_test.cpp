#include "core/base/error.hpp"
#include "core/db/address.hpp"
#include "core/db/diagnosis.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <string>
#include <vector>

using namespace cti;
using namespace cti::db;

namespace {
// "host=db port=5432 user=u": what the address says, in the order of the names.
std::string said(const std::string& text) {
    std::string out;
    for (const auto& [name, value] : parse_address(text).parameters)
        out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, value);
    return out;
}

// The message and the hint of the refusal; "" where there is none.
std::string refusal(const std::string& text) {
    try {
        parse_address(text);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return fmt::format("{} | {}", error.what(), error.hint());
    }
    return {};
}
}

TEST_CASE("parse_address: libpq's own spellings mean what they mean to libpq") {
    CHECK(said("") == "");
    CHECK(said("  host=db dbname=x ") == "dbname=x host=db");
    CHECK(said("host = 'a b' password='it\\'s'") == "host=a b password=it's");
    CHECK(said("host=db password=a://b") == "host=db password=a://b");
    CHECK(said("service=cti") == "service=cti");
    CHECK(said("postgresql://") == "");
    CHECK(said("postgres://db/x") == "dbname=x host=db");
    CHECK(said("POSTGRESQL://db/x") == "dbname=x host=db");
    CHECK(said("postgresql:///x") == "dbname=x");
    CHECK(said("postgresql://db") == "host=db");
    CHECK(said("postgresql://u@db:5433/x") == "dbname=x host=db port=5433 user=u");
    CHECK(said("postgresql://u:p@db/x") == "dbname=x host=db password=p user=u");
    CHECK(said("postgresql://[::1]:5432/x") == "dbname=x host=::1 port=5432");
    CHECK(said("postgresql://u:p@[2001:db8::1]/x") == "dbname=x host=2001:db8::1 password=p user=u");
    CHECK(said("postgresql://a:5432,b:5433/x") == "dbname=x host=a,b port=5432,5433");
    CHECK(said("postgresql://u:p@a,b/x?target_session_attrs=read-write") ==
          "dbname=x host=a,b password=p port=, target_session_attrs=read-write user=u");
    CHECK(said("postgresql://%2Frun%2Fpostgresql/x") == "dbname=x host=/run/postgresql");
    CHECK(said("postgresql://u@/x?host=/run/postgresql&port=5433") ==
          "dbname=x host=/run/postgresql port=5433 user=u");
    CHECK(said("postgresql://db/x?sslmode=verify-full&application_name=mine") ==
          "application_name=mine dbname=x host=db sslmode=verify-full");
    CHECK(said("postgresql://db/x?user=u&password=p") == "dbname=x host=db password=p user=u");
    CHECK(said("postgresql://db/x?application_name=me@home") == "application_name=me@home dbname=x host=db");
    CHECK(said("postgresql://localhost/my@db") == "dbname=my@db host=localhost");
    CHECK(said("postgresql://db/x?application_name=a+b") == "application_name=a+b dbname=x host=db");
}

TEST_CASE("parse_address: what SQLAlchemy and asyncpg write for themselves is understood or left out") {
    CHECK(said("postgresql+asyncpg://u:p@db:5432/x") == "dbname=x host=db password=p port=5432 user=u");
    CHECK(said("postgresql+psycopg2://db/x?sslmode=require") == "dbname=x host=db sslmode=require");
    CHECK(said("postgresql+psycopg2_2://db/x") == "dbname=x host=db");
    CHECK(said("postgresql+asyncpg://db/x?ssl=require") == "dbname=x host=db sslmode=require");
    CHECK(said("postgresql+asyncpg://db/x?ssl=verify-full") == "dbname=x host=db sslmode=verify-full");
    CHECK(said("postgresql+asyncpg://db/x?ssl=verify-ca&sslrootcert=/ca.pem") ==
          "dbname=x host=db sslmode=verify-ca sslrootcert=/ca.pem");
    CHECK(said("postgresql+asyncpg://db/x?ssl=true") == "dbname=x host=db sslmode=require");
    CHECK(said("postgresql+asyncpg://db/x?ssl=False") == "dbname=x host=db sslmode=disable");
    CHECK(said("postgresql+asyncpg://db/x?prepared_statement_cache_size=0") == "dbname=x host=db");
    CHECK(said("postgresql+asyncpg://db/x?async_fallback=true&ssl=prefer&statement_cache_size=0") ==
          "dbname=x host=db sslmode=prefer");
    CHECK(said("postgresql+asyncpg://db/x?command_timeout=60&timeout=2.5&plugin=p") == "dbname=x host=db");
    CHECK(said("postgresql://db?database=x") == "dbname=x host=db");
    CHECK(said("postgresql+psycopg2://u:p@/x?host=a:5432&host=b:5433") ==
          "dbname=x host=a,b password=p port=5432,5433 user=u");
    CHECK(said("postgresql+psycopg2://u:p@/x?host=a&host=b") == "dbname=x host=a,b password=p user=u");
    CHECK(said("postgresql+psycopg2://db/x?application_name=a+b") == "application_name=a b dbname=x host=db");
}

TEST_CASE("parse_address: a password ends at the last @ before the host, whatever it holds") {
    const auto password_of = [](const std::string& userinfo, const std::string& rest) {
        auto parameters = parse_address("postgresql+asyncpg://" + userinfo + "@" + rest).parameters;
        CHECK(parameters["host"] == "db");
        CHECK(parameters["dbname"] == "x");
        CHECK(parameters["user"] == "u");
        return parameters["password"];
    };
    CHECK(password_of("u:p@ss", "db/x") == "p@ss");
    CHECK(password_of("u:@@@", "db:5432/x") == "@@@");
    CHECK(password_of("u:s3@cr/et", "db/x") == "s3@cr/et");
    CHECK(password_of("u:pa/ss", "db/x") == "pa/ss");
    CHECK(password_of("u:pa?ss", "db/x") == "pa?ss");
    CHECK(password_of("u:pa?user=ss", "db/x") == "pa?user=ss");
    CHECK(password_of("u:p@ss?x=y", "db/x?sslmode=prefer") == "p@ss?x=y");
    CHECK(password_of("u:p:a#s s", "db/x?application_name=me@home") == "p:a#s s");
    CHECK(password_of("u:p%40ss%2f", "db/x") == "p@ss/");
    CHECK(password_of("u:100%", "db/x") == "100%");
    CHECK(password_of("u:a%zzb", "db/x") == "a%zzb");
    CHECK(password_of("u:1234/ab", "db/x") == "1234/ab");
    CHECK(password_of("u:pässwörd", "db/x") == "pässwörd");
    CHECK(password_of("u:", "db/x").empty());
    CHECK(said("postgresql://me@server:p@db/x") == "dbname=x host=db password=p user=me@server");
}

TEST_CASE("parse_address: what has two readings is refused, as one of them would show a password") {
    for (const auto* text : {"postgresql://u:12/canary@db", "postgresql://u:a@b/canary@db",
                             "postgresql://localhost:5432/my@db", "postgresql://us/er:canary@db/x"}) {
        CAPTURE(text);
        const auto message = refusal(text);
        CHECK(message.find("two ways") != std::string::npos);
        CHECK(message.find("%40") != std::string::npos);
        CHECK(message.find("canary") == std::string::npos);
    }
}

TEST_CASE("parse_address: no refusal quotes a part of the password") {
    for (const auto* text : {"canary",
                             "canary=word",
                             "host=db password=a canary",
                             "host=db password=a canary=b",
                             "password='canary",
                             "postgresql://u:canary",
                             "postgresql://u:canary/x",
                             "postgresql://u:canary@[::1/x",
                             "postgresql://u:canary@db:99x/x",
                             "postgresql://u:canary@db/x?no_such=1",
                             "postgresql://u@db/x?password=a&canary=1",
                             "postgresql://u@db/x?password=can=ary",
                             "postgresql://u@db/x?canary",
                             "postgresql://u@db/x?password=canary%zz",
                             "postgresql://u:canary%00@db/x",
                             "postgresql://u:p@db/x?canary=1@",
                             "mysql://u:canary@db/x",
                             "canary://u@db/x",
                             "sqlite:///canary.db",
                             "jdbc:postgresql://db/x?password=canary&a",
                             "postgresql://db:canary/x?a=b@c",
                             "postgresql://u:can@ary"}) {
        CAPTURE(text);
        const auto message = refusal(text);
        CAPTURE(message);
        for (const auto* part : {"canary", "ary"}) CHECK(message.find(part) == std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
        CHECK(masked_url(text).find("canary") == std::string::npos);
    }
    CHECK(refusal("postgresql://u@db/x?no_such=1").find("does not know one of its parameters") !=
          std::string::npos);
}

TEST_CASE("masked_url: no form of password is left") {
    CHECK(masked_url("postgresql://u:s3cret@db/x") == "postgresql://u:***@db/x");
    CHECK(masked_url("postgresql+asyncpg://u:s3@cr/et@db/x") == "postgresql+asyncpg://u:***@db/x");
    CHECK(masked_url("postgresql://u@db/x?password=s3cret&user=b") ==
          "postgresql://u@db/x?password=***&user=b");
    CHECK(masked_url("postgresql://u@db/x?sslpassword=s3cret") == "postgresql://u@db/x?sslpassword=***");
    CHECK(masked_url("postgresql://u@db/x?p%61ssword=s3cret") == "postgresql://u@db/x?p%61ssword=***");
    CHECK(masked_url("host=db password=s3cret user=u") == "host=db password=*** user=u");
    CHECK(masked_url("host=db password = 's3 \\' cret' user='a b'") == "host=db password=*** user='a b'");
    CHECK(masked_url("postgresql://db/x") == "postgresql://db/x");
    CHECK(masked_url("postgresql://u:s3cret") == "***");
    CHECK(masked_url("postgresql://u:s3@cret") == "postgresql://u:***@***");
    CHECK(masked_url("postgresql://u:s3@cret?sslmode=require") == "postgresql://u:***@***?sslmode=require");
    CHECK(masked_url("password=") == "password=***");
    CHECK(masked_url("") == "");
}

TEST_CASE("find_target: a host that may be the end of a password is not shown") {
    for (const auto* text :
         {"postgresql://u:CANA@RYPW", "postgresql+asyncpg://u:a@CANA@RYPW?ssl=require",
          "postgres://u:CANA@RY.PW", "postgresql://u:CANA@RY,PW", "postgresql://u:CANA@RYPW/"}) {
        CAPTURE(text);
        CHECK(find_target(text).shown_host == "***");
        CHECK(parse_address(text).is_host_doubtful);
    }
    for (const auto* text :
         {"postgresql://u:p@db/x", "postgresql://u:p@db:5432", "postgresql://u:p@10.0.0.1",
          "postgresql://u:p@localhost", "postgresql://u:p@[::1]", "postgresql://u:p@/x?host=db",
          "postgresql://u@db", "postgresql://db", "host=db password=p"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_address(text).is_host_doubtful);
        const auto target = find_target(text);
        CHECK(target.shown_host == target.host);
    }
}

TEST_CASE("find_target: of several servers the first one, with its port or the usual one") {
    const auto place = [](const char* text) {
        const auto target = find_target(text);
        return fmt::format("{}:{}/{}", target.host, target.port, target.database);
    };
    CHECK(place("postgresql://a:5433,b:5434/x") == "a:5433/x");
    CHECK(place("postgresql+asyncpg://u:p@a:5433/x?ssl=require") == "a:5433/x");
    CHECK(place("postgresql://a,b:5434/x") == "a:5432/x");
    CHECK(find_target("postgresql://u:p@a/x").has_password);
    CHECK(find_target("postgresql+asyncpg://a/x?ssl=require").ssl_mode == "require");
}

TEST_CASE("connection_string: libpq reads the same parameters out of it again") {
    for (const auto* text : {"host='a b' password='it\\'s \\\\ \"x\"'", "postgresql://u:a%27b%5Cc%20@db/x",
                             "host='' dbname=x", "", "postgresql://a,b/x?options=-c%20work_mem%3D4MB"}) {
        CAPTURE(text);
        const auto address = parse_address(text);
        CHECK(parse_address(connection_string(address)).parameters == address.parameters);
    }
}

TEST_CASE("with_defaults: the address says more than we do, but not of the encoding") {
    const auto defaults = with_defaults({}, "cti collect").parameters;
    CHECK(defaults.at("fallback_application_name") == "cti collect");
    CHECK(defaults.at("client_encoding") == "UTF8");
    CHECK(defaults.at("tcp_user_timeout") == "60000");
    CHECK(defaults.contains("connect_timeout") == (std::getenv("PGCONNECT_TIMEOUT") == nullptr));
    const auto own = with_defaults(
        parse_address("connect_timeout=3 keepalives_idle=5 client_encoding=LATIN1 application_name=mine"),
        "cti");
    CHECK(own.parameters.at("connect_timeout") == "3");
    CHECK(own.parameters.at("keepalives_idle") == "5");
    CHECK(own.parameters.at("application_name") == "mine");
    CHECK(own.parameters.at("client_encoding") == "UTF8");
    // A value that only looks like the name of a parameter is none.
    const auto lookalike = with_defaults(parse_address("dbname=connect_timeout"), "cti").parameters;
    CHECK(lookalike.contains("connect_timeout") == (std::getenv("PGCONNECT_TIMEOUT") == nullptr));
}
